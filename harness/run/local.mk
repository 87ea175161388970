libpostproof_a_SOURCES += \
  harness/run/run_settings.c harness/run/run_settings.h \
  harness/run/evaluating.c harness/run/evaluating.h \
  harness/run/plan.c harness/run/plan.h \
  harness/run/recorder.c harness/run/recorder.h \
  harness/run/run.c harness/run/run.h \
  harness/run/sending.c harness/run/sending.h

check_PROGRAMS += \
  tests/unit/test_evaluating \
  tests/unit/test_plan \
  tests/unit/test_recorder \
  tests/unit/test_sending
tests_unit_test_evaluating_SOURCES = tests/unit/test_evaluating.c $(test_run_bench) $(test_dns_server)
tests_unit_test_recorder_SOURCES = tests/unit/test_recorder.c $(test_run_bench)
tests_unit_test_sending_SOURCES = tests/unit/test_sending.c $(test_run_bench) tests/unit/smtp_server.c \
  tests/unit/smtp_server.h
