/* Counts descriptors and raises the limit on them. */
#include "harness/base/descriptors.h"

#include <dirent.h>
#include <errno.h>
#include <sys/resource.h>

/* Those that are open; `most` where not even the counting has one left. */
static size_t count_open_descriptors(size_t most)
{
	size_t count = 0;
	DIR *dir = opendir("/proc/self/fd");
	if (!dir)
		return errno == EMFILE || errno == ENFILE ? most : 0;
	for (struct dirent *e; (e = readdir(dir)) != NULL;)
		count += e->d_name[0] != '.';
	closedir(dir);
	return count > 0 ? count - 1 : 0; /* without its own */
}

int descriptors_reserve(size_t count, struct error *err)
{
	struct rlimit limit;
	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return error_errno(err, ERROR_ENVIRONMENT, RETRY_NEVER, errno,
				   "cannot read the limit of file descriptors");
	rlim_t need = count_open_descriptors(limit.rlim_cur) + count;
	if (limit.rlim_cur >= need)
		return 0;
	if (limit.rlim_max < need)
		return error_set(
		    err, ERROR_ENVIRONMENT, RETRY_NEVER, EMFILE,
		    "%llu file descriptors are needed, and the hard limit of this process is %llu: raise it "
		    "(ulimit -Hn, LimitNOFILE=)",
		    (unsigned long long)need, (unsigned long long)limit.rlim_max);
	limit.rlim_cur = need;
	if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
		return error_errno(err, ERROR_ENVIRONMENT, RETRY_NEVER, errno,
				   "cannot raise the limit of file descriptors");
	return 0;
}
