libpostproof_a_SOURCES += \
  harness/judge/expect.c harness/judge/expect.h \
  harness/judge/expect_value.c harness/judge/expect_value.h \
  harness/judge/judge.c harness/judge/judge.h \
  harness/judge/matrix.c harness/judge/matrix.h \
  harness/judge/reason.c harness/judge/reason.h

check_PROGRAMS += tests/unit/test_expect tests/unit/test_judge tests/unit/test_matrix
tests_unit_test_expect_LDADD = $(unit_ldadd)
tests_unit_test_judge_LDADD = $(unit_ldadd)
tests_unit_test_matrix_LDADD = $(unit_ldadd)
