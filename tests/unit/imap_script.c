/* A server that follows a case. What the case says is prose in part (`also`): such habits stand in a table here. */
#include "tests/unit/imap_script.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "harness/base/compiler.h"
#include "harness/base/span.h"
#include "tests/unit/imap_script_fetch.h"
#include "tests/unit/imap_script_state.h"

enum { LINE_OCTETS = 16384, REPLY_OCTETS = 1 << 20, IDLE_LOOK_MS = 10 };

/* One session. */
struct script_talk {
	struct imap_script *script;
	struct test_peer peer;
	char tag[32];
	struct script_folder *open;
	unsigned told; /* version of the folders that the client knows */
	bool signed_in, ended;
};

/* --- commands --------------------------------------------------------------------------------------------------- */

static const char *script_capabilities(const struct imap_script *s)
{
	return script_says(s, "LOGIN") ? "IMAP4rev1 IDLE ID" : "IMAP4rev1 AUTH=PLAIN IDLE ID";
}

static void finish(struct script_talk *t, struct buf *out, const char *text)
{
	buf_addf(out, "%s %s\r\n", t->tag, text);
}

/* The name in `NAME ...`, `"NA\"ME" ...`, unquoted. */
static char *name_in(const char *text)
{
	struct buf name = BUF_INIT(LINE_OCTETS);
	buf_add_str(&name, "");
	if (*text != '"')
		buf_add(&name, text, strcspn(text, " "));
	else
		for (text++; *text && *text != '"'; text++) {
			if (*text == '\\' && text[1])
				text++;
			buf_add_char(&name, *text);
		}
	return buf_take(&name);
}

static void script_list(struct script_talk *t, const char *rest, struct buf *out)
{
	json_t *say = script_says(t->script, "LIST");
	bool extended = strstr(rest, "RETURN") || rest[0] == '(';
	if (say && (!(t->script->habits & SCRIPT_PLAIN_LIST) || extended)) {
		if (!script_add_said(say, t->tag, NULL, out))
			finish(t, out, "OK done");
		return;
	}
	for (size_t i = 0; i < t->script->folder_count; i++)
		buf_addf(out, "* LIST (%s) \"/\" \"%s\"\r\n", i == 1 ? "\\HasNoChildren" : "",
			 t->script->folders[i].name);
	finish(t, out, "OK done");
}

static void script_look(struct script_talk *t, const char *verb, const char *rest, struct buf *out)
{
	bool examine = strcmp(verb, "EXAMINE") == 0;
	_cleanup_(free_p) char *name = name_in(rest);
	struct script_folder *f = script_find_folder(t->script, span_of(name));
	char on[600];
	snprintf(on, sizeof(on), "in front of the answer to %s", verb);
	script_add_said(script_says(t->script, on), t->tag, f, out);
	snprintf(on, sizeof(on), "%s %s", verb, name);
	json_t *say = script_says(t->script, on);
	bool early = (t->script->habits & SCRIPT_UIDNEXT_0) && f && f->count > 0;
	if (examine) {
		t->open = f;
		t->told = t->script->version;
	}
	if (say && !early)
		script_add_octets_said(say, t->tag, f, out);
	else if (!f)
		finish(t, out, "NO there is no such folder");
	else if (examine)
		buf_addf(out,
			 "* FLAGS ()\r\n* %zu EXISTS\r\n* 0 RECENT\r\n* OK [UIDVALIDITY %d] x\r\n* OK [UIDNEXT %" PRIu32
			 "] x\r\n%s OK [READ-ONLY] done\r\n",
			 f->count, early ? 1 : SCRIPT_UIDVALIDITY, f->uidnext, t->tag);
	else
		buf_addf(out, "* STATUS \"%s\" (MESSAGES %zu UIDNEXT %" PRIu32 " UIDVALIDITY %d)\r\n%s OK done\r\n",
			 name, f->count, f->uidnext, early ? 1 : SCRIPT_UIDVALIDITY, t->tag);
}

/* What is said of every sign-in, or of this way of signing in. */
static json_t *sign_in_says(const struct imap_script *s, bool plain, bool *ret_behind_password)
{
	json_t *say = s->login ? json_object_get(s->login, "say") : script_says(s, "AUTHENTICATE or LOGIN");
	*ret_behind_password = say != NULL;
	if (say || !plain)
		return say ? say : script_says(s, "LOGIN");
	*ret_behind_password = script_says(s, "AUTHENTICATE") != NULL;
	return *ret_behind_password ? script_says(s, "AUTHENTICATE") : script_says(s, "AUTHENTICATE PLAIN");
}

static void script_taken(struct script_talk *t, struct buf *out)
{
	struct imap_script *s = t->script;
	const char *refused = s->habits & SCRIPT_ONE_SESSION ? "NO [AUTHENTICATIONFAILED] Authentication failed."
			      : s->habits & SCRIPT_ONE_SESSION_SAID
				  ? "NO [ALERT] Too many simultaneous connections. (Failure)"
				  : NULL;
	if (refused && s->signed_in > 0) {
		finish(t, out, refused);
		return;
	}
	s->signed_in++;
	t->signed_in = true;
	finish(t, out, "OK signed in");
}

static void script_sign_in(struct script_talk *t, bool plain, struct buf *out)
{
	bool behind, ended = false;
	char line[LINE_OCTETS];
	json_t *say = sign_in_says(t->script, plain, &behind);
	/* A challenge, unless the mechanism is refused. */
	const char *first = json_string_value(json_array_get(say, 0));
	bool challenge = plain && (behind || !first || first[0] == '+');
	if (challenge) {
		peer_sendf(&t->peer, "%s\r\n", first && first[0] == '+' ? first : "+ ");
		pthread_mutex_unlock(&t->script->lock);
		bool heard = peer_read_line(&t->peer, line, sizeof(line));
		pthread_mutex_lock(&t->script->lock);
		t->ended = !heard;
		t->script->passwords++;
	}
	t->script->passwords += !plain;
	for (size_t i = first && first[0] == '+'; i < json_array_size(say); i++) {
		const char *text = json_string_value(json_array_get(say, i));
		if (script_is_tagged(text) && strncmp(text, "{tag} OK", 8) == 0) {
			script_taken(t, out);
			return;
		}
		ended = ended || script_is_tagged(text);
		script_add_line(out, text, t->tag, NULL);
	}
	/* A second thing that is said of AUTHENTICATE PLAIN comes behind the credentials. */
	if (strcmp(json_string_value(json_object_get(t->script->form, "id")), "d-plain-bad-after-challenge") == 0 &&
	    plain)
		finish(t, out, "BAD Invalid SASL argument");
	else if (t->script->login && !ended)
		t->ended = true;
	else if (!ended)
		script_taken(t, out);
}

/* --- IDLE ------------------------------------------------------------------------------------------------------- */

static void idle_news(struct script_talk *t, json_t *say, size_t from, struct buf *out)
{
	if (script_says(t->script, "IDLE, new message"))
		return;
	if (from < json_array_size(say))
		for (size_t i = from; i < json_array_size(say); i++)
			script_add_line(out, json_string_value(json_array_get(say, i)), t->tag, t->open);
	else
		buf_addf(out, "* %zu EXISTS\r\n", t->open ? t->open->count : 0);
}

/* What comes up to the agreement. Returns the place behind it; 0: there is none, and the command has ended. */
static size_t idle_begins(struct script_talk *t, json_t *say, struct buf *out)
{
	if (!say) {
		buf_add_str(out, "+ idling\r\n");
		return 1;
	}
	for (size_t i = 0; i < json_array_size(say); i++) {
		const char *line = json_string_value(json_array_get(say, i));
		script_add_line(out, line, t->tag, t->open);
		if (line[0] == '+')
			return i + 1;
	}
	return 0;
}

static bool idle_send(struct script_talk *t, struct buf *out)
{
	bool sent = peer_send_octets(&t->peer, buf_str(out), out->len);
	buf_clear(out);
	return sent;
}

/* The server ends IDLE by itself, or the connection. */
static bool idle_cut(struct script_talk *t, int64_t waited_ms)
{
	struct imap_script *s = t->script;
	if ((s->habits & SCRIPT_IDLE_ENDS) && waited_ms >= 500) {
		peer_sendf(&t->peer, "%s OK IDLE terminated\r\n", t->tag);
		return true;
	}
	if (!(s->habits & SCRIPT_IDLE_CLOSES) || waited_ms < 300 || s->idle_cuts >= 2)
		return false;
	s->idle_cuts++;
	t->ended = true;
	return true;
}

static void script_idle(struct script_talk *t, struct buf *out)
{
	struct imap_script *s = t->script;
	json_t *say = script_says(s, "IDLE");
	size_t news = idle_begins(t, say, out);
	const char *next = json_string_value(json_array_get(say, news));
	bool at_once = news > 0 && next && script_is_tagged(next);
	if (at_once)
		script_add_line(out, next, t->tag, t->open);
	if (!idle_send(t, out) || news == 0 || at_once)
		return;
	for (int64_t waited = 0;; waited += IDLE_LOOK_MS) {
		if (s->version != t->told)
			idle_news(t, say, news, out);
		t->told = s->version;
		if (idle_cut(t, waited))
			return;
		pthread_mutex_unlock(&s->lock);
		bool sent = idle_send(t, out);
		struct pollfd fd = { .fd = t->peer.fd, .events = POLLIN };
		bool heard = poll(&fd, 1, IDLE_LOOK_MS) > 0;
		char line[64];
		bool read = sent && (!heard || peer_read_line(&t->peer, line, sizeof(line)));
		pthread_mutex_lock(&s->lock);
		t->ended = !read || s->ending;
		if (t->ended)
			return;
		if (heard)
			break;
	}
	if (!script_add_said(script_says(s, "DONE"), t->tag, t->open, out))
		finish(t, out, "OK idled");
}

/* --- a session -------------------------------------------------------------------------------------------------- */

static bool starts(const char *command, const char *verb)
{
	return strncasecmp(command, verb, strlen(verb)) == 0;
}

/* Commands without an answer of their own shape. */
static void script_other(struct script_talk *t, const char *command, struct buf *out)
{
	char verb[64];
	snprintf(verb, sizeof(verb), "%.*s", (int)strcspn(command, " "), command);
	json_t *say = script_says(t->script, verb);
	t->ended = strcmp(verb, "LOGOUT") == 0;
	if (strcmp(verb, "CAPABILITY") == 0 && !say)
		buf_addf(out, "* CAPABILITY %s\r\n", script_capabilities(t->script));
	if (t->ended && !say)
		buf_add_str(out, "* BYE\r\n");
	if (!script_add_said(say, t->tag, NULL, out) && !(t->ended && say))
		finish(t, out, "OK done");
}

static void script_obey(struct script_talk *t, const char *command, struct buf *out)
{
	struct imap_script *s = t->script;
	if (starts(command, "LOGIN "))
		script_sign_in(t, false, out);
	else if (starts(command, "AUTHENTICATE PLAIN"))
		script_sign_in(t, true, out);
	else if (starts(command, "LIST "))
		script_list(t, command + 5, out);
	else if (starts(command, "STATUS "))
		script_look(t, "STATUS", command + 7, out);
	else if (starts(command, "EXAMINE "))
		script_look(t, "EXAMINE", command + 8, out);
	else if (starts(command, "UID FETCH ") || starts(command, "FETCH ")) {
		s->fetches++;
		t->told = s->version;
		if (starts(command, "UID"))
			script_add_said(script_says(s, "in front of the answer to UID"), t->tag, t->open, out);
		t->ended = script_fetch(s, t->open, command, t->tag, out);
	} else if (starts(command, "IDLE"))
		script_idle(t, out);
	else
		script_other(t, command, out);
}

static void greet(struct script_talk *t)
{
	_cleanup_(buf_fini) struct buf out = BUF_INIT(REPLY_OCTETS);
	const char *on = json_string_value(json_object_get(t->script->login, "on"));
	json_t *say = on && strcmp(on, "greeting") == 0 ? json_object_get(t->script->login, "say")
							: script_says(t->script, "greeting");
	t->ended = on && strcmp(on, "greeting") == 0;
	for (size_t i = 0; i < json_array_size(say); i++)
		script_add_line(&out, json_string_value(json_array_get(say, i)), "", NULL);
	if (!say)
		buf_add_str(&out, "* OK ready\r\n");
	peer_send_octets(&t->peer, buf_str(&out), out.len);
}

static void script_talk(struct script_talk *t)
{
	char line[LINE_OCTETS];
	_cleanup_(buf_fini) struct buf out = BUF_INIT(REPLY_OCTETS);
	greet(t);
	while (!t->ended && peer_read_line(&t->peer, line, sizeof(line))) {
		char *space = strchr(line, ' ');
		snprintf(t->tag, sizeof(t->tag), "%.*s", (int)strcspn(line, " "), line);
		if (!space)
			buf_addf(&out, "%s BAD no command\r\n", t->tag);
		pthread_mutex_lock(&t->script->lock);
		if (space)
			script_obey(t, space + 1, &out);
		pthread_mutex_unlock(&t->script->lock);
		if (!idle_send(t, &out))
			break;
	}
}

static void *script_session(void *argument)
{
	struct script_talk *t = argument;
	struct imap_script *s = t->script;
	script_talk(t);
	close(t->peer.fd);
	pthread_mutex_lock(&s->lock);
	s->signed_in -= t->signed_in;
	s->sessions--;
	pthread_cond_signal(&s->ended);
	pthread_mutex_unlock(&s->lock);
	free(t);
	return NULL;
}

static void *script_listen(void *argument)
{
	struct imap_script *s = argument;
	const int on = 1;
	for (;;) {
		int fd = accept4(s->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd < 0)
			return NULL;
		struct script_talk *t = calloc(1, sizeof(*t));
		pthread_t thread;
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
		*t = (struct script_talk){ .script = s, .peer = { .fd = fd } };
		pthread_mutex_lock(&s->lock);
		s->sessions++;
		pthread_mutex_unlock(&s->lock);
		if (pthread_create(&thread, NULL, script_session, t) != 0)
			abort();
		pthread_detach(thread);
	}
}

/* --- beginning and end ------------------------------------------------------------------------------------------ */

/* What cases say in prose. */
static const struct {
	const char *id;
	unsigned habits;
} script_habits[] = {
	{ "uidnext-0", SCRIPT_UIDNEXT_0 },
	{ "f-bye", SCRIPT_ONCE },
	{ "invisible-first", SCRIPT_ONCE },
	{ "f-no-once", SCRIPT_ONCE },
	{ "body-nil-once", SCRIPT_ONCE },
	{ "body-nil0-once", SCRIPT_ONCE },
	{ "header-crlf-once", SCRIPT_ONCE },
	{ "d-fetch-refused-once-unavailable", SCRIPT_ONCE },
	{ "f-no-corrupt-other", SCRIPT_CORRUPT_OTHER },
	{ "fetch-empty-BAD", SCRIPT_EMPTY_BAD },
	{ "d-fetch-answers-all", SCRIPT_ANSWERS_ALL },
	{ "d-fetch-body-empty-quoted", SCRIPT_EMPTY_QUOTED },
	{ "d-idle-ends-itself", SCRIPT_IDLE_ENDS },
	{ "d-idle-close", SCRIPT_IDLE_CLOSES },
	{ "d-list-return-empty", SCRIPT_PLAIN_LIST },
	{ "d-uidnext-rewound", SCRIPT_REWOUND },
	{ "d-gmail-also-in-all-mail", SCRIPT_ALL_MAIL },
	{ "d-second-session-refused", SCRIPT_ONE_SESSION },
	{ "d-second-session-too-many", SCRIPT_ONE_SESSION_SAID },
};

static void script_start(struct imap_script *s)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(at);
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->ended, NULL);
	s->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(s->listener, (void *)&at, sizeof(at)) < 0 || listen(s->listener, 16) < 0 ||
	    getsockname(s->listener, (void *)&at, &len) < 0 || pthread_create(&s->thread, NULL, script_listen, s) != 0)
		abort();
	s->port = ntohs(at.sin_port);
}

struct imap_script *imap_script_new(json_t *form, const char *of)
{
	struct imap_script *s = calloc(1, sizeof(*s));
	*s = (struct imap_script){ .form = form, .of = of };
	for (size_t i = 0; i < ARRAY_LEN(script_habits); i++)
		if (strcmp(script_habits[i].id, json_string_value(json_object_get(form, "id"))) == 0)
			s->habits = script_habits[i].habits;
	const char *also = json_string_value(json_object_get(form, "also"));
	s->with_others = also && strstr(also, "somebody else");
	script_make_folders(s);
	script_fetch_init(s);
	if (s->example.old_uid)
		script_put_message(s->message_in, s->example.old_uid, SCRIPT_OLD, script_message_old());
	if (s->habits & SCRIPT_REWOUND)
		s->message_in->uidnext = 124;
	script_start(s);
	return s;
}

struct imap_script *imap_script_new_login(json_t *login)
{
	struct imap_script *s = calloc(1, sizeof(*s));
	*s = (struct imap_script){ .form = login, .of = "", .login = login };
	script_make_folders(s);
	script_start(s);
	return s;
}

void imap_script_deliver(struct imap_script *s, const char *tag)
{
	struct script_folder *f = s->message_in;
	pthread_mutex_lock(&s->lock);
	snprintf(s->tag, sizeof(s->tag), "%s", tag);
	if (s->habits & SCRIPT_REWOUND)
		f->uidnext -= 50;
	uint32_t uid = s->example.our_uid ? s->example.our_uid : f->uidnext + s->with_others;
	if (s->with_others)
		script_put_message(f, uid - 1, SCRIPT_OTHER, script_message_old());
	script_put_message(f, uid, SCRIPT_OURS, script_message_ours(s));
	if (s->with_others)
		script_put_message(f, uid + 1, SCRIPT_OTHER, script_message_old());
	if (s->view)
		script_put_message(s->view, 5, SCRIPT_OURS, script_message_ours(s));
	s->version++;
	pthread_mutex_unlock(&s->lock);
}

void imap_script_free(struct imap_script *s)
{
	shutdown(s->listener, SHUT_RDWR);
	pthread_join(s->thread, NULL);
	close(s->listener);
	pthread_mutex_lock(&s->lock);
	s->ending = true;
	while (s->sessions > 0)
		pthread_cond_wait(&s->ended, &s->lock);
	pthread_mutex_unlock(&s->lock);
	for (size_t i = 0; i < s->folder_count; i++) {
		for (size_t k = 0; k < s->folders[i].count; k++)
			free(s->folders[i].messages[k].octets);
		free(s->folders[i].name);
	}
	script_fetch_fini(s);
	pthread_mutex_destroy(&s->lock);
	pthread_cond_destroy(&s->ended);
	free(s);
}

uint16_t imap_script_port(const struct imap_script *s)
{
	return s->port;
}

unsigned imap_script_passwords(struct imap_script *s)
{
	pthread_mutex_lock(&s->lock);
	unsigned n = s->passwords;
	pthread_mutex_unlock(&s->lock);
	return n;
}

unsigned imap_script_fetches(struct imap_script *s)
{
	pthread_mutex_lock(&s->lock);
	unsigned n = s->fetches;
	pthread_mutex_unlock(&s->lock);
	return n;
}
