# harness/send: see doc/architecture.md
