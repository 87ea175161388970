libpostproof_a_SOURCES += \
  harness/posture/dkim/checks.h \
  harness/posture/dkim/check_dkim.c harness/posture/dkim/check_dkim.h \
  harness/posture/dkim/check_dkim_record.c

check_PROGRAMS += \
  tests/unit/test_check_dkim
tests_unit_test_check_dkim_SOURCES = tests/unit/test_check_dkim.c $(posture_bench) tests/unit/dns_server.c \
  tests/unit/dns_server.h
