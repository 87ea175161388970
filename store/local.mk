libpostproof_a_SOURCES += \
  store/bounce.c store/bounce.h \
  store/db.c store/db.h \
  store/observation.c store/observation.h \
  store/run.c store/run.h store/run_load.c \
  store/schema.c \
  store/seed.c store/seed.h \
  store/send.c store/send.h \
  store/store.c store/store.h
