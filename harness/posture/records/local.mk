libpostproof_a_SOURCES += \
  harness/posture/records/checks.h \
  harness/posture/records/check_bimi.c \
  harness/posture/records/check_mta_sts.c \
  harness/posture/records/check_tls_rpt.c \
  harness/posture/records/mta_sts.c harness/posture/records/mta_sts.h \
  harness/posture/records/tls_rpt.c harness/posture/records/tls_rpt.h

check_PROGRAMS += \
  tests/fuzz/fuzz_mta_sts \
  tests/fuzz/fuzz_tls_rpt \
  tests/unit/test_check_bimi \
  tests/unit/test_check_mta_sts \
  tests/unit/test_mta_sts \
  tests/unit/test_tls_rpt
tests_fuzz_fuzz_mta_sts_SOURCES = tests/fuzz/fuzz_mta_sts.c $(fuzz_driver)
tests_fuzz_fuzz_mta_sts_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_tls_rpt_SOURCES = tests/fuzz/fuzz_tls_rpt.c $(fuzz_driver)
tests_fuzz_fuzz_tls_rpt_LDFLAGS = $(fuzz_ldflags)
tests_unit_test_check_mta_sts_SOURCES = tests/unit/test_check_mta_sts.c $(mx_bench)
tests_unit_test_check_bimi_SOURCES = tests/unit/test_check_bimi.c $(posture_bench)
