/* Preloaded into postproof by a test: as soon as the file CLOCK_FILE exists, the wall clock is set CLOCK_SET seconds on
 * (negative: back). */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

int clock_gettime(clockid_t clock, struct timespec *time)
{
	int (*real)(clockid_t, struct timespec *) = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT,
												 "clock_gettime");
	const char *file = getenv("CLOCK_FILE"), *set = getenv("CLOCK_SET");
	int result = real(clock, time);
	if (result == 0 && clock == CLOCK_REALTIME && file && set && access(file, F_OK) == 0)
		time->tv_sec += strtol(set, NULL, 10);
	return result;
}
