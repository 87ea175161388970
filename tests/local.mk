# Unit tests stand in the local.mk of the folder that they test:
#   check_PROGRAMS += tests/unit/test_span
#   tests_unit_test_span_LDADD = $(unit_ldadd)
#
# A fuzz target tests/fuzz/fuzz_NAME.c defines LLVMFuzzerTestOneInput. It is linked with the replay driver into a test
# that runs every file of tests/fuzz/corpus/NAME/ in `make check`, and with libFuzzer under --enable-fuzzers:
#   check_PROGRAMS += tests/fuzz/fuzz_NAME
#   tests_fuzz_fuzz_NAME_SOURCES = tests/fuzz/fuzz_NAME.c $(fuzz_driver)
#   tests_fuzz_fuzz_NAME_LDADD = $(unit_ldadd)
#   tests_fuzz_fuzz_NAME_LDFLAGS = $(fuzz_ldflags)
EXTRA_DIST += tests/unit/unit.h tests/fuzz/fuzz.h tests/fuzz/corpus tests/bench tests/e2e tests/lab tests/tsan.supp script

if LIBFUZZER
fuzz_driver =
fuzz_ldflags = $(AM_LDFLAGS) -fsanitize=fuzzer
else
fuzz_driver = tests/fuzz/replay.c
fuzz_ldflags = $(AM_LDFLAGS)
endif
AM_TESTS_ENVIRONMENT = top_srcdir='$(top_srcdir)'; export top_srcdir;

# Conformance data of others; $SUITES names its folder.
check_PROGRAMS += tests/unit/test_suites
tests_unit_test_suites_SOURCES = \
  tests/unit/fake_dns.c \
  tests/unit/fake_dns.h \
  tests/unit/suite_arc.c \
  tests/unit/suite_authres.c \
  tests/unit/suite_dkim.c \
  tests/unit/suite_dmarc.c \
  tests/unit/suite_dmarc_record.c \
  tests/unit/suite_psl.c \
  tests/unit/suite_received.c \
  tests/unit/suite_spf.c \
  tests/unit/suites.h \
  tests/unit/test_suites.c \
  tests/unit/txt_resolver.c \
  tests/unit/txt_resolver.h
tests_unit_test_suites_LDADD = $(unit_ldadd)

# Programs of tests/bench/evaluators: built by `make bench` only, since they need the libraries that they compare with.
EXTRA_PROGRAMS = tests/bench/dkim/postproof tests/bench/dkim/opendkim
tests_bench_dkim_postproof_SOURCES = tests/bench/dkim/postproof.c tests/bench/dkim/rate.h \
  tests/unit/txt_resolver.c tests/unit/txt_resolver.h
tests_bench_dkim_postproof_LDADD = libpostproof.a $(LIBS_ALL)
tests_bench_dkim_opendkim_SOURCES = tests/bench/dkim/opendkim.c tests/bench/dkim/rate.h
tests_bench_dkim_opendkim_LDADD = -lopendkim
bench: $(EXTRA_PROGRAMS)
.PHONY: bench
