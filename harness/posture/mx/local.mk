libpostproof_a_SOURCES += \
  harness/posture/mx/checks.h \
  harness/posture/mx/check_mx.c \
  harness/posture/mx/mx_accepts.c \
  harness/posture/mx/mx_dane.c \
  harness/posture/mx/mx_report.c harness/posture/mx/mx_report.h \
  harness/posture/mx/mx_visit.c harness/posture/mx/mx_visit.h \
  harness/posture/mx/tlsa.c harness/posture/mx/tlsa.h

check_PROGRAMS += \
  tests/fuzz/fuzz_tlsa \
  tests/unit/test_check_mx \
  tests/unit/test_tlsa
tests_unit_test_tlsa_SOURCES = tests/unit/test_tlsa.c $(test_peer)
tests_fuzz_fuzz_tlsa_SOURCES = tests/fuzz/fuzz_tlsa.c $(fuzz_driver)
tests_fuzz_fuzz_tlsa_LDFLAGS = $(fuzz_ldflags)
# A domain whose servers are the test's own.
mx_bench = tests/unit/dns_words.c tests/unit/dns_words.h tests/unit/mx_bench.c tests/unit/mx_bench.h \
  tests/unit/smtp_server.c tests/unit/smtp_server.h $(test_peer)
tests_unit_test_check_mx_SOURCES = tests/unit/test_check_mx.c $(mx_bench)
