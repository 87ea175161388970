# Unit tests stand in the local.mk of the folder that they test:
#   check_PROGRAMS += tests/unit/test_span
#   #
# A fuzz target tests/fuzz/fuzz_NAME.c defines LLVMFuzzerTestOneInput. It is linked with the replay driver into a test
# that runs every file of tests/fuzz/corpus/NAME/ in `make check`, and with libFuzzer under --enable-fuzzers:
#   check_PROGRAMS += tests/fuzz/fuzz_NAME
#   tests_fuzz_fuzz_NAME_SOURCES = tests/fuzz/fuzz_NAME.c $(fuzz_driver)
#   #   tests_fuzz_fuzz_NAME_LDFLAGS = $(fuzz_ldflags)
EXTRA_DIST += tests/unit/unit.h tests/unit/shipped.h tests/fuzz/fuzz.h tests/fuzz/run tests/fuzz/corpus tests/bench tests/data tests/e2e tests/lab tests/script tests/tsan.supp script

if LIBFUZZER
fuzz_driver =
fuzz_ldflags = $(AM_LDFLAGS) -fsanitize=fuzzer
else
fuzz_driver = tests/fuzz/replay.c
fuzz_ldflags = $(AM_LDFLAGS)
endif
AM_TESTS_ENVIRONMENT = top_srcdir='$(abs_top_srcdir)'; export top_srcdir;

# Conformance data of others; $SUITES names its folder.
check_PROGRAMS += tests/unit/test_suites
suites = tests/unit/suites.c tests/unit/suites.h tests/unit/fake_dns.c tests/unit/fake_dns.h
tests_unit_test_suites_SOURCES = $(suites) \
  tests/unit/suite_arc.c \
  tests/unit/suite_authres.c \
  tests/unit/suite_dkim.c \
  tests/unit/suite_dmarc.c \
  tests/unit/suite_dmarc_record.c \
  tests/unit/suite_mta_sts.c \
  tests/unit/suite_psl.c \
  tests/unit/suite_received.c \
  tests/unit/suite_spf.c \
  tests/unit/suite_tls_rpt.c \
  tests/unit/test_suites.c

# Inputs from the field with their right values; $FIELD_CASES names their folder.
check_PROGRAMS += tests/unit/test_field
judged = tests/unit/judged.c tests/unit/judged.h tests/unit/dkim_signer.c tests/unit/dkim_signer.h
tests_unit_test_field_SOURCES = $(suites) $(judged) $(test_run_bench) \
  tests/unit/field_authres.c \
  tests/unit/field_config.c \
  tests/unit/field_dsn.c \
  tests/unit/field_from.c \
  tests/unit/field_headers.c \
  tests/unit/field_received.c \
  tests/unit/field_imap.c \
  tests/unit/imap_script.c \
  tests/unit/imap_script.h \
  tests/unit/imap_script_case.c \
  tests/unit/imap_script_fetch.c \
  tests/unit/imap_script_fetch.h \
  tests/unit/imap_script_state.h \
  tests/unit/field_smtp_auth.c \
  tests/unit/field_spf.c \
  tests/unit/field_templates.c \
  tests/unit/field_tls.c \
  tests/unit/make_cert.c tests/unit/make_cert.h \
  tests/unit/smtp_bench.c tests/unit/smtp_bench.h \
  tests/unit/smtp_server.c tests/unit/smtp_server.h \
  tests/unit/test_field.c

# Whole headers of every provider.
check_PROGRAMS += tests/unit/test_profile_headers
tests_unit_test_profile_headers_SOURCES = $(judged) tests/unit/test_profile_headers.c

# Programs of tests/bench/evaluators: built by `make bench` only, since they need the libraries that they compare with.
bench_fake_dns = tests/bench/peers/rate.c tests/bench/peers/rate.h tests/unit/fake_dns.c tests/unit/fake_dns.h
EXTRA_PROGRAMS = \
  tests/bench/peers/dkim_opendkim \
  tests/bench/peers/dkim_postproof \
  tests/bench/peers/spf_libspf2 \
  tests/bench/peers/spf_postproof
tests_bench_peers_dkim_opendkim_SOURCES = tests/bench/peers/dkim_opendkim.c tests/bench/peers/rate.c
tests_bench_peers_dkim_opendkim_LDADD = -lopendkim
tests_bench_peers_dkim_postproof_SOURCES = tests/bench/peers/dkim_postproof.c $(bench_fake_dns)
tests_bench_peers_dkim_postproof_LDADD = libpostproof.a $(LIBS_ALL)
tests_bench_peers_spf_libspf2_SOURCES = tests/bench/peers/spf_libspf2.c tests/bench/peers/rate.c
tests_bench_peers_spf_libspf2_LDADD = -lspf2
tests_bench_peers_spf_postproof_SOURCES = tests/bench/peers/spf_postproof.c $(bench_fake_dns)
tests_bench_peers_spf_postproof_LDADD = libpostproof.a $(LIBS_ALL)
bench: $(EXTRA_PROGRAMS)
.PHONY: bench
