/* The question of a check to the DNS: one lost answer turns no finding. */
#ifndef ENGINE_ASK_H
#define ENGINE_ASK_H

#include "harness/posture/engine/check.h"

/* Asks as check_ask_once does. A temporary failure is asked again; if it stays, the authoritative servers of the zone
 * are asked. -1 only for memory: remembered in the check, so that a caller may just
 * return. */
int check_ask(struct check *check, const struct dns_question *questions, size_t count, struct dns_answer *ret_answers);

#endif
