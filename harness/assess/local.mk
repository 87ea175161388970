libpostproof_a_SOURCES += \
  harness/assess/assess.c harness/assess/assess.h \
  harness/assess/assess_arrival.c harness/assess/assess_arrival.h harness/assess/assess_message.c harness/assess/assess_message.h \
  harness/assess/assess_trace.c harness/assess/assess_trace.h

check_PROGRAMS += \
  tests/unit/test_assess \
  tests/unit/test_wall
tests_unit_test_wall_LDADD = libpostproof.a $(CMOCKA_LIBS) $(LIBS_PURE)
