# harness/mail: see doc/architecture.md
