/* The settings of [check] that are of rules. Data, and what its texts must look like. */
#include "harness/judge/rule_settings.h"

#include "harness/judge/waiver.h"

static int rule_check_waiver(struct span text, struct error *err)
{
	struct waivers waivers = { 0 };
	int result = waivers_add(&waivers, text, err);
	waivers_fini(&waivers);
	return result;
}

static const struct setting_form rule_form_packs = { "names and paths of rule packs, separated by commas", NULL };
static const struct setting_form rule_form_waiver = { "RULE until DATE because TEXT", rule_check_waiver };

static const struct setting_key rule_keys[] = {
	{ "rules", SETTING_NAMES(rule_settings, packs), .form = &rule_form_packs,
	  .fallback = "gmail, yahoo, microsoft, uk-gov, rfc",
	  .help = "Rule packs by which findings are judged: names of those that are shipped, and paths (with a / in "
		  "them) of your own, separated by commas." },
	{ "waive", SETTING_LINES(rule_settings, waive), .form = &rule_form_waiver, .fallback_is = "nothing is waived",
	  .help = "A rule, or a finding, that may be broken until a day: RULE until DATE because TEXT. It is shown, "
		  "and ends by itself. May be given several times." },
};

const struct setting_table rule_settings_table = SETTING_TABLE(rule_keys);
