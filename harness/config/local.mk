libpostproof_a_SOURCES += \
  harness/config/config.c harness/config/config.h \
  harness/config/config_check.c harness/config/config_check.h \
  harness/config/config_doc.c harness/config/config_doc.h \
  harness/config/config_files.c harness/config/config_files.h \
  harness/config/config_find.c harness/config/config_find.h \
  harness/config/config_load.c harness/config/config_load.h \
  harness/config/config_problem.c harness/config/config_problem.h \
  harness/config/config_provider.c harness/config/config_provider.h \
  harness/config/config_read.c harness/config/config_read.h \
  harness/config/config_reader.c harness/config/config_reader.h \
  harness/config/config_resolver.c harness/config/config_resolver.h \
  harness/config/config_secrets.c harness/config/config_secrets.h \
  harness/config/config_show.c harness/config/config_show.h \
  harness/config/config_stored.c harness/config/config_stored.h \
  harness/config/rule_packs.c harness/config/rule_packs.h

check_PROGRAMS += \
  tests/fuzz/fuzz_config \
  tests/unit/test_config \
  tests/unit/test_config_files \
  tests/unit/test_rule_packs
tests_fuzz_fuzz_config_SOURCES = tests/fuzz/fuzz_config.c $(fuzz_driver)
tests_fuzz_fuzz_config_LDFLAGS = $(fuzz_ldflags)
