libpostproof_a_SOURCES += \
  harness/posture/spf/checks.h \
  harness/posture/spf/check_spf.c harness/posture/spf/check_spf.h \
  harness/posture/spf/check_spf_strings.c \
  harness/posture/spf/check_spf_terms.c \
  harness/posture/spf/check_spf_tree.c \
  harness/posture/spf/spf_edit.c harness/posture/spf/spf_edit.h \
  harness/posture/spf/spf_strings.c harness/posture/spf/spf_strings.h \
  harness/posture/spf/spf_tree.c harness/posture/spf/spf_tree.h

check_PROGRAMS += \
  tests/unit/test_check_spf
tests_unit_test_check_spf_SOURCES = tests/unit/test_check_spf.c $(posture_bench)
