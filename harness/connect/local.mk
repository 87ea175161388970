libpostproof_a_SOURCES += \
  harness/connect/connect.h \
  harness/connect/connect_mailbox.c harness/connect/connect_mailbox.h \
  harness/connect/connect_smtp.c harness/connect/connect_smtp.h

check_PROGRAMS += \
  tests/unit/test_connect_mailbox \
  tests/unit/test_connect_smtp
tests_unit_test_connect_mailbox_SOURCES = tests/unit/test_connect_mailbox.c $(test_run_bench)
tests_unit_test_connect_smtp_SOURCES = tests/unit/test_connect_smtp.c tests/unit/smtp_server.c tests/unit/smtp_server.h
