/* Seed accounts and their choice. */
#include "tests/unit/unit.h"

#include "seeds/seed.h"

static void addresses_are_checked(void **state)
{
	static const struct {
		const char *text;
		bool ok;
	} rows[] = {
		{ "ana@alpha.example", true },
		{ "ana+tag@alpha.example", true },
		{ "j\xc3\xbcrgen@b\xc3\xbc"
		  "cher.example",
		  true },
		{ "ana", false },
		{ "@alpha.example", false },
		{ "ana@", false },
		{ "a@b@c", false },
		{ "ana maria@x", false },
		{ "Ana <ana@x>", false },
		{ "\"a\"@x", false },
		{ "a,b@x", false },
		{ "a\r\n@x", false },
		{ "\xff@x", false },
		{ "", false },
	};
	char longer[SEED_ADDRESS_MAX + 2];
	struct error err = ERROR_INIT;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ROW_ASSERT(rows[i].text, (seed_address_check(span_of(rows[i].text), &err) == 0) == rows[i].ok);
		ROW_ASSERT(rows[i].text, rows[i].ok || err.kind == ERROR_CONFIG);
	}
	memset(longer, 'x', sizeof(longer));
	longer[3] = '@';
	assert_int_equal(seed_address_check(span_make(longer, SEED_ADDRESS_MAX), &err), 0);
	assert_int_equal(seed_address_check(span_make(longer, SEED_ADDRESS_MAX + 1), &err), -1);
}

static const char *const accounts[][2] = {
	{ "ana@alpha.example", "alpha" }, { "bob@alpha.example", "alpha" }, { "cem@beta.example", "beta" },
	{ "dora@beta.example", "beta" },  { "eve@gamma.example", "gamma" },
};

static void fill(struct seed_list *list)
{
	struct error err = ERROR_INIT;
	struct seed *seed;
	for (size_t i = 0; i < ARRAY_LEN(accounts); i++) {
		assert_int_equal(seed_list_add(list, span_of(accounts[i][0]), (unsigned)i + 1, &seed, &err), 0);
		seed->provider = strdup(accounts[i][1]);
	}
}

static void a_seed_is_found_with_its_domain_in_any_case(void **state)
{
	struct seed_list list = { 0 };
	fill(&list);
	assert_ptr_equal(seed_list_find(&list, SPAN_LIT("bob@ALPHA.Example")), &list.seeds[1]);
	assert_null(seed_list_find(&list, SPAN_LIT("Bob@alpha.example")));
	assert_null(seed_list_find(&list, SPAN_LIT("bob@alpha.exampl")));
	seed_list_fini(&list);
	seed_list_fini(NULL);
}

static void twins_are_marked(void **state)
{
	static const char *const rows[] = { "b@x.example", "a@x.example", "b@X.EXAMPLE", "B@x.example", "b@x.Example" };
	static const size_t expected[] = { 0, 1, 0, 0, 0 };
	struct seed_list list = { 0 };
	struct error err = ERROR_INIT;
	struct seed *seed;
	size_t twin_of[ARRAY_LEN(rows)];
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_int_equal(seed_list_add(&list, span_of(rows[i]), 1, &seed, &err), 0);
	assert_string_equal(list.seeds[2].address, "b@x.example");
	assert_int_equal(seed_list_twins(&list, twin_of, &err), 0);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		ROW_ASSERT(rows[i], twin_of[i] == expected[i]);
	seed_list_fini(&list);
}

static void options_choose_seeds(void **state)
{
	static const struct {
		const char *label;
		const char *addresses[3], *providers[3];
		const char *chosen; /* one letter a seed, or the error */
	} rows[] = {
		{ "all", { NULL }, { NULL }, "abcde" },
		{ "by address", { "cem@beta.example", "ana@alpha.EXAMPLE" }, { NULL }, "ac" },
		{ "by provider", { NULL }, { "beta" }, "cd" },
		{ "by two providers", { NULL }, { "beta", "gamma" }, "cde" },
		{ "both must hold", { "ana@alpha.example", "cem@beta.example" }, { "beta" }, "c" },
		{ "unknown address",
		  { "anna@alpha.example" },
		  { NULL },
		  "no seed has the address \"anna@alpha.example\": did you mean \"ana@alpha.example\"?" },
		{ "unknown provider",
		  { NULL },
		  { "betta" },
		  "no seed is at the provider \"betta\": did you mean \"beta\"?" },
		{ "nothing near", { NULL }, { "elephant" }, "no seed is at the provider \"elephant\"" },
		{ "nothing left",
		  { "ana@alpha.example" },
		  { "beta" },
		  "the chosen seeds are not at the chosen providers" },
	};
	struct seed_list list = { 0 };
	fill(&list);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct error err = ERROR_INIT;
		bool chosen[ARRAY_LEN(accounts)];
		char letters[ARRAY_LEN(accounts) + 1] = "";
		struct seed_filter filter = { rows[i].addresses, 0, rows[i].providers, 0 };
		while (rows[i].addresses[filter.address_count])
			filter.address_count++;
		while (rows[i].providers[filter.provider_count])
			filter.provider_count++;
		int result = seed_list_choose(&list, &filter, chosen, &err);
		for (size_t s = 0, at = 0; s < ARRAY_LEN(accounts) && result == 0; s++)
			if (chosen[s])
				letters[at++] = accounts[s][0][0];
		ROW_ASSERT_STRING(rows[i].label, result == 0 ? letters : err.text, rows[i].chosen);
		ROW_ASSERT(rows[i].label, result == 0 || err.kind == ERROR_USAGE);
	}
	seed_list_fini(&list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_are_checked),
		cmocka_unit_test(a_seed_is_found_with_its_domain_in_any_case),
		cmocka_unit_test(twins_are_marked),
		cmocka_unit_test(options_choose_seeds),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
