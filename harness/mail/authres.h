/* Authentication-Results (RFC 8601) and ARC-Authentication-Results (RFC 8617 section 4.1.1) as data. Says what a header
 * says, not whether it can be believed: that is for hops.h and theirs.h. */
#ifndef MAIL_AUTHRES_H
#define MAIL_AUTHRES_H

#include <stdbool.h>
#include <stddef.h>

#include "harness/base/error.h"
#include "harness/base/span.h"
#include "harness/model/words.h"

/* Methods of one header, and properties of one method, beyond these are a deviation and are left out. */
enum { AUTHRES_METHODS_MAX = 200, AUTHRES_PROPERTIES_MAX = 100 };

enum { AUTHRES_DEVIATION_MAX = 160 };

/* `smtp.mailfrom=example.net`. Microsoft's `action=none` and `arc_overridden_status=...` have an empty ptype. */
struct authres_property {
	struct span ptype;
	struct span property;
	struct span value; /* unquoted */
};

struct authres_method {
	struct span method;      /* as written: `dkim` */
	struct span version;     /* `1`; empty where not said */
	struct span word;        /* the result as written: `hardfail` */
	enum auth_result result; /* what the word means (authres_result) */
	struct span reason;      /* of `reason=`; .p is NULL where there is none, as below */
	struct span comment;     /* the text of the comments behind the result, joined by one space */
	struct authres_property *properties;
	size_t property_count;
};

struct authres {
	bool arc;                       /* ARC-Authentication-Results */
	unsigned instance;              /* its `i=`, 1 to 50; 0 where not ARC, or absent */
	struct span authserv_id;        /* unquoted; .p is NULL in Microsoft's form, which has none */
	struct span version;            /* behind the authserv-id; empty where not said */
	bool none;                      /* `; none`: nothing was checked */
	struct authres_method *methods; /* in order */
	size_t method_count;
	char deviation[AUTHRES_DEVIATION_MAX]; /* the first departure from the RFC, with its offset in the value, as one
						  escaped line; "" for a conforming header */
	bool broken;  /* a comment or a quoted string does not end: what stood before it was kept, the rest not read */
	char *octets; /* what the spans point into */
};

/* Reads the value of the field (folds may be in it). `arc`: the field is ARC-Authentication-Results.
 * `internationalised`: the message is known to be one (SMTPUTF8), so that UTF-8 in the authserv-id and in values is no
 * deviation; it is kept in either case.
 * Every input gives a result; what is wrong with it is said by `deviation`. Conforming is what RFC 8601 allows, with
 * the words of known methods checked against section 2.7. Understood all the same: no authserv-id in front of the first
 * result, properties without ptype, unquoted values of any sort, unknown words, empty results between semicolons. What
 * is none of that costs its own element: the reading goes on behind the next semicolon outside of comments and quoted
 * strings. In a comment or a quoted string, ended or not, nothing is read: a sender can write there.
 * -1 only for memory. Linear. Free with authres_fini. */
int authres_parse(struct authres *a, struct span value, bool arc, bool internationalised, struct error *err);
void authres_fini(struct authres *a);

/* The meaning of a result word: those of RFC 8601 section 2.7, ASCII case folded, and what providers write for them
 * (`hardfail` fail, `perm_fail` permerror, `temp_fail` temperror, `unknown` neutral, `bestguesspass` none, `dkim_pass`
 * of the method dkim pass); AUTH_NOT_REPORTED for any other word. */
enum auth_result authres_result(struct span method, struct span word);

/* Whether RFC 8601 section 2.7, or RFC 8617 for arc, has this word for the method; true for methods that neither has.
 */
bool authres_word_is_of(struct span method, struct span word);

/* The value of a property of the method (names ASCII case folded; ptype "" for Microsoft's); .p is NULL where there is
 * none. */
struct span authres_property_get(const struct authres_method *m, const char *ptype, const char *property);

#endif
