# harness/run: see doc/architecture.md

libpostproof_a_SOURCES += \
  harness/run/config.c harness/run/config.h \
  harness/run/config_check.c \
  harness/run/config_doc.c harness/run/config_doc.h \
  harness/run/config_files.c \
  harness/run/config_problem.c \
  harness/run/config_provider.c harness/run/config_provider.h \
  harness/run/config_read.c harness/run/config_read.h \
  harness/run/config_show.c \
  harness/run/config_table.c harness/run/config_table.h \
  harness/run/config_value.c harness/run/config_value.h
