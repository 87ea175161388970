libpostproof_a_SOURCES += \
  harness/send/compose.c harness/send/compose.h \
  harness/send/message_template.c harness/send/message_template.h \
  harness/send/send_settings.c harness/send/send_settings.h \
  harness/send/smtp.c harness/send/smtp.h \
  harness/send/smtp_dialogue.c harness/send/smtp_dialogue.h \
  harness/send/smtp_job.h \
  harness/send/smtp_link.c harness/send/smtp_link.h \
  harness/send/smtp_params.c harness/send/smtp_params.h \
  harness/send/smtp_queue.c harness/send/smtp_queue.h \
  harness/send/smtp_reopen.c harness/send/smtp_reopen.h \
  harness/send/smtp_session.c harness/send/smtp_session.h \
  harness/send/smtp_sign_in.c harness/send/smtp_sign_in.h \
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
  tests/unit/test_smtp_auth \
  tests/unit/test_smtp_dialogue \
  tests/unit/test_smtp_more \
  tests/unit/test_smtp_queue \
  tests/unit/test_smtp_refusal \
  tests/unit/test_template
tests_unit_test_smtp_SOURCES = tests/unit/test_smtp.c $(smtp_bench)
tests_unit_test_smtp_auth_SOURCES = tests/unit/test_smtp_auth.c $(smtp_bench)
tests_unit_test_smtp_more_SOURCES = tests/unit/test_smtp_more.c $(smtp_bench)
tests_unit_test_smtp_refusal_SOURCES = tests/unit/test_smtp_refusal.c $(smtp_bench)

check_PROGRAMS += tests/fuzz/fuzz_template
tests_fuzz_fuzz_template_SOURCES = tests/fuzz/fuzz_template.c $(fuzz_driver)
tests_fuzz_fuzz_template_LDFLAGS = $(fuzz_ldflags)
