/* Ordering and counting of judged probes. Pure. */
#include "harness/judge/matrix.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/compiler.h"

void matrix_row_fini(struct matrix_row *row)
{
	if (!row)
		return;
	trace_fini(&row->trace);
	evaluation_fini(&row->evaluation);
	judgement_fini(&row->judgement);
	*row = (struct matrix_row){ 0 };
}

static void rows_free(struct matrix_row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		matrix_row_fini(&rows[i]);
	free(rows);
}

/* A row on its way to its place. */
struct matrix_place {
	const char *provider;
	size_t first; /* row at which the provider stands first in the plan */
	size_t row;
};

static int by_provider(const void *a, const void *b)
{
	const struct matrix_place *x = a, *y = b;
	int c = strcmp(x->provider, y->provider);
	return c ? c : x->row < y->row ? -1 : x->row > y->row;
}

static int by_first(const void *a, const void *b)
{
	const struct matrix_place *x = a, *y = b;
	if (x->first != y->first)
		return x->first < y->first ? -1 : 1;
	return x->row < y->row ? -1 : x->row > y->row;
}

/* Brings every row to its place, where it stands, since rows are large: along each cycle of places. */
static void matrix_reorder(struct matrix_row *rows, struct matrix_place *places, size_t count)
{
	for (size_t first = 0; first < count; first++) {
		struct matrix_row row = rows[first];
		size_t to = first, from;
		while ((from = places[to].row) != first) {
			rows[to] = rows[from];
			places[to].row = to;
			to = from;
		}
		rows[to] = row;
		places[to].row = to;
	}
}

int matrix_init(struct matrix *ret, struct matrix_row *rows, size_t count, struct error *err)
{
	struct matrix m = { .rows = rows, .count = count };
	_cleanup_(free_p) struct matrix_place *places = calloc(count ? count : 1, sizeof(*places));
	if (!places) {
		rows_free(rows, count);
		return error_memory(err);
	}
	for (size_t i = 0; i < count; i++)
		places[i] = (struct matrix_place){ .provider = rows[i].evidence.provider, .row = i };
	qsort(places, count, sizeof(*places), by_provider);
	for (size_t i = 0; i < count; i++) {
		bool same = i > 0 && strcmp(places[i].provider, places[i - 1].provider) == 0;
		places[i].first = same ? places[i - 1].first : places[i].row;
	}
	qsort(places, count, sizeof(*places), by_first);
	matrix_reorder(rows, places, count);
	for (size_t i = 0; i < count; i++) {
		m.verdicts[rows[i].judgement.verdict]++;
		m.outcomes[rows[i].judgement.outcome]++;
	}
	*ret = m;
	return 0;
}

void matrix_fini(struct matrix *matrix)
{
	if (!matrix)
		return;
	rows_free(matrix->rows, matrix->count);
	*matrix = (struct matrix){ 0 };
}

int matrix_exit_status(const struct matrix *matrix)
{
	if (matrix->verdicts[VERDICT_FAIL])
		return 1;
	return matrix->verdicts[VERDICT_UNKNOWN] || matrix->count == 0 ? 2 : 0;
}
