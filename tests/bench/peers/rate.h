/* What the benchmarks of libraries in C share: the measuring loop. A program prints evaluations a second of CPU time;
 * one whose result is not the expected one ends it. */
#ifndef BENCH_RATE_H
#define BENCH_RATE_H

#include <stdbool.h>
#include <stddef.h>

/* The octets of a file with a NUL behind them; ends the program where it cannot be read. */
char *rate_file(const char *path, size_t *ret_len);

/* Calls `evaluate` for so many seconds and prints the rate. Returns the exit code. */
int rate_measure(bool (*evaluate)(void *context), void *context, double seconds);

#endif
