/* Rule packs by name: those that are shipped, and files of the user's own. */
#ifndef CONFIG_RULE_PACKS_H
#define CONFIG_RULE_PACKS_H

#include "harness/base/error.h"
#include "harness/judge/rule.h"
#include "harness/judge/waiver.h"
#include "harness/config/config.h"
#include "harness/model/facts.h"

/* Loads packs, separated by commas: a word is looked up as NAME.ini in the folders of $POSTPROOF_RULES (separated by
 * colons) where that is set, else in postproof/rules of $XDG_CONFIG_HOME (~/.config) and where it was installed; what
 * has a `/` in it is a path. Errors: ERROR_CONFIG naming the pack, or file, line and mistake; memory. Free with
 * rules_fini. */
int rule_packs_load(const char *names, struct rules *ret, struct error *err);

/* Which files those are: each name with the SHA-256 of its file, added to *packs, a heap array of *count. Errors: as
 * rule_packs_load, but what stands in the file is not looked at; a part may have been added then. */
int rule_packs_hash(const char *names, struct rule_pack **packs, size_t *count, struct error *err);

/* The waivers of the configuration. Errors: memory. */
int rule_packs_waivers(const struct config *config, struct waivers *ret, struct error *err);

/* Whether each of them is for a finding, or for a rule of a pack that is configured or found by its name: a slip of the
 * pen would waive nothing. Errors: ERROR_CONFIG with the nearest, or as rule_packs_load; memory. */
int rule_packs_check_waivers(const struct config *config, struct error *err);

#endif
