
libpostproof_a_SOURCES += \
  harness/run/config.c harness/run/config.h \
  harness/run/config_check.c \
  harness/run/config_doc.c harness/run/config_doc.h \
  harness/run/config_files.c \
  harness/run/config_problem.c \
  harness/run/config_provider.c harness/run/config_provider.h \
  harness/run/config_read.c harness/run/config_read.h \
  harness/run/config_resolver.c \
  harness/run/config_show.c \
  harness/run/config_table.c harness/run/config_table.h \
  harness/run/config_value.c harness/run/config_value.h

check_PROGRAMS += tests/unit/test_config
tests_unit_test_config_LDADD = $(unit_ldadd)

check_PROGRAMS += tests/fuzz/fuzz_config
tests_fuzz_fuzz_config_SOURCES = tests/fuzz/fuzz_config.c $(fuzz_driver)
tests_fuzz_fuzz_config_LDADD = $(unit_ldadd)
tests_fuzz_fuzz_config_LDFLAGS = $(fuzz_ldflags)
libpostproof_a_SOURCES += \
  harness/run/account.c harness/run/account.h \
  harness/run/assess_message.c harness/run/assess_message.h \
  harness/run/dns_survey.c harness/run/dns_survey.h \
  harness/run/dns_wait.c harness/run/dns_wait.h harness/run/dns_wait_internal.h \
  harness/run/dns_wait_judge.c \
  harness/run/dns_wait_plan.c harness/run/dns_wait_plan.h harness/run/dns_wait_plan_internal.h \
  harness/run/dns_wait_servers.c \
  harness/run/evaluating.c harness/run/evaluating.h \
  harness/run/assess.c harness/run/assess.h \
  harness/run/assess_trace.c harness/run/assess_trace.h \
  harness/run/fact_log.c harness/run/fact_log.h \
  harness/run/ledger.c harness/run/ledger.h \
  harness/run/look.c harness/run/look.h \
  harness/run/mailbox.c harness/run/mailbox.h \
  harness/run/notices.c harness/run/notices.h \
  harness/run/plan.c harness/run/plan.h \
  harness/run/policy_age.c harness/run/policy_age.h \
  harness/run/pool.c harness/run/pool.h \
  harness/run/posture_history.c harness/run/posture_history.h \
  harness/run/posture_input.c harness/run/posture_input.h \
  harness/run/progress.h \
  harness/run/reply.c harness/run/reply.h \
  harness/run/rule_packs.c harness/run/rule_packs.h \
  harness/run/run.c harness/run/run.h \
  harness/run/seeds_check.c harness/run/seeds_check.h \
  harness/run/sending.c harness/run/sending.h \
  harness/run/watch.c harness/run/watch.h \
  harness/run/watch_internal.h harness/run/watch_setup.c

# A run with its mailboxes on the loopback.
test_run_bench = tests/unit/run_bench.c tests/unit/run_bench.h tests/unit/imap_mailbox.c tests/unit/imap_mailbox.h \
  $(test_peer)

check_PROGRAMS += \
  tests/unit/test_account \
  tests/unit/test_assess \
  tests/unit/test_ledger \
  tests/unit/test_evaluating \
  tests/unit/test_mailbox \
  tests/unit/test_notices \
  tests/unit/test_plan \
  tests/unit/test_pool \
  tests/unit/test_watch
tests_unit_test_evaluating_SOURCES = tests/unit/test_evaluating.c $(test_run_bench) $(test_dns_server)
tests_unit_test_evaluating_LDADD = $(unit_ldadd)
tests_unit_test_notices_SOURCES = tests/unit/test_notices.c $(test_run_bench)
tests_unit_test_notices_LDADD = $(unit_ldadd)
tests_unit_test_plan_LDADD = $(unit_ldadd)
tests_unit_test_account_SOURCES = tests/unit/test_account.c $(test_run_bench)
tests_unit_test_account_LDADD = $(unit_ldadd)
tests_unit_test_assess_LDADD = $(unit_ldadd)
tests_unit_test_ledger_LDADD = $(unit_ldadd)
tests_unit_test_mailbox_SOURCES = tests/unit/test_mailbox.c $(test_run_bench)
tests_unit_test_mailbox_LDADD = $(unit_ldadd)
tests_unit_test_pool_LDADD = $(unit_ldadd)
tests_unit_test_watch_SOURCES = tests/unit/test_watch.c $(test_run_bench)
tests_unit_test_watch_LDADD = $(unit_ldadd)

check_PROGRAMS += tests/unit/test_posture_input tests/unit/test_reply
tests_unit_test_posture_input_CFLAGS = $(store_test_cflags)
tests_unit_test_posture_input_LDADD = $(unit_ldadd)
tests_unit_test_reply_SOURCES = tests/unit/test_reply.c tests/unit/smtp_server.c tests/unit/smtp_server.h
tests_unit_test_reply_CFLAGS = $(store_test_cflags)
tests_unit_test_reply_LDADD = $(unit_ldadd)
check_PROGRAMS += tests/unit/test_dns_wait tests/unit/test_dns_wait_judge tests/unit/test_dns_wait_plan
tests_unit_test_dns_wait_judge_LDADD = $(unit_ldadd)
tests_unit_test_dns_wait_SOURCES = tests/unit/test_dns_wait.c $(test_dns_server)
tests_unit_test_dns_wait_LDADD = $(unit_ldadd)
tests_unit_test_dns_wait_plan_SOURCES = tests/unit/test_dns_wait_plan.c $(test_survey)
tests_unit_test_dns_wait_plan_LDADD = $(unit_ldadd)

check_PROGRAMS += tests/unit/test_rule_packs
tests_unit_test_rule_packs_LDADD = $(unit_ldadd)
