libpostproof_a_SOURCES += \
  harness/judge/expect.h \
  harness/judge/judge.h \
  harness/judge/matrix.h
