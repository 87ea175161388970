libpostproof_a_SOURCES += \
  providers/folder_role.h \
  providers/imap_mend.h \
  providers/imap_session.h \
  providers/profile.h
