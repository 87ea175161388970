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
#include "store/db.h"

enum { BUSY_MS = 10000, LOCK_POLL_MS = 50, PATH_OCTETS_MAX = 4096 };

/* SQLite makes a new file by the umask; ours must never be readable by others, not even for a moment. Its -wal and -shm
 * take over the mode of the file. */
static int make_private(const char *path, struct error *err)
{
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd >= 0) {
		close(fd);
		return 0;
	}
	if (errno == EEXIST)
		return 0;
	return error_errno(
	    err, ERROR_STORE, RETRY_NEVER, errno,
	    "store %s cannot be made: check the folder and its permissions, or name another with --store", path);
}

static int connect_to(struct store *store, const char *name, int flags, struct error *err)
{
	if (sqlite3_open_v2(name, &store->db, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL) != SQLITE_OK)
		return db_error(store, "cannot be opened", err);
	sqlite3_busy_timeout(store->db, BUSY_MS);
	return 0;
}

static int open_for_writing(struct store *store, struct error *err)
{
	if (make_private(store->path, err) < 0 || connect_to(store, store->path, SQLITE_OPEN_READWRITE, err) < 0)
		return -1;
	if (sqlite3_db_readonly(store->db, "main") == 1)
		return error_set(
		    err, ERROR_STORE, RETRY_NEVER, SQLITE_READONLY,
		    "store %s cannot be written: check the permissions of the file and its folder, or name another "
		    "with --store",
		    store->path);
	/* The schema first: a file of somebody else is refused before anything is changed in it. */
	int result = schema_migrate(store, err);
	if (result == 0 &&
	    sqlite3_exec(store->db, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON",
			 NULL, NULL, NULL) != SQLITE_OK)
		result = db_error(store, "cannot be prepared for writing", err);
	return result;
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
	char wal[PATH_OCTETS_MAX];
	struct stat st;
	snprintf(wal, sizeof(wal), "%s-wal", store->path);
	if (stat(wal, &st) == 0 && st.st_size > 0)
		return error_set(
		    err, ERROR_STORE, RETRY_NEVER, SQLITE_READONLY,
		    "store %s was not closed in order and its folder cannot be written: make the folder writable once",
		    store->path);
	sqlite3_close(store->db);
	store->db = NULL;
	struct buf uri = BUF_INIT(3 * PATH_OCTETS_MAX + 32);
	immutable_uri(store->path, &uri);
	int result = buf_check(&uri, "the path of the store", err);
	if (result == 0)
		result = connect_to(store, buf_str(&uri), SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, err);
	buf_fini(&uri);
	return result == 0 ? schema_check(store, err) : -1;
}

static int open_for_reading(struct store *store, struct error *err)
{
	if (access(store->path, F_OK) < 0 && errno == ENOENT)
		return error_set(
		    err, ERROR_STORE, RETRY_NEVER, ENOENT,
		    "there is no store at %s: make a first run with `postproof run`, or name another with --store",
		    store->path);
	if (connect_to(store, store->path, SQLITE_OPEN_READONLY, err) < 0)
		return -1;
	if (schema_check(store, err) == 0)
		return 0;
	int base = err->code & 0xff;
	return base == SQLITE_CANTOPEN || base == SQLITE_READONLY ? open_immutable(store, err) : -1;
}

int store_open(struct store **ret, const char *path, enum store_mode mode, struct error *err)
{
	struct store *store = calloc(1, sizeof(*store));
	if (!store)
		return error_memory(err);
	store->lock_fd = -1;
	pthread_mutex_init(&store->lock, NULL);
	store->path = strdup(path);
	int result = store->path ? 0 : error_memory(err);
	if (result == 0)
		result = mode == STORE_WRITE ? open_for_writing(store, err) : open_for_reading(store, err);
	if (result < 0) {
		store_close(store);
		return -1;
	}
	*ret = store;
	return 0;
}

void store_close(struct store *store)
{
	if (!store)
		return;
	for (size_t i = 0; i < store->cached; i++)
		sqlite3_finalize(store->cache[i].statement);
	sqlite3_close(store->db);
	if (store->lock_fd >= 0)
		close(store->lock_fd);
	pthread_mutex_destroy(&store->lock);
	free(store->path);
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

/* A lock of the kernel on a file beside the store: it falls when the process ends, however it ends. */
int store_lock_runs(struct store *store, struct deadline deadline, struct error *err)
{
	char path[PATH_OCTETS_MAX];
	snprintf(path, sizeof(path), "%s.lock", store->path);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return error_errno(err, ERROR_STORE, RETRY_NEVER, errno, "cannot open %s", path);
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	while (fcntl(fd, F_SETLK, &lock) < 0) {
		struct flock holder = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
		int failed = errno;
		if ((failed == EACCES || failed == EAGAIN) && !deadline_passed(deadline)) {
			nanosleep(&(struct timespec){ .tv_nsec = LOCK_POLL_MS * 1000000L }, NULL);
			continue;
		}
		bool known = fcntl(fd, F_GETLK, &holder) == 0 && holder.l_type != F_UNLCK;
		close(fd);
		if (known)
			return error_set(
			    err, ERROR_STORE, RETRY_LATER, failed,
			    "store %s: process %ld is making a run in it: wait for its end, or name another store "
			    "with --store",
			    store->path, (long)holder.l_pid);
		return error_errno(err, ERROR_STORE, RETRY_LATER, failed, "cannot lock %s", path);
	}
	store->lock_fd = fd;
	return 0;
}
