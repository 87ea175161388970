libpostproof_a_SOURCES += \
  harness/dns_wait/dns_survey.c harness/dns_wait/dns_survey.h \
  harness/dns_wait/dns_wait.c harness/dns_wait/dns_wait.h \
  harness/dns_wait/dns_wait_judge.c harness/dns_wait/dns_wait_judge.h \
  harness/dns_wait/dns_wait_params.h \
  harness/dns_wait/dns_wait_plan.c harness/dns_wait/dns_wait_plan.h \
  harness/dns_wait/dns_wait_servers.c \
  harness/dns_wait/policy_age.c harness/dns_wait/policy_age.h

check_PROGRAMS += \
  tests/unit/test_dns_wait \
  tests/unit/test_dns_wait_judge \
  tests/unit/test_dns_wait_plan
tests_unit_test_dns_wait_SOURCES = tests/unit/test_dns_wait.c $(test_dns_server)
tests_unit_test_dns_wait_plan_SOURCES = tests/unit/test_dns_wait_plan.c $(test_survey)
