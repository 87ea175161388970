libpostproof_a_SOURCES += \
  harness/base/banned.h harness/base/compiler.h \
  harness/base/buf.c harness/base/buf.h \
  harness/base/clock.c harness/base/clock.h \
  harness/base/error.c harness/base/error.h \
  harness/base/file.c harness/base/file.h \
  harness/base/ini.c harness/base/ini.h \
  harness/base/log.c harness/base/log.h \
  harness/base/process.c harness/base/process.h \
  harness/base/secret.c harness/base/secret.h \
  harness/base/span.c harness/base/span.h \
  harness/base/text.c harness/base/text.h \
  harness/base/vec.c harness/base/vec.h
