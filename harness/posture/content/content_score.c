/* What content filters of the user's own think of a message as it will be sent. They see it before it is signed and
 * without a way behind it, so rules on those count little. */
#include "harness/posture/content/content_checks.h"
#include "harness/posture/content/rspamd.h"
#include "harness/posture/content/spamd.h"

static void content_score_report(struct check *check, const char *id, const struct content *c,
				 const struct spam_score *score)
{
	check_that(check, !score->is_spam, id, content_name(c),
		   "change what the rules with the highest points name, or say why they are wrong of this mail",
		   "%.1f of %.1f points%s%s; %.*s", score->score, score->threshold, score->action[0] ? ", " : "",
		   score->action, SPAN_ARG(buf_span(&score->rules)));
}

typedef int ask_fn(const char *server, struct span message, struct deadline deadline, struct spam_score *ret,
		   struct error *err);

static void content_score_ask(struct check *check, const char *id, const struct content *c, const char *server,
			      ask_fn *fn)
{
	struct spam_score score = { .is_spam = false };
	struct error err = ERROR_INIT;
	if (!server)
		return;
	check_connected(check);
	if (fn(server, c->message->octets, check_deadline(check), &score, &err) < 0)
		check_open(check, id, content_name(c), "%s: %s", server, err.text);
	else
		content_score_report(check, id, c, &score);
	buf_fini(&score.rules);
}

void content_check_spamd(struct check *check, const struct content *c)
{
	content_score_ask(check, "content.spamassassin", c, check_params(check)->spamd, spamd_ask);
}

void content_check_rspamd(struct check *check, const struct content *c)
{
	content_score_ask(check, "content.rspamd", c, check_params(check)->rspamd, rspamd_ask);
}
