libpostproof_a_SOURCES += \
  harness/report/check.c harness/report/check.h \
  harness/report/check_json.c harness/report/check_json.h \
  harness/report/csv.c harness/report/csv.h \
  harness/report/dns.c harness/report/dns.h \
  harness/report/evaluation.c harness/report/evaluation.h \
  harness/report/explain.c harness/report/explain.h \
  harness/report/json.c harness/report/json.h \
  harness/report/json_message.c harness/report/json_message.h \
  harness/report/json_writer.c harness/report/json_writer.h \
  harness/report/message.c harness/report/message.h \
  harness/report/run_report.h \
  harness/report/reading.c harness/report/reading.h \
  harness/report/style.c harness/report/style.h \
  harness/report/text.c harness/report/text.h \
  harness/report/verify.c harness/report/verify.h

report_sample = tests/unit/report_sample.c tests/unit/report_sample_evaluation.c \
  tests/unit/report_sample_findings.c tests/unit/report_sample.h
json_paths = tests/unit/json_paths.c tests/unit/json_paths.h
check_PROGRAMS += tests/unit/test_csv tests/unit/test_json tests/unit/test_text_report tests/unit/test_verify_report \
  tests/unit/test_check_report
tests_unit_test_csv_SOURCES = tests/unit/test_csv.c $(report_sample)
tests_unit_test_json_SOURCES = tests/unit/test_json.c $(json_paths) $(report_sample)
tests_unit_test_text_report_SOURCES = tests/unit/test_text_report.c $(report_sample)
tests_unit_test_verify_report_SOURCES = tests/unit/test_verify_report.c $(json_paths) $(report_sample)
tests_unit_test_check_report_SOURCES = tests/unit/test_check_report.c $(json_paths) $(report_sample)

check_PROGRAMS += tests/unit/test_dns_report
tests_unit_test_dns_report_SOURCES = tests/unit/test_dns_report.c $(json_paths) $(report_sample)
