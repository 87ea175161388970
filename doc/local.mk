EXTRA_DIST += doc/architecture.md doc/bench.md doc/check.md doc/csv.md doc/deviations.md doc/findings.md doc/json.md doc/verify.md
