libpostproof_a_SOURCES += \
  harness/dns/dns_settings.c harness/dns/dns_settings.h \
  harness/dns/answer_compare.c harness/dns/answer_compare.h \
  harness/dns/chain.c harness/dns/chain.h \
  harness/dns/name.c harness/dns/name.h \
  harness/dns/name_server.c harness/dns/name_server.h \
  harness/dns/packet.c harness/dns/packet.h \
  harness/dns/rdata.c harness/dns/rdata.h \
  harness/dns/resolver.c harness/dns/resolver.h \
  harness/dns/resolver_live.c harness/dns/resolver_live.h \
  harness/dns/resolver_snapshot.c harness/dns/resolver_snapshot.h \
  harness/dns/resolver_zone.c harness/dns/resolver_zone.h \
  harness/dns/snapshot.c harness/dns/snapshot.h \
  harness/dns/zone.c harness/dns/zone.h harness/dns/zone_internal.h \
  harness/dns/zone_parse.c harness/dns/zone_rdata.c harness/dns/zone_token.c

check_PROGRAMS += \
  tests/unit/test_chain \
  tests/unit/test_dns_name \
  tests/unit/test_dns_settings \
  tests/unit/test_name_server \
  tests/unit/test_packet \
  tests/unit/test_rdata \
  tests/unit/test_resolver_live \
  tests/unit/test_resolver_snapshot \
  tests/unit/test_resolver_zone \
  tests/unit/test_zone
tests_unit_test_chain_SOURCES = tests/unit/test_chain.c $(test_dns)
tests_unit_test_name_server_SOURCES = tests/unit/test_name_server.c $(test_dns_server)
tests_unit_test_resolver_live_SOURCES = tests/unit/test_resolver_live.c $(test_dns_server)
tests_unit_test_resolver_snapshot_SOURCES = tests/unit/test_resolver_snapshot.c $(test_dns)
tests_unit_test_resolver_zone_SOURCES = tests/unit/test_resolver_zone.c $(test_dns)

check_PROGRAMS += \
  tests/fuzz/fuzz_packet \
  tests/fuzz/fuzz_rdata \
  tests/fuzz/fuzz_zone
tests_fuzz_fuzz_packet_SOURCES = tests/fuzz/fuzz_packet.c $(fuzz_driver)
tests_fuzz_fuzz_packet_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_rdata_SOURCES = tests/fuzz/fuzz_rdata.c $(fuzz_driver)
tests_fuzz_fuzz_rdata_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_zone_SOURCES = tests/fuzz/fuzz_zone.c $(fuzz_driver)
tests_fuzz_fuzz_zone_LDFLAGS = $(fuzz_ldflags)

# Zones and answers in words, for the tests of resolvers.
test_dns = tests/unit/dns_words.c tests/unit/dns_words.h

# A server of such zones on the loopback.
test_dns_server = tests/unit/dns_server.c tests/unit/dns_server.h $(test_dns)
