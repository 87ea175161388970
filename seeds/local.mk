libpostproof_a_SOURCES += \
  seeds/seed.c seeds/seed.h

check_PROGRAMS += tests/unit/test_seed
tests_unit_test_seed_LDADD = $(unit_ldadd)
