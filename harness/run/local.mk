# harness/run: see doc/architecture.md
