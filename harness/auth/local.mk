libpostproof_a_SOURCES += \
  harness/auth/arc.h harness/auth/dkim.h harness/auth/evaluate.c harness/auth/evaluate.h harness/auth/dmarc.h harness/auth/orgdomain.h harness/auth/spf.h
