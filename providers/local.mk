# providers: see doc/architecture.md
