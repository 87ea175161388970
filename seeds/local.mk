# seeds: see doc/architecture.md
