libpostproof_a_SOURCES += \
  harness/auth/arc.h harness/auth/dkim.h harness/auth/dmarc.h harness/auth/orgdomain.h harness/auth/spf.h
