libpostproof_a_SOURCES += \
  harness/run_posture/earlier_messages.c harness/run_posture/earlier_messages.h \
  harness/run_posture/preflight.c harness/run_posture/preflight.h \
  harness/run_posture/posture_history.c harness/run_posture/posture_history.h \
  harness/run_posture/posture_input.c harness/run_posture/posture_input.h \
  harness/run_posture/reply.c harness/run_posture/reply.h

check_PROGRAMS += \
  tests/unit/test_posture_input \
  tests/unit/test_reply
tests_unit_test_posture_input_CFLAGS = $(store_test_cflags)
tests_unit_test_reply_SOURCES = tests/unit/test_reply.c tests/unit/smtp_server.c tests/unit/smtp_server.h
tests_unit_test_reply_CFLAGS = $(store_test_cflags)
