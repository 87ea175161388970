libpostproof_a_SOURCES += \
  harness/model/sasl_mechanism.c harness/model/sasl_mechanism.h \
  harness/model/imap_security.c harness/model/imap_security.h \
  harness/model/dns.c harness/model/dns.h \
  harness/model/dns_change.c harness/model/dns_change.h \
  harness/model/evaluation.c harness/model/evaluation.h \
  harness/model/finding.c harness/model/finding.h \
  harness/model/facts.c harness/model/facts.h \
  harness/model/reading.c harness/model/reading.h \
  harness/model/places.c harness/model/places.h \
  harness/model/trace.c harness/model/trace.h \
  harness/model/visibility.c harness/model/visibility.h \
  harness/model/words.c harness/model/words.h

check_PROGRAMS += tests/unit/test_dns_data

check_PROGRAMS += tests/unit/test_facts

check_PROGRAMS += tests/unit/test_reading
check_PROGRAMS += tests/unit/test_places

check_PROGRAMS += tests/unit/test_words
