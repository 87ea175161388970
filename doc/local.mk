EXTRA_DIST += doc/architecture.md doc/bench.md doc/check.md doc/csv.md doc/deviations.md doc/findings.md doc/json.md doc/verify.md
EXTRA_DIST += doc/architecture.md doc/bench.md doc/csv.md doc/deviations.md doc/json.md
EXTRA_DIST += doc/architecture.md doc/bench.md doc/csv.md doc/deviations.md doc/json.md doc/verify.md
EXTRA_DIST += doc/check.md doc/findings.md
EXTRA_DIST += doc/findings.md
EXTRA_DIST += doc/dns-diff.md doc/dns-wait.md
