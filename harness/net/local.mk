libpostproof_a_SOURCES += \
  harness/net/curl_peer.c harness/net/curl_peer.h \
  harness/net/dial.c harness/net/dial.h \
  harness/net/http.c harness/net/http.h \
  harness/net/resolve.c harness/net/resolve.h \
  harness/net/sasl.c harness/net/sasl.h \
  harness/net/smtp_client.c harness/net/smtp_client.h \
  harness/net/smtp_content.c harness/net/smtp_content.h \
  harness/net/smtp_reply.c harness/net/smtp_reply.h \
  harness/net/tls_facts.h \
  harness/net/tls_certificate.c harness/net/tls_certificate.h \
  harness/net/tls_client.c harness/net/tls_client.h \
  harness/net/tls_stream.c harness/net/tls_stream.h

check_PROGRAMS += \
  tests/unit/test_dial \
  tests/unit/test_http \
  tests/unit/test_resolve \
  tests/unit/test_smtp_client \
  tests/unit/test_smtp_content \
  tests/unit/test_smtp_reply \
  tests/unit/test_tls_stream
tests_unit_test_dial_SOURCES = tests/unit/test_dial.c $(test_peer)
tests_unit_test_resolve_SOURCES = tests/unit/test_resolve.c
tests_unit_test_http_SOURCES = tests/unit/test_http.c $(test_peer)
tests_unit_test_smtp_client_SOURCES = tests/unit/test_smtp_client.c $(test_peer)
tests_unit_test_tls_stream_SOURCES = tests/unit/test_tls_stream.c $(test_peer)

# Scripted servers and their certificates, for the tests of whatever talks to a network.
test_peer = tests/unit/peer.c tests/unit/peer.h

check_PROGRAMS += tests/fuzz/fuzz_smtp_reply
tests_fuzz_fuzz_smtp_reply_SOURCES = tests/fuzz/fuzz_smtp_reply.c $(fuzz_driver)
tests_fuzz_fuzz_smtp_reply_LDFLAGS = $(fuzz_ldflags)

libpostproof_a_SOURCES += harness/net/url.c harness/net/url.h
check_PROGRAMS += tests/unit/test_url

check_PROGRAMS += tests/unit/test_sasl tests/fuzz/fuzz_sasl
tests_fuzz_fuzz_sasl_SOURCES = tests/fuzz/fuzz_sasl.c $(fuzz_driver)
tests_fuzz_fuzz_sasl_LDFLAGS = $(fuzz_ldflags)

check_PROGRAMS += tests/unit/test_tls_policy
tests_unit_test_tls_policy_SOURCES = tests/unit/test_tls_policy.c $(test_peer)
