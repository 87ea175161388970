# harness/cmd: see doc/architecture.md
