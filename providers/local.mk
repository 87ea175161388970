libpostproof_a_SOURCES += \
  providers/folder_role.h \
  providers/imap_guard.c providers/imap_guard.h \
  providers/imap_mend.h \
  providers/imap_session.h \
  providers/imap_stream.c providers/imap_stream.h \
  providers/profile.h

check_PROGRAMS += \
  tests/unit/test_imap_guard \
  tests/unit/test_imap_stream
tests_unit_test_imap_guard_LDADD = $(unit_ldadd)
tests_unit_test_imap_stream_LDADD = $(unit_ldadd)
