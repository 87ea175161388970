/* Measuring in CPU time, since the machine may be busy with other things. */
#include "tests/bench/peers/rate.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

char *rate_file(const char *path, size_t *ret_len)
{
	FILE *f = fopen(path, "rb");
	char *octets = NULL;
	if (f && fseek(f, 0, SEEK_END) == 0) {
		*ret_len = (size_t)ftell(f);
		rewind(f);
		octets = calloc(1, *ret_len + 1);
	}
	if (!octets || fread(octets, 1, *ret_len, f) != *ret_len) {
		perror(path);
		exit(1);
	}
	fclose(f);
	return octets;
}

static double cpu_seconds(void)
{
	struct timespec t;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int rate_measure(bool (*evaluate)(void *context), void *context, double seconds)
{
	/* Looking at this clock is a system call: it is done ever more seldom, for what is quick. */
	unsigned long done = 0, next = 1;
	double begin = cpu_seconds(), spent = 0;
	for (; spent < seconds; done++) {
		if (!evaluate(context)) {
			fprintf(stderr, "the result is not the expected one\n");
			return 1;
		}
		if (done + 1 < next)
			continue;
		spent = cpu_seconds() - begin;
		next = spent < seconds / 4 ? 2 * next : next + next / 16 + 1;
	}
	printf("%.1f\n", (double)done / spent);
	return 0;
}
