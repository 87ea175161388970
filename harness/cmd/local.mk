postproof_SOURCES += \
  harness/cmd/command.h harness/cmd/exit.h
libpostproof_a_SOURCES += \
  harness/cmd/command.c \
  harness/cmd/command_line.c harness/cmd/command_line.h \
  harness/cmd/command_table.c harness/cmd/command_table.h \
  harness/cmd/cmd_check.c \
  harness/cmd/cmd_inbound.c \
  harness/cmd/domain_check.c harness/cmd/domain_check.h \
  harness/cmd/cmd_config.c \
  harness/cmd/cmd_dns.c \
  harness/cmd/cmd_explain.c \
  harness/cmd/cmd_export.c \
  harness/cmd/cmd_history.c \
  harness/cmd/cmd_matrix.c \
  harness/cmd/cmd_reply.c \
  harness/cmd/cmd_run.c \
  harness/cmd/cmd_seeds.c \
  harness/cmd/cmd_spf.c \
  harness/cmd/cmd_verify.c \
  harness/cmd/dns_source.c harness/cmd/dns_source.h \
  harness/cmd/dns_waiting.c harness/cmd/dns_waiting.h \
  harness/cmd/output.c harness/cmd/output.h \
  harness/cmd/progress_view.c harness/cmd/progress_view.h \
  harness/cmd/stored_run.c harness/cmd/stored_run.h \
  harness/cmd/writable_store.c harness/cmd/writable_store.h

check_PROGRAMS += tests/unit/test_command

check_PROGRAMS += tests/unit/test_progress_view

check_PROGRAMS += tests/unit/test_docs
