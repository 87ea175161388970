libpostproof_a_SOURCES += \
  harness/posture/authority.c harness/posture/authority.h \
  harness/posture/check.h \
  harness/posture/check_from.c \
  harness/posture/checks.c harness/posture/checks.h \
  harness/posture/posture.c harness/posture/posture.h
