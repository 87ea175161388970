libpostproof_a_SOURCES += \
  harness/posture/senders/checks.h \
  harness/posture/senders/blocklist.c harness/posture/senders/blocklist.h \
  harness/posture/senders/check_blocklist.c \
  harness/posture/senders/check_from.c \
  harness/posture/senders/check_helo.c \
  harness/posture/senders/check_no_reply.c \
  harness/posture/senders/check_ptr.c \
  harness/posture/senders/check_reply.c

check_PROGRAMS += \
  tests/unit/test_check_addresses \
  tests/unit/test_check_blocklist
tests_unit_test_check_addresses_SOURCES = tests/unit/test_check_addresses.c $(posture_bench)
tests_unit_test_check_blocklist_SOURCES = tests/unit/test_check_blocklist.c $(posture_bench)
