libpostproof_a_SOURCES += \
  harness/dns/resolver.c harness/dns/resolver.h
