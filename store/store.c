/* Opening of the store, and the right to make runs. */
#include "store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "harness/base/buf.h"
#include "harness/base/compiler.h"
#include "store/db.h"

enum { BUSY_MS = 10000, LOCK_POLL_MS = 50, URI_MAX = 16384, HEAP_MAX = 512 << 20 };

/* SQLite makes a new file by the umask; ours must never be readable by others, not even for a moment. Its -wal and -shm
 * take over the mode of the file. */
static int make_private(const struct store *store, struct error *err)
{
	_cleanup_(close_p) int fd = open(store->name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd >= 0 || errno == EEXIST)
		return 0;
	return error_errno(
	    err, ERROR_STORE, RETRY_NEVER, errno,
	    "store %s cannot be made: check the folder and its permissions, or name another with --store", store->path);
}

/* Looks at the file before SQLite does, since SQLite changes files by opening them (it rolls back, it checkpoints):
 * what is not ours is to be left alone. Returns 1 for a store, 0 for an empty file. */
static int examine_file(struct store *store, struct error *err)
{
	unsigned char head[SCHEMA_HEAD_LEN];
	struct stat st;
	_cleanup_(close_p) int fd = open(store->name, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return error_set(
		    err, ERROR_STORE, RETRY_NEVER, ENOENT,
		    "there is no store at %s: make a first run with `postproof run`, or name another with --store",
		    store->path);
	if (fd < 0 || fstat(fd, &st) < 0)
		return error_errno(err, ERROR_STORE, RETRY_NEVER, errno,
				   "store %s cannot be opened: check the permissions of the file and its folder",
				   store->path);
	if (!S_ISREG(st.st_mode))
		return error_set(err, ERROR_STORE, RETRY_NEVER, 0,
				 "store %s: not a regular file: name another with --store", store->path);
	store->exposed = st.st_mode & 077 ? st.st_mode & 0777 : 0;
	if (st.st_size == 0)
		return 0;
	ssize_t got = pread(fd, head, sizeof(head), 0);
	if (got < 0)
		return error_errno(err, ERROR_STORE, RETRY_NEVER, errno, "store %s cannot be read", store->path);
	if (schema_is_ours(span_make((const char *)head, (size_t)got)))
		return 1;
	return error_set(err, ERROR_STORE, RETRY_NEVER, SQLITE_NOTADB,
			 "%s is no postproof store; nothing was changed in it: name another file with --store",
			 store->path);
}

/* A file from elsewhere is hostile: what no statement and no fact of ours needs is not to be had. Values are bounded by
 * the largest message that is stored, with room. */
static void store_restrict(sqlite3 *db)
{
	static const struct {
		int id, max;
	} limits[] = {
		{ SQLITE_LIMIT_LENGTH, 128 << 20 },
		{ SQLITE_LIMIT_SQL_LENGTH, 64 << 10 },
		{ SQLITE_LIMIT_COLUMN, 64 },
		{ SQLITE_LIMIT_EXPR_DEPTH, 64 },
		{ SQLITE_LIMIT_COMPOUND_SELECT, 4 },
		{ SQLITE_LIMIT_VDBE_OP, 25000 },
		{ SQLITE_LIMIT_FUNCTION_ARG, 8 },
		{ SQLITE_LIMIT_ATTACHED, 0 },
		{ SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 256 },
		{ SQLITE_LIMIT_TRIGGER_DEPTH, 4 },
		{ SQLITE_LIMIT_WORKER_THREADS, 0 },
	};
	for (size_t i = 0; i < ARRAY_LEN(limits); i++)
		sqlite3_limit(db, limits[i].id, limits[i].max);
	sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
}

static int store_connect_to(struct store *store, const char *name, int flags, struct error *err)
{
	sqlite3_close(store->db);
	store->db = NULL;
	if (sqlite3_open_v2(name, &store->db, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL) != SQLITE_OK)
		return db_error(store, "cannot be opened", err);
	sqlite3_busy_timeout(store->db, BUSY_MS);
	store_restrict(store->db);
	/* Sorting has to be bounded as well: pages of a damaged file may be the children of several others. */
	sqlite3_hard_heap_limit64(HEAP_MAX);
	/* Temporary tables would hold mail; they belong in no file. */
	if (sqlite3_exec(store->db, "PRAGMA temp_store = MEMORY; PRAGMA cell_size_check = ON; PRAGMA foreign_keys = ON",
			 NULL, NULL, NULL) != SQLITE_OK)
		return db_error(store, "cannot be opened", err);
	return 0;
}

/* Going over to WAL needs the file alone and does not wait for it by itself. It is lasting: only the first opening of a
 * new store has to. */
static int use_wal(struct store *store, struct error *err)
{
	struct deadline deadline = deadline_in(BUSY_MS);
	for (;;) {
		int code = sqlite3_exec(store->db, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL", NULL, NULL,
					NULL);
		if (code == SQLITE_OK)
			return 0;
		if ((code & 0xff) != SQLITE_BUSY || deadline_passed(deadline))
			return db_error(store, "cannot be prepared for writing", err);
		nanosleep(&(struct timespec){ .tv_nsec = 5 * 1000000L }, NULL);
	}
}

static int open_for_writing(struct store *store, struct error *err)
{
	if (make_private(store, err) < 0 || examine_file(store, err) < 0 ||
	    store_connect_to(store, store->name, SQLITE_OPEN_READWRITE, err) < 0)
		return -1;
	if (sqlite3_db_readonly(store->db, "main") == 1)
		return error_set(
		    err, ERROR_STORE, RETRY_NEVER, SQLITE_READONLY,
		    "store %s cannot be written: check the permissions of the file and its folder, or name another "
		    "with --store",
		    store->path);
	return schema_migrate(store, err) < 0 ? -1 : use_wal(store, err);
}

/* The name as SQLite's URI with everything that has a meaning there escaped. */
static int immutable_uri(const char *path, struct buf *uri)
{
	buf_add_str(uri, "file:");
	for (const char *p = path; *p; p++) {
		if (ascii_is_alnum(*p) || strchr("/._-", *p))
			buf_add_char(uri, *p);
		else
			buf_addf(uri, "%%%02x", (unsigned char)*p);
	}
	return buf_add_str(uri, "?immutable=1");
}

/* In a folder that cannot be written SQLite has nowhere to put the -shm of a WAL database. Where no -wal holds anything
 * that is no loss: the file alone is whole. */
static int open_immutable(struct store *store, struct error *err)
{
	_cleanup_(buf_fini) struct buf text = BUF_INIT(URI_MAX);
	struct stat st;
	buf_addf(&text, "%s-wal", store->name);
	if (stat(buf_str(&text), &st) == 0 && st.st_size > 0)
		return error_set(
		    err, ERROR_STORE, RETRY_NEVER, SQLITE_READONLY,
		    "store %s was not closed in order and its folder cannot be written: copy it together with %s-wal "
		    "to a folder that can, and name the copy with --store",
		    store->path, store->path);
	buf_clear(&text);
	immutable_uri(store->name, &text);
	if (buf_check(&text, "the path of the store", err) < 0 ||
	    store_connect_to(store, buf_str(&text), SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, err) < 0)
		return -1;
	return schema_check(store, err);
}

static int open_for_reading(struct store *store, struct error *err)
{
	int found = examine_file(store, err);
	if (found == 0)
		return error_set(
		    err, ERROR_STORE, RETRY_NEVER, ENOENT,
		    "store %s is empty: make a first run with `postproof run`, or name another with --store",
		    store->path);
	if (found < 0 || store_connect_to(store, store->name, SQLITE_OPEN_READONLY, err) < 0)
		return -1;
	int state = schema_check(store, err);
	int base = err->code & 0xff;
	if (state < 0 && (base == SQLITE_CANTOPEN || base == SQLITE_READONLY))
		state = open_immutable(store, err);
	if (state <= 0)
		return state;
	/* Of an older release: brought up to date first, so that an upgrade does not ask for a run before old runs can
	 * be read again. */
	if (open_for_writing(store, err) < 0)
		return error_prefix(err, "a store of an older postproof is brought up to date when it is opened");
	return sqlite3_exec(store->db, "PRAGMA query_only = ON", NULL, NULL, NULL) == SQLITE_OK
		   ? 0
		   : db_error(store, "cannot be opened", err);
}

/* The name for SQLite, to which `:memory:` and `file:...` would mean something else. */
static char *literal_name(const char *path)
{
	char *name = NULL;
	return asprintf(&name, "%s%s", path[0] == '/' ? "" : "./", path) < 0 ? NULL : name;
}

/* A database never becomes shorter by what is done to it here. */
static int remember_file(struct store *store, struct error *err)
{
	struct stat st;
	if (stat(store->name, &st) < 0)
		return error_errno(err, ERROR_STORE, RETRY_NEVER, errno, "store %s cannot be reached", store->path);
	store->device = st.st_dev;
	store->inode = st.st_ino;
	store->size = st.st_size;
	return 0;
}

int store_open(struct store **ret, const char *path, enum store_mode mode, struct error *err)
{
	struct error why = ERROR_INIT; /* of its own, since the way of opening depends on its code */
	struct store *store = calloc(1, sizeof(*store));
	if (!store)
		return error_memory(err);
	store->lock_fd = -1;
	pthread_mutex_init(&store->lock, NULL);
	store->path = strdup(path);
	store->name = literal_name(path);
	int result = store->path && store->name ? 0 : error_memory(&why);
	if (result == 0)
		result = mode == STORE_WRITE ? open_for_writing(store, &why) : open_for_reading(store, &why);
	if (result == 0)
		result = remember_file(store, &why);
	if (result < 0) {
		*err = why;
		store_close(store);
		return -1;
	}
	*ret = store;
	return 0;
}

int store_check_file(struct store *store, struct error *err)
{
	struct stat st;
	const char *what = NULL;
	if (stat(store->name, &st) < 0)
		what = errno == ENOENT ? "was deleted" : "cannot be reached any more";
	else if (st.st_dev != store->device || st.st_ino != store->inode)
		what = "was replaced by another file";
	else if (st.st_size < store->size)
		what = "was cut off";
	return what ? error_set(err, ERROR_STORE, RETRY_NEVER, 0,
				"store %s %s while it was in use: what was found meanwhile is lost", store->path, what)
		    : 0;
}

void store_close(struct store *store)
{
	if (!store)
		return;
	for (size_t i = 0; i < store->cached; i++)
		sqlite3_finalize(store->cache[i].handle);
	sqlite3_close(store->db);
	if (store->lock_fd >= 0)
		close(store->lock_fd);
	pthread_mutex_destroy(&store->lock);
	free(store->path);
	free(store->name);
	free(store);
}

void store_close_p(struct store **store)
{
	store_close(*store);
	*store = NULL;
}

const char *store_path(const struct store *store)
{
	return store->path;
}

unsigned store_exposed(const struct store *store)
{
	return store->exposed;
}

/* 1 taken, 0 another process has it and *ret_holder is its id, -1 error. */
static int try_lock(int fd, pid_t *ret_holder, int *ret_errno)
{
	for (;;) {
		struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
		if (fcntl(fd, F_SETLK, &lock) == 0)
			return 1;
		*ret_errno = errno;
		if ((errno != EACCES && errno != EAGAIN) || fcntl(fd, F_GETLK, &lock) < 0)
			return -1;
		if (lock.l_type != F_UNLCK) {
			*ret_holder = lock.l_pid;
			return 0;
		}
		/* Given up between the two questions. */
	}
}

/* Opens the file beside the store, by the one name that all links to the store lead to. */
static int open_lock(struct store *store, struct error *err)
{
	_cleanup_(buf_fini) struct buf path = BUF_INIT(URI_MAX);
	buf_addf(&path, "%s.lock", sqlite3_db_filename(store->db, "main"));
	if (buf_check(&path, "the path of the store", err) < 0)
		return -1;
	int fd = open(buf_str(&path), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	return fd >= 0 ? fd
		       : error_errno(err, ERROR_STORE, RETRY_NEVER, errno,
				     "cannot open %s: check its permissions and those of its folder", buf_str(&path));
}

/* A lock of the kernel on that file: it falls when the process ends, however it ends. */
int store_lock_runs(struct store *store, struct deadline deadline, struct error *err)
{
	pid_t holder = 0;
	int failed = 0, got;
	if (store->lock_fd >= 0)
		return 0;
	int fd = open_lock(store, err);
	if (fd < 0)
		return -1;
	while ((got = try_lock(fd, &holder, &failed)) == 0 && !deadline_passed(deadline))
		nanosleep(&(struct timespec){ .tv_nsec = LOCK_POLL_MS * 1000000L }, NULL);
	if (got > 0) {
		store->lock_fd = fd;
		return 0;
	}
	close(fd);
	return got < 0 ? error_errno(err, ERROR_STORE, RETRY_NEVER, failed, "cannot lock %s.lock", store->path)
		       : error_set(err, ERROR_STORE, RETRY_LATER, failed,
				   "store %s: process %ld is making a run in it: wait for its end, or name another "
				   "store with --store",
				   store->path, (long)holder);
}
