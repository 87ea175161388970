libpostproof_a_SOURCES += \
  providers/folder_role.h \
  providers/imap_folder.c providers/imap_folder.h \
  providers/imap_params.h \
  providers/imap_guard.c providers/imap_guard.h \
  providers/imap_mend.h \
  providers/imap_command.c providers/imap_command.h \
  providers/imap_fetch.c \
  providers/imap_folders.c \
  providers/imap_idle.c \
  providers/imap_login.c \
  providers/imap_session.c providers/imap_session.h \
  providers/imap_plain.c providers/imap_plain.h \
  providers/imap_sieve.c providers/imap_sieve.h \
  providers/imap_stream.c providers/imap_stream.h

check_PROGRAMS += \
  tests/unit/test_imap_guard \
  tests/unit/test_imap_login \
  tests/unit/test_imap_plain \
  tests/unit/test_imap_session \
  tests/unit/test_imap_sieve \
  tests/unit/test_imap_stream
tests_unit_test_imap_login_SOURCES = tests/unit/test_imap_login.c $(test_imap_dialogue)
tests_unit_test_imap_session_SOURCES = tests/unit/test_imap_session.c $(test_imap_dialogue)

check_PROGRAMS += tests/fuzz/fuzz_imap_session
tests_fuzz_fuzz_imap_session_SOURCES = tests/fuzz/fuzz_imap_session.c $(fuzz_driver)
tests_fuzz_fuzz_imap_session_LDFLAGS = $(fuzz_ldflags)

# A scripted IMAP server.
test_imap_dialogue = tests/unit/imap_dialogue.c tests/unit/imap_dialogue.h $(test_peer)

libpostproof_a_SOURCES += \
  providers/folder_names.c providers/folder_names.h \
  providers/folder_role.c \
  providers/imap_mend.c \
  providers/imap_status.c providers/imap_status.h \
  providers/imap_utf7.c providers/imap_utf7.h \
  providers/profile.c providers/profile.h \
  providers/profile_find.c
check_PROGRAMS += \
  tests/unit/test_folder_role \
  tests/unit/test_imap_mend \
  tests/unit/test_imap_status \
  tests/unit/test_imap_utf7 \
  tests/unit/test_profile

profilesdir = $(pkgdatadir)/profiles
dist_profiles_DATA = \
  providers/profiles/aol.ini \
  providers/profiles/bt.ini \
  providers/profiles/fastmail.ini \
  providers/profiles/generic.ini \
  providers/profiles/gmail.ini \
  providers/profiles/gmx.ini \
  providers/profiles/google-workspace.ini \
  providers/profiles/icloud.ini \
  providers/profiles/mailru.ini \
  providers/profiles/microsoft365.ini \
  providers/profiles/orange-fr.ini \
  providers/profiles/outlook.ini \
  providers/profiles/proton.ini \
  providers/profiles/sky.ini \
  providers/profiles/t-online.ini \
  providers/profiles/virginmedia.ini \
  providers/profiles/webde.ini \
  providers/profiles/yahoo.ini \
  providers/profiles/yandex.ini \
  providers/profiles/zoho.ini \
  providers/profiles/zoho-eu.ini

test_imap_box = tests/unit/imap_box.c tests/unit/imap_box.h $(test_peer)
check_PROGRAMS += tests/unit/test_imap_fetch
tests_unit_test_imap_fetch_SOURCES = tests/unit/test_imap_fetch.c $(test_imap_box)
check_PROGRAMS += tests/unit/test_imap_folders
tests_unit_test_imap_folders_SOURCES = tests/unit/test_imap_folders.c $(test_imap_box)
