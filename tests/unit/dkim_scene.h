/* A message, keys in the DNS and a verification of it: what tests of DKIM and ARC are made of. */
#ifndef TESTS_DKIM_SCENE_H
#define TESTS_DKIM_SCENE_H

#include "harness/auth/arc.h"
#include "harness/auth/dkim.h"
#include "tests/unit/dkim_signer.h"
#include "tests/unit/fake_dns.h"

#define SCENE_NOW_MS 1700000000000
#define SCENE_HEADER                                                                                                   \
	"From: Ana <ana@example.org>\r\nTo: Bo <bo@example.net>\r\nSubject:  Is  dinner\r\n ready?\r\n"                \
	"Date: Tue, 14 Nov 2023 22:00:00 +0000\r\n"
#define SCENE_BODY "Hi.\r\n\r\nWe lost  the game. \r\n\r\n\r\n"

struct scene {
	struct fake_dns *dns;
	struct buf message;
	bool truncated;
	int64_t now_ms;
};

void scene_init(struct scene *s);
void scene_fini(struct scene *s);

/* Publishes the key as selector `s1` (or another) of example.org, with these tags in front of p=. */
void scene_key(struct scene *s, const char *selector, const char *tags, enum signer_kind kind);

/* Replaces the one place where `old` stands in the message; fails the test where there is none. */
void scene_change(struct scene *s, const char *old, const char *new);

/* Evaluates; results are the caller's. */
void scene_dkim(struct scene *s, struct dkim_evaluation *ret);
void scene_arc(struct scene *s, struct arc_evaluation *ret);

/* The evaluation as lines `result: reason`, one for each signature. */
void scene_words(struct scene *s, struct buf *out);

#endif
