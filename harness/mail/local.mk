libpostproof_a_SOURCES += \
  harness/mail/address.h \
  harness/mail/authres.h \
  harness/mail/date.h \
  harness/mail/dsn.h \
  harness/mail/encode.h \
  harness/mail/header.h \
  harness/mail/hops.h \
  harness/mail/received.h \
  harness/mail/tag.h \
  harness/mail/theirs.h
