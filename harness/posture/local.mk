libpostproof_a_SOURCES += \
  harness/posture/posture_settings.c harness/posture/posture_settings.h \
  harness/posture/checks.c harness/posture/checks.h \
  harness/posture/survey.c harness/posture/survey.h

check_PROGRAMS += \
  tests/fuzz/fuzz_check_records \
  tests/unit/test_survey
tests_fuzz_fuzz_check_records_SOURCES = tests/fuzz/fuzz_check_records.c tests/unit/fake_dns.c $(fuzz_driver)
tests_fuzz_fuzz_check_records_LDFLAGS = $(fuzz_ldflags)
tests_unit_test_survey_SOURCES = tests/unit/test_survey.c $(test_survey)
# Snapshots of zones, for the tests of what compares them.
test_survey = tests/unit/survey_of.c tests/unit/survey_of.h $(test_dns)
