libpostproof_a_SOURCES += \
  harness/net/dial.c harness/net/dial.h \
  harness/net/resolve.c harness/net/resolve.h \
  harness/net/tls_client.c harness/net/tls_client.h \
  harness/net/tls_stream.c harness/net/tls_stream.h
