libpostproof_a_SOURCES += \
  harness/posture/addresses.c harness/posture/addresses.h \
  harness/posture/asker.c harness/posture/asker.h \
  harness/posture/author.c harness/posture/author.h \
  harness/posture/authority.c harness/posture/authority.h \
  harness/posture/blocklist.c harness/posture/blocklist.h \
  harness/posture/check.h \
  harness/posture/check_bimi.c \
  harness/posture/check_blocklist.c \
  harness/posture/check_content.c \
  harness/posture/check_dkim.c harness/posture/check_dkim.h \
  harness/posture/check_dkim_record.c \
  harness/posture/check_dmarc.c harness/posture/check_dmarc.h \
  harness/posture/check_dmarc_identifiers.c \
  harness/posture/check_dmarc_policy.c \
  harness/posture/check_from.c \
  harness/posture/check_helo.c \
  harness/posture/check_mta_sts.c \
  harness/posture/check_mx.c \
  harness/posture/check_no_reply.c \
  harness/posture/check_outbound.c \
  harness/posture/check_ptr.c \
  harness/posture/check_reply.c \
  harness/posture/check_spf.c harness/posture/check_spf.h \
  harness/posture/check_spf_strings.c \
  harness/posture/check_spf_terms.c \
  harness/posture/check_spf_tree.c \
  harness/posture/check_tls_rpt.c \
  harness/posture/checks.c harness/posture/checks.h \
  harness/posture/content.c harness/posture/content.h \
  harness/posture/content_body.c \
  harness/posture/content_checks.h \
  harness/posture/content_form.c \
  harness/posture/content_header.c \
  harness/posture/content_links.c \
  harness/posture/content_reach.c \
  harness/posture/content_score.c \
  harness/posture/content_unsubscribe.c \
  harness/posture/dmarc_edit.c harness/posture/dmarc_edit.h \
  harness/posture/inbound.c harness/posture/inbound.h \
  harness/posture/inbound_letter.c harness/posture/inbound_letter.h \
  harness/posture/mta_sts.c harness/posture/mta_sts.h \
  harness/posture/mx_accepts.c \
  harness/posture/mx_dane.c \
  harness/posture/mx_report.c harness/posture/mx_report.h \
  harness/posture/mx_route.c harness/posture/mx_route.h \
  harness/posture/mx_visit.c harness/posture/mx_visit.h \
  harness/posture/outbound.h \
  harness/posture/posture.c harness/posture/posture.h \
  harness/posture/publish.c harness/posture/publish.h \
  harness/posture/record_fields.c harness/posture/record_fields.h \
  harness/posture/relay.c harness/posture/relay.h \
  harness/posture/relay_forms.c harness/posture/relay_forms.h \
  harness/posture/relay_session.c harness/posture/relay_session.h \
  harness/posture/rspamd.c harness/posture/rspamd.h \
  harness/posture/spam_score.h \
  harness/posture/spamd.c harness/posture/spamd.h \
  harness/posture/spf_edit.c harness/posture/spf_edit.h \
  harness/posture/spf_strings.c harness/posture/spf_strings.h \
  harness/posture/spf_tree.c harness/posture/spf_tree.h \
  harness/posture/survey.c harness/posture/survey.h \
  harness/posture/tls_rpt.c harness/posture/tls_rpt.h \
  harness/posture/tlsa.c harness/posture/tlsa.h

check_PROGRAMS += \
  tests/unit/test_mta_sts \
  tests/unit/test_tls_rpt \
  tests/unit/test_tlsa
tests_unit_test_mta_sts_LDADD = $(unit_ldadd)
tests_unit_test_tls_rpt_LDADD = $(unit_ldadd)
tests_unit_test_tlsa_SOURCES = tests/unit/test_tlsa.c $(test_peer)
tests_unit_test_tlsa_LDADD = $(unit_ldadd)

check_PROGRAMS += \
  tests/fuzz/fuzz_mta_sts \
  tests/fuzz/fuzz_tls_rpt \
  tests/fuzz/fuzz_tlsa
tests_fuzz_fuzz_mta_sts_SOURCES = tests/fuzz/fuzz_mta_sts.c $(fuzz_driver)
tests_fuzz_fuzz_mta_sts_LDADD = $(unit_ldadd)
tests_fuzz_fuzz_mta_sts_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_tls_rpt_SOURCES = tests/fuzz/fuzz_tls_rpt.c $(fuzz_driver)
tests_fuzz_fuzz_tls_rpt_LDADD = $(unit_ldadd)
tests_fuzz_fuzz_tls_rpt_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_tlsa_SOURCES = tests/fuzz/fuzz_tlsa.c $(fuzz_driver)
tests_fuzz_fuzz_tlsa_LDADD = $(unit_ldadd)
tests_fuzz_fuzz_tlsa_LDFLAGS = $(fuzz_ldflags)

# A domain whose servers are the test's own.
mx_bench = \
  tests/unit/dns_words.c tests/unit/dns_words.h \
  tests/unit/mx_bench.c tests/unit/mx_bench.h \
  tests/unit/smtp_server.c tests/unit/smtp_server.h \
  $(test_peer)
check_PROGRAMS += tests/unit/test_check_mta_sts
tests_unit_test_check_mta_sts_SOURCES = tests/unit/test_check_mta_sts.c $(mx_bench)
tests_unit_test_check_mta_sts_LDADD = $(unit_ldadd)
check_PROGRAMS += tests/unit/test_mx_route
tests_unit_test_mx_route_SOURCES = tests/unit/test_mx_route.c tests/unit/fake_dns.c tests/unit/fake_dns.h
tests_unit_test_mx_route_LDADD = $(unit_ldadd)
check_PROGRAMS += tests/unit/test_check_mx
tests_unit_test_check_mx_SOURCES = tests/unit/test_check_mx.c $(mx_bench)
tests_unit_test_check_mx_LDADD = $(unit_ldadd)

check_PROGRAMS += tests/unit/test_posture
tests_unit_test_posture_SOURCES = tests/unit/test_posture.c $(test_dns_server)
tests_unit_test_posture_LDADD = $(unit_ldadd)

check_PROGRAMS += tests/unit/test_posture_rounds
tests_unit_test_posture_rounds_SOURCES = tests/unit/test_posture_rounds.c $(test_dns)
tests_unit_test_posture_rounds_LDADD = $(unit_ldadd)
tests_unit_test_posture_rounds_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=pthread_create,--wrap=pthread_join

posture_bench = tests/unit/posture_bench.c tests/unit/posture_bench.h tests/unit/dns_words.c tests/unit/dns_words.h
check_PROGRAMS += tests/unit/test_check_spf
tests_unit_test_check_spf_SOURCES = tests/unit/test_check_spf.c $(posture_bench)
tests_unit_test_check_spf_LDADD = $(unit_ldadd)

check_PROGRAMS += tests/unit/test_check_dkim
tests_unit_test_check_dkim_SOURCES = tests/unit/test_check_dkim.c $(posture_bench) \
  tests/unit/dns_server.c tests/unit/dns_server.h
tests_unit_test_check_dkim_LDADD = $(unit_ldadd)

check_PROGRAMS += tests/unit/test_check_dmarc
tests_unit_test_check_dmarc_SOURCES = tests/unit/test_check_dmarc.c $(posture_bench)
tests_unit_test_check_dmarc_LDADD = $(unit_ldadd)

check_PROGRAMS += tests/unit/test_check_addresses tests/unit/test_check_bimi tests/unit/test_check_blocklist
tests_unit_test_check_addresses_SOURCES = tests/unit/test_check_addresses.c $(posture_bench)
tests_unit_test_check_addresses_LDADD = $(unit_ldadd)
tests_unit_test_check_bimi_SOURCES = tests/unit/test_check_bimi.c $(posture_bench)
tests_unit_test_check_bimi_LDADD = $(unit_ldadd)
tests_unit_test_check_blocklist_SOURCES = tests/unit/test_check_blocklist.c $(posture_bench)
tests_unit_test_check_blocklist_LDADD = $(unit_ldadd)

check_PROGRAMS += tests/unit/test_check_ask
tests_unit_test_check_ask_SOURCES = tests/unit/test_check_ask.c $(posture_bench)
tests_unit_test_check_ask_LDADD = $(unit_ldadd)

check_PROGRAMS += tests/fuzz/fuzz_check_records
tests_fuzz_fuzz_check_records_SOURCES = tests/fuzz/fuzz_check_records.c tests/unit/fake_dns.c $(fuzz_driver)
tests_fuzz_fuzz_check_records_LDADD = $(unit_ldadd)
tests_fuzz_fuzz_check_records_LDFLAGS = $(fuzz_ldflags)

check_PROGRAMS += tests/unit/test_check_outbound
tests_unit_test_check_outbound_SOURCES = tests/unit/test_check_outbound.c $(test_peer) \
  tests/unit/fake_dns.c tests/unit/fake_dns.h tests/unit/smtp_server.c tests/unit/smtp_server.h
tests_unit_test_check_outbound_LDADD = $(unit_ldadd)

check_PROGRAMS += tests/unit/test_inbound
tests_unit_test_inbound_SOURCES = tests/unit/test_inbound.c $(test_peer) tests/unit/fake_dns.c tests/unit/fake_dns.h
tests_unit_test_inbound_LDADD = $(unit_ldadd)

check_PROGRAMS += tests/unit/test_check_content
tests_unit_test_check_content_SOURCES = tests/unit/test_check_content.c tests/unit/fake_dns.c tests/unit/fake_dns.h \
  $(test_peer)
tests_unit_test_check_content_LDADD = $(unit_ldadd)

check_PROGRAMS += tests/unit/test_content_score tests/fuzz/fuzz_spam_score
tests_unit_test_content_score_SOURCES = tests/unit/test_content_score.c $(test_peer)
tests_unit_test_content_score_LDADD = $(unit_ldadd)
tests_fuzz_fuzz_spam_score_SOURCES = tests/fuzz/fuzz_spam_score.c $(fuzz_driver)
tests_fuzz_fuzz_spam_score_LDADD = $(unit_ldadd)
tests_fuzz_fuzz_spam_score_LDFLAGS = $(fuzz_ldflags)
libpostproof_a_SOURCES += \
  harness/posture/survey.c harness/posture/survey.h

check_PROGRAMS += tests/unit/test_survey
tests_unit_test_survey_SOURCES = tests/unit/test_survey.c $(test_survey)
tests_unit_test_survey_LDADD = $(unit_ldadd)

# Snapshots of zones, for the tests of what compares them.
test_survey = tests/unit/survey_of.c tests/unit/survey_of.h $(test_dns)
