libpostproof_a_SOURCES += \
  harness/model/facts.c harness/model/facts.h \
  harness/model/trace.c harness/model/trace.h \
  harness/model/words.c harness/model/words.h
