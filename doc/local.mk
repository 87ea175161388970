EXTRA_DIST += doc/csv.md doc/json.md
