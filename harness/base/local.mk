libpostproof_a_SOURCES += \
  harness/base/banned.h harness/base/compiler.h \
  harness/base/buf.c harness/base/buf.h \
  harness/base/clock.c harness/base/clock.h \
  harness/base/data_file.c harness/base/data_file.h \
  harness/base/error.c harness/base/error.h \
  harness/base/file.c harness/base/file.h \
  harness/base/ini.c harness/base/ini.h \
  harness/base/ip.c harness/base/ip.h \
  harness/base/log.c harness/base/log.h \
  harness/base/process.c harness/base/process.h \
  harness/base/secret.c harness/base/secret.h \
  harness/base/span.c harness/base/span.h \
  harness/base/string_list.c harness/base/string_list.h \
  harness/base/text.c harness/base/text.h \
  harness/base/vec.c harness/base/vec.h

check_PROGRAMS += tests/unit/test_buf
tests_unit_test_buf_LDADD = $(unit_ldadd)

check_PROGRAMS += tests/unit/test_clock
tests_unit_test_clock_LDADD = $(unit_ldadd)

check_PROGRAMS += tests/unit/test_error
tests_unit_test_error_LDADD = $(unit_ldadd)

check_PROGRAMS += tests/unit/test_file
tests_unit_test_file_LDADD = $(unit_ldadd)

check_PROGRAMS += tests/unit/test_ini
tests_unit_test_ini_LDADD = $(unit_ldadd)

check_PROGRAMS += tests/unit/test_ip
tests_unit_test_ip_LDADD = $(unit_ldadd)

check_PROGRAMS += tests/unit/test_log
tests_unit_test_log_LDADD = $(unit_ldadd)

check_PROGRAMS += tests/unit/test_process
tests_unit_test_process_LDADD = $(unit_ldadd)

check_PROGRAMS += tests/unit/test_secret
tests_unit_test_secret_LDADD = $(unit_ldadd)

check_PROGRAMS += tests/unit/test_span
tests_unit_test_span_LDADD = $(unit_ldadd)

check_PROGRAMS += tests/unit/test_string_list
tests_unit_test_string_list_LDADD = $(unit_ldadd)

check_PROGRAMS += tests/unit/test_text
tests_unit_test_text_LDADD = $(unit_ldadd)

check_PROGRAMS += tests/fuzz/fuzz_ini
tests_fuzz_fuzz_ini_SOURCES = tests/fuzz/fuzz_ini.c $(fuzz_driver)
tests_fuzz_fuzz_ini_LDADD = $(unit_ldadd)
tests_fuzz_fuzz_ini_LDFLAGS = $(fuzz_ldflags)
