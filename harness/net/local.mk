# harness/net: see doc/architecture.md
