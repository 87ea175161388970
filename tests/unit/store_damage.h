/* Damage that SQLite itself would not do: rows that the schema does not allow, in a file whose schema is as ever. */
#ifndef TESTS_STORE_DAMAGE_H
#define TESTS_STORE_DAMAGE_H

#include <sqlite3.h>
#include <stddef.h>

/* Runs the statements on an open database whose tables take anything meanwhile: no types, no NOT NULL, no parents, no
 * triggers. 0, or SQLite's code. */
static inline int store_damage(sqlite3 *db, const char *sql)
{
	static const char loosen[] =
	    "PRAGMA foreign_keys = OFF; PRAGMA writable_schema = ON;"
	    "CREATE TEMP TABLE kept AS SELECT rowid AS at, * FROM sqlite_schema;"
	    "DELETE FROM sqlite_schema WHERE type = 'trigger';"
	    "UPDATE sqlite_schema SET sql = replace(replace(replace(replace(sql, ' NOT NULL', ''), ' TEXT', ' BLOB'),"
	    " ') STRICT, ', ') '), ') STRICT', ')') WHERE type = 'table';"
	    "PRAGMA writable_schema = RESET;";
	static const char restore[] =
	    "PRAGMA writable_schema = ON;"
	    "UPDATE sqlite_schema AS s SET sql = (SELECT k.sql FROM kept k WHERE k.name = s.name)"
	    " WHERE type = 'table';"
	    "INSERT INTO sqlite_schema SELECT type, name, tbl_name, rootpage, sql FROM kept WHERE type = 'trigger';"
	    "DROP TABLE kept; PRAGMA writable_schema = RESET;";
	int code = sqlite3_exec(db, loosen, NULL, NULL, NULL);
	if (code == SQLITE_OK)
		code = sqlite3_exec(db, sql, NULL, NULL, NULL);
	int restored = sqlite3_exec(db, restore, NULL, NULL, NULL);
	return code == SQLITE_OK ? restored : code;
}

#endif
