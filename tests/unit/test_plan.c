/* Planning: who gets what, and what is refused before anything is stored. */
#include "harness/run/plan.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/config/config_load.h"
#include "harness/mail/tag.h"
#include "tests/unit/unit.h"
#include "tests/unit/shipped.h"

static char folder[64];
static struct config *config;

static void write_file(const char *name, const char *text)
{
	char path[128];
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	FILE *out = fopen(path, "w");
	assert_non_null(out);
	fputs(text, out);
	fclose(out);
}

/* Three seeds at two providers, two messages: at most six messages to send. */
static int set_up(void **state)
{
	struct error err = ERROR_INIT;
	struct config_problems problems = { 0 };
	char path[128];
	use_shipped_data(NULL);
	snprintf(folder, sizeof(folder), "/tmp/postproof-plan-XXXXXX");
	assert_non_null(mkdtemp(folder));
	write_file("m.eml", "To: {{to}}\nSubject: {{word}}\n\nHello.\n");
	write_file("n.eml", "To: {{to}}\nSubject: News\n\nHello.\n");
	write_file(
	    "pp.ini",
	    "[service]\nfrom = a@service.test\n[smtp]\nurl = smtp://127.0.0.1\nuser = u\npassword = hunter2\n"
	    "[message m]\ntemplate = m.eml\nvar.word = Hello\n[message n]\ntemplate = n.eml\nstream = marketing\n"
	    "[provider alpha]\nhost = h\nreceived_by = h\n[provider beta]\nhost = h\nreceived_by = h\n"
	    "[seed a@alpha.test]\nprovider = alpha\npassword = env:X\n"
	    "[seed b@alpha.test]\nprovider = alpha\npassword = env:X\n"
	    "[seed c@beta.test]\nprovider = beta\npassword = env:X\n[run]\nmax_messages = 6\n");
	snprintf(path, sizeof(path), "%s/pp.ini", folder);
	assert_int_equal(config_load(path, &config, &problems, &err), 0);
	assert_int_equal(problems.errors, 0);
	config_problems_fini(&problems);
	return 0;
}

static int remove_entry(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	return remove(path);
}

static int tear_down(void **state)
{
	config_free(config);
	return nftw(folder, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

static void choice_decides_who_gets_what(void **state)
{
	static const struct {
		const char *label;
		const char *message, *provider, *seed; /* NULL: all */
		const char *plan;                      /* `SEED MESSAGE` each, in order; NULL: an error */
		const char *says;
	} rows[] = {
		{ "all", NULL, NULL, NULL,
		  "a@alpha.test m|a@alpha.test n|b@alpha.test m|b@alpha.test n|c@beta.test m|c@beta.test n|", NULL },
		{ "one message", "n", NULL, NULL, "a@alpha.test n|b@alpha.test n|c@beta.test n|", NULL },
		{ "one provider", NULL, "beta", NULL, "c@beta.test m|c@beta.test n|", NULL },
		{ "one seed", NULL, NULL, "b@alpha.test", "b@alpha.test m|b@alpha.test n|", NULL },
		{ "all three", "m", "alpha", "a@alpha.test", "a@alpha.test m|", NULL },
		{ "no such message", "mm", NULL, NULL, NULL, "there is no [message mm]" },
		{ "no such provider", NULL, "alpa", NULL, NULL, "alpha" },
		{ "no such seed", NULL, NULL, "d@alpha.test", NULL, "@alpha.test" },
		{ "no seed at that provider", NULL, "beta", "a@alpha.test", NULL, "" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct error err = ERROR_INIT;
		struct run_facts plan = { 0 };
		char text[512] = "";
		const struct plan_choice choice = { .seeds = { &rows[i].seed, rows[i].seed ? 1 : 0, &rows[i].provider,
							       rows[i].provider ? 1 : 0 },
						    .messages = &rows[i].message,
						    .message_count = rows[i].message ? 1 : 0,
						    .label = "before" };
		int result = plan_make(config, &choice, 1000, &plan, &err);
		ROW_ASSERT(rows[i].label, (result == 0) == (rows[i].plan != NULL));
		if (result < 0) {
			ROW_ASSERT_STRING(rows[i].label, error_kind_name(err.kind), "usage");
			if (!strstr(err.text, rows[i].says))
				fail_msg("%s: \"%s\" does not say \"%s\"", rows[i].label, err.text, rows[i].says);
			continue;
		}
		for (size_t k = 0; k < plan.probe_count; k++)
			snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s %s|", plan.probes[k].seed,
				 plan.probes[k].message);
		ROW_ASSERT_STRING(rows[i].label, text, rows[i].plan);
		ROW_ASSERT_STRING(rows[i].label, plan.summary.label, "before");
		run_facts_fini(&plan);
	}
}

static void plan_all(struct run_facts *plan)
{
	struct error err = ERROR_INIT;
	if (plan_make(config, &(struct plan_choice){ .label = "" }, 1000, plan, &err) < 0)
		fail_msg("%s", err.text);
}

static void every_probe_has_a_tag_of_its_own(void **state)
{
	struct run_facts first, second;
	plan_all(&first);
	plan_all(&second);
	for (size_t i = 0; i < first.probe_count; i++) {
		assert_true(tag_valid(span_of(first.probes[i].tag)));
		for (size_t k = 0; k < second.probe_count; k++) {
			assert_string_not_equal(first.probes[i].tag, second.probes[k].tag);
			assert_true(i == k || strcmp(first.probes[i].tag, first.probes[k].tag) != 0);
		}
	}
	run_facts_fini(&first);
	run_facts_fini(&second);
}

static void settings_are_kept_without_secrets(void **state)
{
	struct run_facts plan;
	bool reference = false;
	plan_all(&plan);
	for (size_t i = 0; i < plan.setting_count; i++) {
		assert_null(strstr(plan.settings[i].value, "hunter2"));
		reference = reference || strcmp(plan.settings[i].value, "env:X") == 0;
	}
	assert_true(reference);
	assert_int_equal(plan.messages[1].stream, STREAM_MARKETING);
	assert_int_equal(strlen(plan.messages[0].sha256), 64);
	assert_string_not_equal(plan.messages[0].sha256, plan.messages[1].sha256);
	run_facts_fini(&plan);
}

static void more_than_max_messages_is_refused(void **state)
{
	struct error err = ERROR_INIT;
	struct run_facts plan = { 0 };
	config->run.max_messages = 5;
	assert_int_equal(plan_make(config, &(struct plan_choice){ .label = "" }, 1000, &plan, &err), -1);
	assert_int_equal(err.kind, ERROR_CONFIG);
	assert_non_null(
	    strstr(err.text, "3 seeds and 2 messages make 6 messages to send, and [run] max_messages is 5"));
	assert_null(plan.probes);
}

static void templates_are_loaded_by_the_messages_of_the_plan(void **state)
{
	static const char *const only[] = { "n" };
	struct error err = ERROR_INIT;
	struct plan_templates templates = { 0 };
	struct run_facts plan;
	const struct plan_choice choice = { .messages = only, .message_count = 1, .label = "" };
	assert_int_equal(plan_make(config, &choice, 1000, &plan, &err), 0);
	assert_int_equal(plan_message_index(&plan, "n"), 0);
	assert_int_equal(plan_templates_load(config, &plan, &templates, &err), 0);
	assert_int_equal(templates.count, 1);
	assert_string_equal(template_sha256(templates.templates[0]), plan.messages[0].sha256);
	plan_templates_fini(&templates);
	run_facts_fini(&plan);
	plan_all(&plan);
	assert_int_equal(plan_message_index(&plan, "m"), 0);
	assert_int_equal(plan_message_index(&plan, "n"), 1);
	free(config->messages[1].name);
	config->messages[1].name = strdup("renamed");
	assert_int_equal(plan_templates_load(config, &plan, &templates, &err), -1);
	assert_int_equal(err.kind, ERROR_CONFIG);
	assert_non_null(strstr(err.text, "[message n] is not in the plan of the run"));
	assert_int_equal(templates.count, 0);
	run_facts_fini(&plan);
}

/* A run that is resumed sends what it was planned to send. */
static void a_run_is_composed_by_its_plan(void **state)
{
	struct error err = ERROR_INIT;
	struct plan_templates templates = { 0 };
	struct run_facts plan;
	struct config *planned = NULL;
	plan_all(&plan);
	/* The configuration has lost a message and changed the other since. */
	free(config->messages[1].name);
	config->messages[1].name = strdup("renamed");
	free(config->messages[0].vars[0].value);
	config->messages[0].vars[0].value = strdup("Changed");
	config->messages[0].subject_tag = true;
	free(config->service.from);
	config->service.from = strdup("other@service.test");
	assert_int_equal(plan_config(config, &plan, &planned, &err), 0);
	assert_string_equal(planned->service.from, "a@service.test");
	assert_string_equal(planned->messages[0].vars[0].value, "Hello");
	assert_false(planned->messages[0].subject_tag);
	assert_int_equal(plan_templates_load(planned, &plan, &templates, &err), 0);
	assert_int_equal(templates.count, 2);
	plan_templates_fini(&templates);
	write_file("n.eml", "To: {{to}}\nSubject: Other news\n\nHello.\n");
	assert_int_equal(plan_templates_load(planned, &plan, &templates, &err), -1);
	assert_non_null(strstr(err.text, "n.eml has changed since the run was planned"));
	write_file("n.eml", "To: {{to}}\nSubject: News\n\nHello.\n");
	/* The folder of the configuration was moved: it says where its templates are. */
	char from[128], to[128];
	snprintf(from, sizeof(from), "%s/m.eml", folder);
	snprintf(to, sizeof(to), "%s/moved.eml", folder);
	assert_int_equal(rename(from, to), 0);
	assert_int_equal(plan_templates_load(planned, &plan, &templates, &err), -1);
	assert_non_null(strstr(err.text, "the run cannot go on without the template of message m"));
	config_free(planned);
	free(config->messages[0].template_path);
	config->messages[0].template_path = strdup(to);
	assert_int_equal(plan_config(config, &plan, &planned, &err), 0);
	assert_int_equal(plan_templates_load(planned, &plan, &templates, &err), 0);
	plan_templates_fini(&templates);
	config_free(planned);
	run_facts_fini(&plan);
}

static void template_that_cannot_be_read_is_refused(void **state)
{
	struct error err = ERROR_INIT;
	struct run_facts plan = { 0 };
	write_file("n.eml", "Subject: to nobody\n\nHello.\n");
	assert_int_equal(plan_make(config, &(struct plan_choice){ .label = "" }, 1000, &plan, &err), -1);
	assert_int_equal(err.kind, ERROR_CONFIG);
	assert_non_null(strstr(err.text, "n.eml"));
}

#define PLAN_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		PLAN_TEST(choice_decides_who_gets_what),
		PLAN_TEST(every_probe_has_a_tag_of_its_own),
		PLAN_TEST(settings_are_kept_without_secrets),
		PLAN_TEST(more_than_max_messages_is_refused),
		PLAN_TEST(templates_are_loaded_by_the_messages_of_the_plan),
		PLAN_TEST(a_run_is_composed_by_its_plan),
		PLAN_TEST(template_that_cannot_be_read_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
