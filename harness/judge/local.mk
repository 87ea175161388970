# harness/judge: see doc/architecture.md
