libpostproof_a_SOURCES += \
  harness/send/compose.h \
  harness/send/smtp.h \
  harness/send/template.h
