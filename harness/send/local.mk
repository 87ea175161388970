libpostproof_a_SOURCES += \
  harness/send/compose.c harness/send/compose.h \
  harness/send/smtp.c harness/send/smtp.h \
  harness/send/smtp_dialogue.c harness/send/smtp_dialogue.h \
  harness/send/smtp_link.c harness/send/smtp_link.h \
  harness/send/smtp_queue.c harness/send/smtp_queue.h \
  harness/send/smtp_reply.c harness/send/smtp_reply.h \
  harness/send/smtp_session.c harness/send/smtp_session.h \
  harness/send/smtp_settings.c harness/send/smtp_settings.h \
  harness/send/template.c harness/send/template.h harness/send/template_parts.h \
  harness/send/template_mime.c harness/send/template_mime.h \
  harness/send/template_vars.c harness/send/template_vars.h

smtp_bench = \
  tests/unit/make_cert.c tests/unit/make_cert.h \
  tests/unit/smtp_bench.c tests/unit/smtp_bench.h \
  tests/unit/smtp_server.c tests/unit/smtp_server.h

check_PROGRAMS += \
  tests/unit/test_compose \
  tests/unit/test_smtp \
  tests/unit/test_template
tests_unit_test_compose_LDADD = $(unit_ldadd)
tests_unit_test_smtp_SOURCES = tests/unit/test_smtp.c $(smtp_bench)
tests_unit_test_smtp_LDADD = $(unit_ldadd)
tests_unit_test_template_LDADD = $(unit_ldadd)
