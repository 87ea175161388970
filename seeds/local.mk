libpostproof_a_SOURCES += \
  seeds/seed.c seeds/seed.h

check_PROGRAMS += tests/unit/test_seed
