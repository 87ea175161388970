libpostproof_a_SOURCES += \
  harness/judge/arrival.c harness/judge/arrival.h \
  harness/judge/evidence.h \
  harness/judge/rule_settings.c harness/judge/rule_settings.h \
  harness/judge/expect.c harness/judge/expect.h \
  harness/judge/expect_key.h \
  harness/judge/expect_value.c harness/judge/expect_value.h \
  harness/judge/judge.c harness/judge/judge.h \
  harness/judge/matrix.c harness/judge/matrix.h \
  harness/judge/posture.c harness/judge/posture.h \
  harness/judge/reason.c harness/judge/reason.h harness/judge/reason_arrival.c harness/judge/reason_arrival.h harness/judge/reason_reply.c harness/judge/reason_reply.h \
  harness/judge/reason_words.c harness/judge/reason_words.h \
  harness/judge/replies.c harness/judge/replies.h harness/judge/replies_table.c \
  harness/judge/rule.c harness/judge/rule.h \
  harness/judge/seed_fault.c harness/judge/seed_fault.h \
  harness/judge/waiver.c harness/judge/waiver.h

rulesdir = $(pkgdatadir)/rules
dist_rules_DATA = \
  harness/judge/rules/gmail.ini \
  harness/judge/rules/microsoft.ini \
  harness/judge/rules/rfc.ini \
  harness/judge/rules/uk-gov.ini \
  harness/judge/rules/yahoo.ini

check_PROGRAMS += tests/unit/test_arrival tests/unit/test_expect tests/unit/test_judge tests/unit/test_matrix tests/unit/test_replies tests/unit/test_seed_fault

check_PROGRAMS += tests/unit/test_rule tests/unit/test_posture_judge
check_PROGRAMS += tests/unit/test_findings_doc
