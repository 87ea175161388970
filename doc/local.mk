EXTRA_DIST += doc/architecture.md doc/bench.md doc/check.md doc/csv.md doc/deviations.md doc/dns-diff.md doc/dns-wait.md \
  doc/findings.md doc/fuzzing.md doc/json.md doc/limits.md doc/style.md doc/threads.md doc/verify.md
