postproof_SOURCES += \
  harness/cmd/command.h harness/cmd/exit.h
libpostproof_a_SOURCES += \
  harness/cmd/command.c harness/cmd/command_table.c \
  harness/cmd/cmd_config.c
