/* Secrets and their sources. Must never put a secret's octets into an error, a log or memory that is not overwritten.
 */
#include "harness/base/secret.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/buf.h"
#include "harness/base/file.h"
#include "harness/base/process.h"
#include "harness/base/vec.h"

enum { OUTPUT_MAX = 65536 };

struct secret {
	size_t mapped; /* octets of the mapping that this structure stands at the start of */
	size_t len;
	char octets[];
};

struct secret_ref {
	enum secret_kind kind;
	char *text;            /* for people and the store */
	char *source;          /* variable, absolute path or command; NULL for an inline secret */
	struct secret *secret; /* of an inline secret */
};

/* The variables that references have named since the process began. They hold secrets, whether or not the reference is
 * still there. */
static struct {
	pthread_mutex_t lock;
	char **list;
	size_t count, cap;
} named = { .lock = PTHREAD_MUTEX_INITIALIZER };

static const char hidden[] = "(inline, hidden)";

int secret_new(struct span octets, struct secret **ret, struct error *err)
{
	if (octets.len == 0)
		return error_set(err, ERROR_CONFIG, RETRY_NEVER, 0, "is empty");
	if (octets.len > SECRET_MAX)
		return error_set(err, ERROR_CONFIG, RETRY_NEVER, 0, "is longer than %d octets", SECRET_MAX);
	if (memchr(octets.p, '\0', octets.len) || memchr(octets.p, '\n', octets.len) ||
	    memchr(octets.p, '\r', octets.len))
		return error_set(err, ERROR_CONFIG, RETRY_NEVER, 0, "has more than one line, or a NUL in it");
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t mapped = (sizeof(struct secret) + octets.len + 1 + page - 1) / page * page;
	struct secret *secret = mmap(NULL, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (secret == MAP_FAILED)
		return error_memory(err);
	/* Both are a favour of the system: without them a secret is still overwritten in time. */
	(void)mlock(secret, mapped);
	(void)madvise(secret, mapped, MADV_DONTDUMP);
	secret->mapped = mapped;
	secret->len = octets.len;
	memcpy(secret->octets, octets.p, octets.len);
	*ret = secret;
	return 0;
}

void secret_free(struct secret *secret)
{
	if (!secret)
		return;
	OPENSSL_cleanse(secret->octets, secret->len);
	munmap(secret, secret->mapped);
}

void secret_free_p(struct secret **secret)
{
	secret_free(*secret);
	*secret = NULL;
}

const char *secret_reveal(const struct secret *secret)
{
	return secret->octets;
}

static const struct {
	const char *prefix;
	enum secret_kind kind;
	const char *what;
} kinds[] = {
	{ "env:", SECRET_ENV, "the name of an environment variable" },
	{ "file:", SECRET_FILE, "the path of a file" },
	{ "cmd:", SECRET_CMD, "a shell command" },
};

static bool secret_is_named(struct span name)
{
	for (size_t i = 0; i < named.count; i++)
		if (span_is(name, named.list[i]))
			return true;
	return false;
}

static int secret_add_name(const char *name, struct error *err)
{
	int result = 0;
	pthread_mutex_lock(&named.lock);
	if (!secret_is_named(span_of(name))) {
		result = vec_grow(&named.list, named.count, &named.cap, sizeof(*named.list), err);
		if (result == 0 && !(named.list[named.count] = strdup(name)))
			result = error_memory(err);
		named.count += result == 0;
	}
	pthread_mutex_unlock(&named.lock);
	return result;
}

/* Our environment without those. The strings are borrowed, the array is the caller's; NULL: no memory. */
static char **secret_environment(void)
{
	size_t count = 0, kept = 0;
	while (environ[count])
		count++;
	char **copy = calloc(count + 1, sizeof(*copy));
	pthread_mutex_lock(&named.lock);
	for (size_t i = 0; copy && i < count; i++) {
		struct span rest = span_of(environ[i]), name;
		if (span_next(&rest, '=', &name) && !secret_is_named(name))
			copy[kept++] = environ[i];
	}
	pthread_mutex_unlock(&named.lock);
	return copy;
}

static int fill_ref(struct secret_ref *ref, struct span text, const char *base_dir, struct error *err)
{
	ref->kind = SECRET_INLINE;
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		struct span prefix = span_of(kinds[i].prefix);
		if (!span_starts(text, prefix))
			continue;
		struct span source = span_trim(span_sub(text, prefix.len, text.len));
		if (source.len == 0)
			return error_set(err, ERROR_CONFIG, RETRY_NEVER, 0, "\"%s\" needs %s behind it",
					 kinds[i].prefix, kinds[i].what);
		ref->kind = kinds[i].kind;
		ref->source = ref->kind == SECRET_FILE ? path_from(base_dir, source) : span_dup(source);
		ref->text = span_dup(text);
		if (!ref->source || !ref->text)
			return error_memory(err);
		return ref->kind == SECRET_ENV ? secret_add_name(ref->source, err) : 0;
	}
	ref->text = strdup(hidden);
	return ref->text ? secret_new(text, &ref->secret, err) : error_memory(err);
}

int secret_ref_new(struct span text, const char *base_dir, struct secret_ref **ret, struct error *err)
{
	struct secret_ref *ref = calloc(1, sizeof(*ref));
	if (!ref)
		return error_memory(err);
	if (fill_ref(ref, span_trim(text), base_dir, err) < 0) {
		secret_ref_free(ref);
		return -1;
	}
	*ret = ref;
	return 0;
}

void secret_ref_free(struct secret_ref *ref)
{
	if (!ref)
		return;
	secret_free(ref->secret);
	free(ref->source);
	free(ref->text);
	free(ref);
}

enum secret_kind secret_ref_kind(const struct secret_ref *ref)
{
	return ref->kind;
}

const char *secret_ref_text(const struct secret_ref *ref)
{
	return ref->text;
}

bool secret_ref_is_hidden(const char *text)
{
	return strcmp(text, hidden) == 0;
}

static int read_env(const char *name, struct secret **ret, struct error *err)
{
	const char *value = getenv(name);
	if (!value || !*value)
		return error_set(err, ERROR_CONFIG, RETRY_NEVER, 0, "the variable is %s: export it before the start",
				 value ? "empty" : "not set");
	return secret_new(span_of(value), ret, err);
}

static struct span without_line_end(struct span s)
{
	if (s.len > 0 && s.p[s.len - 1] == '\n')
		s.len--;
	if (s.len > 0 && s.p[s.len - 1] == '\r')
		s.len--;
	return s;
}

static int read_file(const char *path, struct secret **ret, struct error *err)
{
	struct stat st;
	_cleanup_(buf_wipe) struct buf content = BUF_INIT(OUTPUT_MAX);
	_cleanup_(close_p) int fd = -1;
	if (file_open(path, &fd, err) < 0)
		return -1;
	if (fstat(fd, &st) < 0)
		return error_errno(err, ERROR_CONFIG, RETRY_NEVER, errno, "cannot open %s", path);
	if (st.st_mode & (S_IRGRP | S_IWGRP | S_IROTH | S_IWOTH))
		return error_set(err, ERROR_CONFIG, RETRY_NEVER, 0,
				 "%s has mode %04o, so that others can read or change it: run `chmod 600 %s`", path,
				 (unsigned)st.st_mode & 07777, path);
	if (file_read_fd(fd, path, &content, err) < 0)
		return -1;
	return secret_new(without_line_end(buf_span(&content)), ret, err);
}

static int run_command(const char *command, struct deadline deadline, int cancel_fd, struct secret **ret,
		       struct error *err)
{
	int status = 0;
	struct span rest, line = { "", 0 };
	_cleanup_(buf_wipe) struct buf output = BUF_INIT(OUTPUT_MAX);
	_cleanup_(free_p) char **environment = secret_environment();
	if (!environment)
		return error_memory(err);
	const struct process_command process = {
		.shell_line = command,
		.environment = environment,
		.deadline = deadline_earlier(deadline, deadline_in(SECRET_CMD_TIMEOUT_MS)),
		.cancel_fd = cancel_fd,
	};
	if (process_run(&process, &output, &status, err) < 0)
		return -1;
	if (status != 0)
		return error_set(err, ERROR_CONFIG, RETRY_NEVER, status,
				 "the command ended with status %d: run it by hand to see why", status);
	rest = buf_span(&output);
	span_next(&rest, '\n', &line);
	if (without_line_end(line).len == 0)
		return error_set(err, ERROR_CONFIG, RETRY_NEVER, 0,
				 "the command wrote nothing in its first line: run it by hand to see why");
	return secret_new(without_line_end(line), ret, err);
}

int secret_resolve(const struct secret_ref *ref, struct deadline deadline, int cancel_fd, struct secret **ret,
		   struct error *err)
{
	int result = -1;
	switch (ref->kind) {
	case SECRET_ENV:
		result = read_env(ref->source, ret, err);
		break;
	case SECRET_FILE:
		result = read_file(ref->source, ret, err);
		break;
	case SECRET_CMD:
		result = run_command(ref->source, deadline, cancel_fd, ret, err);
		break;
	case SECRET_INLINE:
		result = secret_new(span_of(secret_reveal(ref->secret)), ret, err);
		break;
	}
	if (result < 0 && (err->kind == ERROR_TIMEOUT || err->kind == ERROR_LIMIT)) {
		/* Whoever needs it for a server must not take it for the server's trouble, nor try again. */
		err->kind = ERROR_CONFIG;
		err->retry = RETRY_NEVER;
	}
	return result < 0 ? error_prefix(err, "%s", ref->text) : 0;
}

void secret_protect_process(void)
{
	const struct rlimit no_core = { 0, 0 };
	(void)setrlimit(RLIMIT_CORE, &no_core);
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}
