EXTRA_DIST += doc/architecture.md doc/bench.md doc/csv.md doc/deviations.md doc/json.md
EXTRA_DIST += doc/architecture.md doc/bench.md doc/csv.md doc/deviations.md doc/json.md doc/verify.md
EXTRA_DIST += doc/check.md doc/findings.md
EXTRA_DIST += doc/findings.md
