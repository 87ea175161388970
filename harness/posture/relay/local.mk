libpostproof_a_SOURCES += \
  harness/posture/relay/checks.h \
  harness/posture/relay/check_outbound.c \
  harness/posture/relay/inbound.c harness/posture/relay/inbound.h \
  harness/posture/relay/inbound_letter.c harness/posture/relay/inbound_letter.h \
  harness/posture/relay/outbound.h \
  harness/posture/relay/relay.c harness/posture/relay/relay.h \
  harness/posture/relay/relay_forms.c harness/posture/relay/relay_forms.h \
  harness/posture/relay/relay_session.c harness/posture/relay/relay_session.h

check_PROGRAMS += \
  tests/unit/test_check_outbound \
  tests/unit/test_inbound
tests_unit_test_check_outbound_SOURCES = tests/unit/test_check_outbound.c $(test_peer) tests/unit/fake_dns.c \
  tests/unit/fake_dns.h tests/unit/smtp_server.c tests/unit/smtp_server.h
tests_unit_test_inbound_SOURCES = tests/unit/test_inbound.c $(test_peer) tests/unit/fake_dns.c tests/unit/fake_dns.h
