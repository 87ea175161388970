libpostproof_a_SOURCES += \
  harness/base/banned.h harness/base/compiler.h \
  harness/base/base64.c harness/base/base64.h \
  harness/base/buf.c harness/base/buf.h \
  harness/base/clock.c harness/base/clock.h \
  harness/base/data_file.c harness/base/data_file.h \
  harness/base/descriptors.c harness/base/descriptors.h \
  harness/base/error.c harness/base/error.h \
  harness/base/escape.c harness/base/escape.h \
  harness/base/file.c harness/base/file.h \
  harness/base/ini.c harness/base/ini.h \
  harness/base/ip.c harness/base/ip.h \
  harness/base/log.c harness/base/log.h \
  harness/base/process.c harness/base/process.h \
  harness/base/secret.c harness/base/secret.h \
  harness/base/setting.c harness/base/setting.h \
  harness/base/span.c harness/base/span.h \
  harness/base/string_list.c harness/base/string_list.h \
  harness/base/text.c harness/base/text.h \
  harness/base/thread.c harness/base/thread.h \
  harness/base/utf8.c harness/base/utf8.h \
  harness/base/vec.c harness/base/vec.h

check_PROGRAMS += tests/unit/test_base64

check_PROGRAMS += tests/unit/test_buf
tests_unit_test_buf_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=malloc

check_PROGRAMS += tests/unit/test_clock

check_PROGRAMS += tests/unit/test_descriptors

check_PROGRAMS += tests/unit/test_error

check_PROGRAMS += tests/unit/test_escape

check_PROGRAMS += tests/unit/test_file

check_PROGRAMS += tests/unit/test_ini

check_PROGRAMS += tests/unit/test_ip

check_PROGRAMS += tests/unit/test_log

check_PROGRAMS += tests/unit/test_process

check_PROGRAMS += tests/unit/test_secret

check_PROGRAMS += tests/unit/test_setting

check_PROGRAMS += tests/unit/test_span

check_PROGRAMS += tests/unit/test_string_list

check_PROGRAMS += tests/unit/test_text

check_PROGRAMS += tests/unit/test_thread
check_PROGRAMS += tests/unit/test_utf8

check_PROGRAMS += tests/fuzz/fuzz_ini
tests_fuzz_fuzz_ini_SOURCES = tests/fuzz/fuzz_ini.c $(fuzz_driver)
tests_fuzz_fuzz_ini_LDFLAGS = $(fuzz_ldflags)
