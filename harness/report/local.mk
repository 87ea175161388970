libpostproof_a_SOURCES += \
  harness/report/csv.h \
  harness/report/explain.h \
  harness/report/json.h \
  harness/report/text.h
