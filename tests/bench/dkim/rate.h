/* What the benchmarks of libraries in C share: the message, the key record and the measuring loop.
 *   PROGRAM MESSAGE KEY-RECORD SECONDS
 * prints verifications a second. A verification that does not pass ends the program. */
#ifndef BENCH_RATE_H
#define BENCH_RATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

struct rate_input {
	char *message, *record;
	size_t message_len, record_len;
	double seconds;
};

static char *rate_file(const char *path, size_t *ret_len)
{
	FILE *f = fopen(path, "rb");
	char *octets;
	if (!f || fseek(f, 0, SEEK_END) < 0) {
		perror(path);
		exit(1);
	}
	*ret_len = (size_t)ftell(f);
	rewind(f);
	octets = calloc(1, *ret_len + 1);
	if (!octets || fread(octets, 1, *ret_len, f) != *ret_len) {
		perror(path);
		exit(1);
	}
	fclose(f);
	return octets;
}

static struct rate_input rate_arguments(int argc, char **argv)
{
	struct rate_input in = { 0 };
	if (argc != 4) {
		fprintf(stderr, "usage: %s MESSAGE KEY-RECORD SECONDS\n", argv[0]);
		exit(3);
	}
	in.message = rate_file(argv[1], &in.message_len);
	in.record = rate_file(argv[2], &in.record_len);
	in.seconds = strtod(argv[3], NULL);
	return in;
}

/* CPU time: the machine may be busy with other things. */
static double rate_now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int rate_measure(bool (*verify)(void *context), void *context, double seconds)
{
	unsigned long done = 0;
	double begin, now;
	if (!verify(context)) {
		fprintf(stderr, "the signature does not verify\n");
		return 1;
	}
	begin = rate_now();
	do {
		if (!verify(context))
			return 1;
		done++;
		now = rate_now();
	} while (now - begin < seconds);
	printf("%.1f\n", (double)done / (now - begin));
	return 0;
}

#endif
