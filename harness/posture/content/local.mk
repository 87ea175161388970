libpostproof_a_SOURCES += \
  harness/posture/content/checks.h \
  harness/posture/content/check_content.c \
  harness/posture/content/content.c harness/posture/content/content.h \
  harness/posture/content/content_body.c \
  harness/posture/content/content_checks.h \
  harness/posture/content/content_form.c \
  harness/posture/content/content_header.c \
  harness/posture/content/content_links.c \
  harness/posture/content/content_reach.c \
  harness/posture/content/content_score.c \
  harness/posture/content/content_unsubscribe.c \
  harness/posture/content/rspamd.c harness/posture/content/rspamd.h \
  harness/posture/content/spam_score.h \
  harness/posture/content/spamd.c harness/posture/content/spamd.h

check_PROGRAMS += \
  tests/fuzz/fuzz_spam_score \
  tests/unit/test_check_content \
  tests/unit/test_content_score
tests_unit_test_check_content_SOURCES = tests/unit/test_check_content.c tests/unit/fake_dns.c tests/unit/fake_dns.h \
  $(test_peer)
tests_unit_test_content_score_SOURCES = tests/unit/test_content_score.c $(test_peer)
tests_fuzz_fuzz_spam_score_SOURCES = tests/fuzz/fuzz_spam_score.c $(fuzz_driver)
tests_fuzz_fuzz_spam_score_LDFLAGS = $(fuzz_ldflags)
