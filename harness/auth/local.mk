libpostproof_a_SOURCES += \
  harness/auth/arc.c harness/auth/arc.h \
  harness/auth/arc_chain.c harness/auth/arc_chain.h \
  harness/auth/dkim.h \
  harness/auth/dkim_canon.c harness/auth/dkim_canon.h \
  harness/auth/dkim_explain.c harness/auth/dkim_explain.h \
  harness/auth/dkim_hash.c harness/auth/dkim_hash.h \
  harness/auth/dkim_key.c harness/auth/dkim_key.h \
  harness/auth/dkim_message.c harness/auth/dkim_message.h \
  harness/auth/dkim_signature.c harness/auth/dkim_signature.h \
  harness/auth/dkim_verify.c harness/auth/dkim_verify.h \
  harness/auth/dmarc.c harness/auth/dmarc.h \
  harness/auth/dmarc_align.c \
  harness/auth/dmarc_author.c harness/auth/dmarc_author.h \
  harness/auth/dmarc_discover.c harness/auth/dmarc_discover.h \
  harness/auth/dmarc_reading.h \
  harness/auth/dmarc_record.c harness/auth/dmarc_record.h \
  harness/auth/dmarc_report.c \
  harness/auth/dmarc_uri.c harness/auth/dmarc_uri.h \
  harness/auth/dns_diff.c harness/auth/dns_diff.h harness/auth/dns_diff_internal.h \
  harness/auth/dns_diff_say.c harness/auth/dns_diff_spf.c harness/auth/dns_diff_tags.c \
  harness/auth/evaluate.c harness/auth/evaluate.h \
  harness/auth/orgdomain.c harness/auth/orgdomain.h \
  harness/auth/spf.c harness/auth/spf.h \
  harness/auth/spf_allowed.c harness/auth/spf_allowed.h \
  harness/auth/spf_ask.c harness/auth/spf_ask.h \
  harness/auth/spf_check.c harness/auth/spf_check.h \
  harness/auth/spf_explain.c harness/auth/spf_explain.h \
  harness/auth/spf_macro.c harness/auth/spf_macro.h \
  harness/auth/spf_mechanism.c harness/auth/spf_mechanism.h \
  harness/auth/spf_record.c harness/auth/spf_record.h \
  harness/auth/spf_target.c harness/auth/spf_target.h \
  harness/auth/spf_validated.c harness/auth/spf_validated.h \
  harness/auth/tag_list.c harness/auth/tag_list.h

check_PROGRAMS += \
  tests/unit/test_spf \
  tests/unit/test_spf_macro \
  tests/unit/test_spf_record
tests_unit_test_spf_SOURCES = tests/unit/test_spf.c tests/unit/fake_dns.c tests/unit/fake_dns.h

check_PROGRAMS += tests/unit/test_spf_allowed
tests_unit_test_spf_allowed_SOURCES = tests/unit/test_spf_allowed.c tests/unit/fake_dns.c tests/unit/fake_dns.h

check_PROGRAMS += tests/unit/test_dns_diff
tests_unit_test_dns_diff_SOURCES = tests/unit/test_dns_diff.c $(test_survey)

check_PROGRAMS += tests/unit/test_tag_list

check_PROGRAMS += tests/unit/test_dkim_canon
tests_unit_test_dkim_canon_SOURCES = tests/unit/test_dkim_canon.c tests/unit/dkim_signer.c tests/unit/dkim_signer.h

check_PROGRAMS += tests/unit/test_dkim_key tests/unit/test_dkim_signature
tests_unit_test_dkim_key_SOURCES = tests/unit/test_dkim_key.c tests/unit/dkim_signer.c tests/unit/dkim_signer.h

check_PROGRAMS += \
  tests/unit/test_dmarc \
  tests/unit/test_dmarc_limits \
  tests/unit/test_dmarc_record \
  tests/unit/test_orgdomain
tests_unit_test_dmarc_SOURCES = tests/unit/test_dmarc.c tests/unit/fake_dns.c tests/unit/fake_dns.h
tests_unit_test_dmarc_limits_SOURCES = tests/unit/test_dmarc_limits.c tests/unit/fake_dns.c tests/unit/fake_dns.h

check_PROGRAMS += \
  tests/fuzz/fuzz_dmarc \
  tests/fuzz/fuzz_dmarc_record
tests_fuzz_fuzz_dmarc_SOURCES = tests/fuzz/fuzz_dmarc.c tests/unit/fake_dns.c $(fuzz_driver)
tests_fuzz_fuzz_dmarc_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_dmarc_record_SOURCES = tests/fuzz/fuzz_dmarc_record.c $(fuzz_driver)
tests_fuzz_fuzz_dmarc_record_LDFLAGS = $(fuzz_ldflags)

check_PROGRAMS += \
  tests/fuzz/fuzz_spf \
  tests/fuzz/fuzz_spf_macro \
  tests/fuzz/fuzz_spf_record
tests_fuzz_fuzz_spf_SOURCES = tests/fuzz/fuzz_spf.c $(fuzz_driver)
tests_fuzz_fuzz_spf_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_spf_macro_SOURCES = tests/fuzz/fuzz_spf_macro.c $(fuzz_driver)
tests_fuzz_fuzz_spf_macro_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_spf_record_SOURCES = tests/fuzz/fuzz_spf_record.c $(fuzz_driver)
tests_fuzz_fuzz_spf_record_LDFLAGS = $(fuzz_ldflags)

check_PROGRAMS += tests/unit/test_arc tests/unit/test_dkim tests/unit/test_dkim_hostile
dkim_scene = tests/unit/dkim_scene.c tests/unit/dkim_scene.h tests/unit/dkim_signer.c tests/unit/dkim_signer.h \
  tests/unit/fake_dns.c tests/unit/fake_dns.h
tests_unit_test_dkim_SOURCES = tests/unit/test_dkim.c $(dkim_scene)
tests_unit_test_dkim_hostile_SOURCES = tests/unit/test_dkim_hostile.c $(dkim_scene)
tests_unit_test_arc_SOURCES = tests/unit/test_arc.c $(dkim_scene)

check_PROGRAMS += tests/unit/test_auth_memory
tests_unit_test_auth_memory_SOURCES = tests/unit/test_auth_memory.c $(dkim_scene)
tests_unit_test_auth_memory_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=malloc -Wl,--wrap=calloc -Wl,--wrap=reallocarray \
  -Wl,--wrap=strdup

check_PROGRAMS += \
  tests/fuzz/fuzz_arc \
  tests/fuzz/fuzz_dkim_key \
  tests/fuzz/fuzz_dkim_message \
  tests/fuzz/fuzz_dkim_signature
tests_fuzz_fuzz_arc_SOURCES = tests/fuzz/fuzz_arc.c tests/fuzz/line_resolver.c tests/fuzz/line_resolver.h $(fuzz_driver)
tests_fuzz_fuzz_arc_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_dkim_key_SOURCES = tests/fuzz/fuzz_dkim_key.c $(fuzz_driver)
tests_fuzz_fuzz_dkim_key_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_dkim_message_SOURCES = tests/fuzz/fuzz_dkim_message.c \
  tests/fuzz/line_resolver.c tests/fuzz/line_resolver.h tests/unit/dkim_signer.c tests/unit/dkim_signer.h $(fuzz_driver)
tests_fuzz_fuzz_dkim_message_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_dkim_signature_SOURCES = tests/fuzz/fuzz_dkim_signature.c $(fuzz_driver)
tests_fuzz_fuzz_dkim_signature_LDFLAGS = $(fuzz_ldflags)

check_PROGRAMS += tests/fuzz/fuzz_dns_diff
tests_fuzz_fuzz_dns_diff_SOURCES = tests/fuzz/fuzz_dns_diff.c $(fuzz_driver)
tests_fuzz_fuzz_dns_diff_LDFLAGS = $(fuzz_ldflags)
