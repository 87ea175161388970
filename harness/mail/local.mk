libpostproof_a_SOURCES += \
  harness/mail/address_form.c harness/mail/address_form.h \
  harness/mail/address.c harness/mail/address.h harness/mail/address_check.c harness/mail/address_loose.c \
  harness/mail/authres.c harness/mail/authres.h harness/mail/authres_word.c \
  harness/mail/charset.c harness/mail/charset.h \
  harness/mail/date.c harness/mail/date.h \
  harness/mail/dsn.c harness/mail/dsn.h harness/mail/dsn_forms.c harness/mail/dsn_forms.h \
  harness/mail/dsn_text.c harness/mail/dsn_text.h \
  harness/mail/decode.c harness/mail/decode.h \
  harness/mail/encode.c harness/mail/encode.h harness/mail/encode_body.c \
  harness/mail/header.c harness/mail/header.h \
  harness/mail/hops.c harness/mail/hops.h \
  harness/mail/html.c harness/mail/html.h \
  harness/mail/part.c harness/mail/part.h \
  harness/mail/received.c harness/mail/received.h harness/mail/received_peer.c harness/mail/received_peer.h \
  harness/mail/received_tls.c harness/mail/received_tls.h \
  harness/mail/returned.c harness/mail/returned.h \
  harness/mail/rfc5322.c harness/mail/rfc5322.h \
  harness/mail/sender.c harness/mail/sender.h \
  harness/mail/tag.c harness/mail/tag.h \
  harness/mail/theirs.c harness/mail/theirs.h harness/mail/theirs_part.c harness/mail/theirs_part.h

check_PROGRAMS += \
  tests/unit/test_address \
  tests/unit/test_address_form \
  tests/unit/test_authres \
  tests/unit/test_charset \
  tests/unit/test_date \
  tests/unit/test_decode \
  tests/unit/test_dsn \
  tests/unit/test_dsn_text \
  tests/unit/test_encode \
  tests/unit/test_header \
  tests/unit/test_hops \
  tests/unit/test_html \
  tests/unit/test_part \
  tests/unit/test_received \
  tests/unit/test_returned \
  tests/unit/test_rfc5322 \
  tests/unit/test_sender \
  tests/unit/test_tag \
  tests/unit/test_theirs \
  tests/unit/test_theirs_part

check_PROGRAMS += \
  tests/fuzz/fuzz_address \
  tests/fuzz/fuzz_authres \
  tests/fuzz/fuzz_dsn \
  tests/fuzz/fuzz_header \
  tests/fuzz/fuzz_html \
  tests/fuzz/fuzz_received \
  tests/fuzz/fuzz_sender \
  tests/fuzz/fuzz_theirs
tests_fuzz_fuzz_address_SOURCES = tests/fuzz/fuzz_address.c $(fuzz_driver)
tests_fuzz_fuzz_address_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_authres_SOURCES = tests/fuzz/fuzz_authres.c $(fuzz_driver)
tests_fuzz_fuzz_authres_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_dsn_SOURCES = tests/fuzz/fuzz_dsn.c $(fuzz_driver)
tests_fuzz_fuzz_dsn_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_header_SOURCES = tests/fuzz/fuzz_header.c $(fuzz_driver)
tests_fuzz_fuzz_header_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_html_SOURCES = tests/fuzz/fuzz_html.c $(fuzz_driver)
tests_fuzz_fuzz_html_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_received_SOURCES = tests/fuzz/fuzz_received.c $(fuzz_driver)
tests_fuzz_fuzz_received_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_sender_SOURCES = tests/fuzz/fuzz_sender.c $(fuzz_driver)
tests_fuzz_fuzz_sender_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_theirs_SOURCES = tests/fuzz/fuzz_theirs.c $(fuzz_driver)
tests_fuzz_fuzz_theirs_LDFLAGS = $(fuzz_ldflags)
