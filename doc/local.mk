# doc: see doc/architecture.md
