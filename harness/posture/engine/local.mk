libpostproof_a_SOURCES += \
  harness/posture/engine/addresses.c harness/posture/engine/addresses.h \
  harness/posture/engine/ask.c harness/posture/engine/ask.h \
  harness/posture/engine/check_resolver.c harness/posture/engine/check_resolver.h \
  harness/posture/engine/author.c harness/posture/engine/author.h \
  harness/posture/engine/authority.c harness/posture/engine/authority.h \
  harness/posture/engine/check.c harness/posture/engine/check.h \
  harness/posture/engine/mx_route.c harness/posture/engine/mx_route.h \
  harness/posture/engine/posture.h \
  harness/posture/engine/publish.c harness/posture/engine/publish.h \
  harness/posture/engine/record_fields.c harness/posture/engine/record_fields.h

check_PROGRAMS += \
  tests/unit/test_check_ask \
  tests/unit/test_mx_route \
  tests/unit/test_posture \
  tests/unit/test_posture_rounds
tests_unit_test_mx_route_SOURCES = tests/unit/test_mx_route.c tests/unit/fake_dns.c tests/unit/fake_dns.h
tests_unit_test_posture_SOURCES = tests/unit/test_posture.c $(test_dns_server)
tests_unit_test_posture_rounds_SOURCES = tests/unit/test_posture_rounds.c $(test_dns)
tests_unit_test_posture_rounds_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=pthread_create,--wrap=pthread_join
posture_bench = tests/unit/posture_bench.c tests/unit/posture_bench.h tests/unit/dns_words.c tests/unit/dns_words.h
tests_unit_test_check_ask_SOURCES = tests/unit/test_check_ask.c $(posture_bench)
