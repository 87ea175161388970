# harness/report: see doc/architecture.md
