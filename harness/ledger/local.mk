libpostproof_a_SOURCES += \
  harness/ledger/fact_log.c harness/ledger/fact_log.h \
  harness/ledger/ledger.c harness/ledger/ledger.h \
  harness/ledger/progress.h

check_PROGRAMS += \
  tests/unit/test_ledger
