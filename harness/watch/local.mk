libpostproof_a_SOURCES += \
  harness/watch/bounces_settings.c harness/watch/bounces_settings.h \
  harness/watch/account.c harness/watch/account.h \
  harness/watch/folder_look.c harness/watch/folder_look.h \
  harness/watch/account_place.c harness/watch/account_place.h \
  harness/watch/account_read.c harness/watch/account_read.h \
  harness/watch/account_sweep.c harness/watch/account_sweep.h \
  harness/watch/mailbox.c harness/watch/mailbox.h \
  harness/watch/notices.c harness/watch/notices.h \
  harness/watch/pool.c harness/watch/pool.h \
  harness/watch/seeds_check.c harness/watch/seeds_check.h \
  harness/watch/watch.c harness/watch/watch.h \
  harness/watch/watch_accounts.c harness/watch/watch_accounts.h \
  harness/watch/watch_session.c harness/watch/watch_session.h \
  harness/watch/watch_state.c harness/watch/watch_state.h

check_PROGRAMS += \
  tests/unit/test_account \
  tests/unit/test_account_read \
  tests/unit/test_account_sweep \
  tests/unit/test_mailbox \
  tests/unit/test_notices \
  tests/unit/test_pool \
  tests/unit/test_seeds_check \
  tests/unit/test_watch \
  tests/unit/test_watch_state
# A run with its mailboxes on the loopback.
test_run_bench = tests/unit/run_bench.c tests/unit/run_bench.h tests/unit/imap_mailbox.c tests/unit/imap_mailbox.h \
  $(test_peer)
tests_unit_test_notices_SOURCES = tests/unit/test_notices.c $(test_run_bench)
# One account on the thread of the test.
test_account_bench = tests/unit/account_bench.c tests/unit/account_bench.h $(test_run_bench)
tests_unit_test_account_SOURCES = tests/unit/test_account.c $(test_run_bench)
tests_unit_test_account_read_SOURCES = tests/unit/test_account_read.c $(test_account_bench)
tests_unit_test_account_sweep_SOURCES = tests/unit/test_account_sweep.c $(test_account_bench)
tests_unit_test_mailbox_SOURCES = tests/unit/test_mailbox.c $(test_run_bench)
tests_unit_test_seeds_check_SOURCES = tests/unit/test_seeds_check.c $(test_run_bench)
tests_unit_test_watch_SOURCES = tests/unit/test_watch.c $(test_run_bench)
tests_unit_test_pool_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=pthread_create
