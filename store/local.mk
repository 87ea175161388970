libpostproof_a_SOURCES += \
  store/store_settings.c store/store_settings.h \
  store/bounce.c store/bounce.h \
  store/db.c store/db.h \
  store/dns.c store/dns.h \
  store/finding.c store/finding.h \
  store/observation.c store/observation.h \
  store/reply.c store/reply.h \
  store/run.c store/run.h store/run_load.c \
  store/schema.c \
  store/seed.c store/seed.h \
  store/send.c store/send.h \
  store/store.c store/store.h

# Facts own their strings, which are not const; in these tests they are literals.
store_test_cflags = $(AM_CFLAGS) -Wno-write-strings

check_PROGRAMS += tests/unit/test_store
tests_unit_test_store_SOURCES = tests/unit/test_store.c tests/unit/store_fixture.h
tests_unit_test_store_CFLAGS = $(store_test_cflags)

check_PROGRAMS += tests/unit/test_store_bind
tests_unit_test_store_bind_SOURCES = tests/unit/test_store_bind.c tests/unit/store_fixture.h
tests_unit_test_store_bind_CFLAGS = $(store_test_cflags)

check_PROGRAMS += tests/unit/test_store_facts
tests_unit_test_store_facts_SOURCES = tests/unit/test_store_facts.c tests/unit/store_fixture.h
tests_unit_test_store_facts_CFLAGS = $(store_test_cflags)

check_PROGRAMS += tests/unit/test_store_hostile
tests_unit_test_store_hostile_SOURCES = tests/unit/test_store_hostile.c tests/unit/store_fixture.h \
  tests/unit/store_damage.h
tests_unit_test_store_hostile_CFLAGS = $(store_test_cflags)

check_PROGRAMS += tests/fuzz/fuzz_store
tests_fuzz_fuzz_store_SOURCES = tests/fuzz/fuzz_store.c tests/unit/store_damage.h $(fuzz_driver)
tests_fuzz_fuzz_store_LDFLAGS = $(fuzz_ldflags)

check_PROGRAMS += tests/unit/test_store_processes
tests_unit_test_store_processes_SOURCES = tests/unit/test_store_processes.c tests/unit/store_fixture.h
tests_unit_test_store_processes_CFLAGS = $(store_test_cflags)

check_PROGRAMS += tests/unit/test_store_schema
tests_unit_test_store_schema_SOURCES = tests/unit/test_store_schema.c tests/unit/store_fixture.h
tests_unit_test_store_schema_CFLAGS = $(store_test_cflags)

check_PROGRAMS += tests/unit/test_store_seed
tests_unit_test_store_seed_SOURCES = tests/unit/test_store_seed.c tests/unit/store_fixture.h
tests_unit_test_store_seed_CFLAGS = $(store_test_cflags)

check_PROGRAMS += tests/unit/test_store_threads
tests_unit_test_store_threads_SOURCES = tests/unit/test_store_threads.c tests/unit/store_fixture.h
tests_unit_test_store_threads_CFLAGS = $(store_test_cflags)

EXTRA_DIST += doc/schema.md
