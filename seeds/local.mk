libpostproof_a_SOURCES += \
  seeds/seed.c seeds/seed.h
