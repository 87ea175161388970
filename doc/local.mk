EXTRA_DIST += doc/architecture.md doc/csv.md doc/json.md
