libpostproof_a_SOURCES += \
  harness/dns/name.c harness/dns/name.h \
  harness/dns/rdata.c harness/dns/rdata.h \
  harness/dns/resolver.c harness/dns/resolver.h

check_PROGRAMS += \
  tests/unit/test_dns_name \
  tests/unit/test_rdata
tests_unit_test_dns_name_LDADD = $(unit_ldadd)
tests_unit_test_rdata_LDADD = $(unit_ldadd)
