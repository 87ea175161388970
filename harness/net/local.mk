libpostproof_a_SOURCES += \
  harness/net/dial.h \
  harness/net/tls_stream.h \
  harness/net/tls_trust.h \
  harness/net/wait.h
