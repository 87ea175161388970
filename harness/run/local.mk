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

check_PROGRAMS += tests/unit/test_config
tests_unit_test_config_LDADD = $(unit_ldadd)

check_PROGRAMS += tests/fuzz/fuzz_config
tests_fuzz_fuzz_config_SOURCES = tests/fuzz/fuzz_config.c $(fuzz_driver)
tests_fuzz_fuzz_config_LDADD = $(unit_ldadd)
tests_fuzz_fuzz_config_LDFLAGS = $(fuzz_ldflags)
