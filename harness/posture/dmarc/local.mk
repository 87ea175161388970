libpostproof_a_SOURCES += \
  harness/posture/dmarc/checks.h \
  harness/posture/dmarc/check_dmarc.c harness/posture/dmarc/check_dmarc.h \
  harness/posture/dmarc/check_dmarc_identifiers.c \
  harness/posture/dmarc/check_dmarc_policy.c \
  harness/posture/dmarc/dmarc_edit.c harness/posture/dmarc/dmarc_edit.h

check_PROGRAMS += \
  tests/unit/test_check_dmarc
tests_unit_test_check_dmarc_SOURCES = tests/unit/test_check_dmarc.c $(posture_bench)
