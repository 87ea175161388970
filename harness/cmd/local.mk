postproof_SOURCES += \
  harness/cmd/command.h harness/cmd/exit.h
libpostproof_a_SOURCES += \
  harness/cmd/command.c harness/cmd/command_table.c \
  harness/cmd/cmd_config.c

check_PROGRAMS += tests/unit/test_command
tests_unit_test_command_LDADD = $(unit_ldadd)

check_PROGRAMS += tests/unit/test_docs
tests_unit_test_docs_LDADD = $(unit_ldadd)
