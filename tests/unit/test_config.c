/* The configuration. */
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/buf.h"
#include "harness/base/clock.h"
#include "harness/judge/expect.h"
#include "harness/config/config_find.h"
#include "harness/config/config_load.h"
#include "harness/config/config_secrets.h"
#include "harness/config/config_show.h"
#include "harness/config/config_stored.h"
#include "providers/profile.h"
#include "tests/unit/shipped.h"

/* A configuration without fault; tests put lines into it. */
#define SERVICE  "[service]\nfrom = Ana Lima <ana@shop.example>\n"
#define SMTP     "[smtp]\nurl = smtp://mail.shop.example:587\n"
#define MESSAGE  "[message welcome]\ntemplate = welcome.eml\n"
#define PROVIDER "[provider alpha]\nhost = imap.alpha.example\nreceived_by = mx.alpha.example\n"
#define SEED     "[seed ana@alpha.example]\nprovider = alpha\npassword = env:X\n"
#define COMPLETE SERVICE SMTP MESSAGE PROVIDER SEED

/* Reads a text as the file conf/pp.ini. The problems come as `LINE: text|`, warnings with a `~` in front. */
static struct config *parse(const char *text, struct buf *problems)
{
	struct error err = ERROR_INIT;
	struct config *config = NULL;
	struct config_problems list = { 0 };
	if (config_parse("conf/pp.ini", span_of(text), &config, &list, &err) < 0)
		fail_msg("%s", err.text);
	buf_clear(problems);
	for (size_t i = 0; i < list.count; i++) {
		buf_addf(problems, "%s%u: %s|", list.list[i].severity == CONFIG_WARNING ? "~" : "", list.list[i].line,
			 list.list[i].text);
		assert_string_equal(list.list[i].file, "conf/pp.ini");
	}
	config_problems_fini(&list);
	return config;
}

static void a_small_configuration_gets_its_defaults(void **state)
{
	struct buf problems = BUF_INIT(65536);
	struct config *c = parse(COMPLETE, &problems);
	assert_string_equal(buf_str(&problems), "");
	assert_string_equal(c->service.from, "Ana Lima <ana@shop.example>");
	assert_string_equal(c->service.from_name, "Ana Lima");
	assert_string_equal(c->service.from_address, "ana@shop.example");
	assert_string_equal(c->service.envelope_sender, "ana@shop.example");
	assert_string_equal(c->service.domain, "shop.example");
	assert_int_equal(c->smtp.starttls, SMTP_STARTTLS_REQUIRED);
	assert_int_equal(c->smtp.connections, 4);
	assert_int_equal(c->smtp.pace_ms, 1000);
	assert_int_equal(c->smtp.timeout_ms, 30000);
	assert_int_equal(c->smtp.retry_ms, 10000);
	assert_null(c->smtp.user);
	assert_int_equal(c->message_count, 1);
	assert_string_equal(c->messages[0].template_path, "conf/welcome.eml");
	assert_int_equal(c->messages[0].stream, STREAM_TRANSACTIONAL);
	assert_false(c->messages[0].subject_tag);
	assert_null(c->bounces.host);
	assert_int_equal(c->run.wait_ms, 600000);
	assert_int_equal(c->run.settle_ms, 5000);
	assert_true(c->run.sweep);
	assert_int_equal(c->run.max_messages, 1000);
	assert_int_equal(c->run.workers, 64);
	assert_null(c->store.path);
	assert_int_equal(c->run.check, RUN_CHECK_WARN);
	assert_string_equal(c->rules.packs, "gmail, yahoo, microsoft, uk-gov, rfc");
	assert_null(c->rules.waive);
	assert_int_equal(c->check.timeout_ms, 30000);
	assert_int_equal(c->check.reply_valid_ms, INT64_C(180) * 24 * 3600 * 1000);
	assert_int_equal(c->outbound_count, 0);
	assert_null(c->inbound.address);
	assert_int_equal(c->seeds.count, 1);
	assert_string_equal(c->seeds.seeds[0].provider, "alpha");
	assert_string_equal(config_provider(c, "alpha")->profile->host, "imap.alpha.example");
	assert_null(config_provider(c, "beta"));
	assert_ptr_equal(config_message(c, "welcome"), &c->messages[0]);
	assert_null(config_message(c, "x"));
	config_free(c);
	config_free(NULL);
	buf_fini(&problems);
}

static void values_reach_their_fields(void **state)
{
	struct buf problems = BUF_INIT(65536);
	struct config *c = parse(
	    "[service]\nfrom = ana@shop.example\nenvelope_sender = b+{tag}@bounces.example\ndomain = mail.example\n"
	    "[smtp]\nurl = smtps://[::1]:465\nstarttls = none\nuser = u\npassword = file:pw\nca_file = ~/ca.pem\n"
	    "helo = 192.0.2.1\nconnections = 64\npace = 0\ntimeout = 1m\nretry = 100ms\n"
	    "[message a]\ntemplate = /abs.eml\nstream = marketing\nsubject_tag = yes\nvar.name = Ana\nvar.x = "
	    "{{\n" PROVIDER "[seed ana@Alpha.Example]\nprovider = alpha\nuser = login\npassword = cmd:pw show x\n"
	    "[expect alpha a]\nspf = fail\n"
	    "[bounces]\nhost = imap.example\nsecurity = starttls\nuser = b\npassword = env:B\nfolder = Bounces 2\n"
	    "[run]\nwait = 0\nsettle = 1s\nsweep = no\nmax_messages = 7\nlogin_timeout = 1s\ncommand_timeout = 2s\n"
	    "workers = 1\ncheck = enforce\n[store]\npath = runs/pp.sqlite\n"
	    "[check]\nrules = gmail,own/house.ini , /etc/pp.ini\nwaive = gmail.ptr until 2026-12-31 because a\n"
	    "waive = spf.all until 2027-12-31 because b\nselectors = s1, s_2.k\naddress_blocklists = zen.example\n"
	    "domain_blocklists = dbl.example\nspamassassin = [::1]:783\nrspamd = http://localhost:11334\n"
	    "ca_file = ca.pem\nhelo = check.example\nresolvers = 192.0.2.1, [::1]:53\ntimeout = 5s\nreply_valid = 30d\n"
	    "[outbound mail.example]\nown = yes\nport = 2525\nprobe_to = ana@alpha.example\nconnections = 2\n"
	    "[outbound relay.example]\n"
	    "[inbound]\naddress = me@shop.example\nhost = imap.example\nsecurity = starttls\nuser = me\n"
	    "password = env:I\nca_file = ca.pem\nprobe_to = ana@alpha.example\nconnections = 2\nwait = 2m\n",
	    &problems);
	assert_string_equal(buf_str(&problems), "");
	assert_string_equal(c->service.envelope_sender, "b+{tag}@bounces.example");
	assert_string_equal(c->service.domain, "mail.example");
	assert_string_equal(c->service.from_name, "");
	assert_int_equal(c->smtp.starttls, SMTP_STARTTLS_NONE);
	assert_string_equal(secret_ref_text(c->smtp.password), "file:pw");
	assert_string_equal(c->smtp.helo, "192.0.2.1");
	assert_int_equal(c->smtp.connections, 64);
	assert_int_equal(c->smtp.pace_ms, 0);
	assert_int_equal(c->smtp.retry_ms, 100);
	assert_string_equal(c->messages[0].template_path, "/abs.eml");
	assert_int_equal(c->messages[0].stream, STREAM_MARKETING);
	assert_true(c->messages[0].subject_tag);
	assert_int_equal(c->messages[0].var_count, 2);
	assert_string_equal(c->messages[0].vars[1].name, "x");
	assert_string_equal(c->messages[0].vars[1].value, "{{");
	assert_string_equal(c->seeds.seeds[0].address, "ana@alpha.example");
	assert_string_equal(c->seeds.seeds[0].user, "login");
	assert_int_equal(c->bounces.port, 143);
	assert_int_equal(c->bounces.security, IMAP_STARTTLS);
	assert_string_equal(c->bounces.folder, "Bounces 2");
	assert_int_equal(c->run.wait_ms, 0);
	assert_false(c->run.sweep);
	assert_int_equal(c->run.command_timeout_ms, 2000);
	assert_string_equal(c->store.path, "conf/runs/pp.sqlite");
	assert_int_equal(c->run.check, RUN_CHECK_ENFORCE);
	assert_string_equal(c->rules.packs, "gmail, conf/own/house.ini, /etc/pp.ini");
	assert_string_equal(c->rules.waive, "gmail.ptr until 2026-12-31 because a\nspf.all until 2027-12-31 because b");
	assert_string_equal(c->check.selectors, "s1, s_2.k");
	assert_string_equal(c->check.spamassassin, "[::1]:783");
	assert_string_equal(c->check.ca_file, "conf/ca.pem");
	assert_int_equal(c->check.reply_valid_ms, INT64_C(30) * 24 * 3600 * 1000);
	assert_int_equal(c->outbound_count, 2);
	assert_string_equal(c->outbounds[0].host, "mail.example");
	assert_true(c->outbounds[0].own);
	assert_int_equal(c->outbounds[0].port, 2525);
	assert_string_equal(c->outbounds[0].probe_to, "ana@alpha.example");
	assert_int_equal(c->outbounds[0].connections, 2);
	assert_false(c->outbounds[1].own);
	assert_int_equal(c->outbounds[1].port, 25);
	assert_null(c->outbounds[1].probe_to);
	assert_string_equal(c->inbound.address, "me@shop.example");
	assert_int_equal(c->inbound.port, 143);
	assert_string_equal(c->inbound.ca_file, "conf/ca.pem");
	assert_string_equal(c->inbound.probe_to, "ana@alpha.example");
	assert_int_equal(c->inbound.connections, 2);
	assert_int_equal(c->inbound.wait_ms, 120000);
	struct expectation x = expectations_get(c->expect, "alpha", "a", AUTH_METHODS_ALL);
	assert_string_equal(expectation_text(&x, EXPECT_SPF), "fail");
	config_free(c);
	buf_fini(&problems);
}

static void each_mistake_is_told_with_line_and_mend(void **state)
{
	/* The text is put behind a complete configuration of 12 lines. */
	static const struct {
		const char *label, *text, *problems;
	} rows[] = {
		{ "unknown section", "[sed x]\nprovider = y\n",
		  "13: [sed x]: there is no such section: did you mean [seed ADDRESS]?|" },
		{ "section like none", "[frobnicate]\n",
		  "13: [frobnicate]: there is no such section: see postproof.ini(5) for those that there are|" },
		{ "unknown key", "[run]\nwiat = 3s\n", "14: [run] wiat: there is no such key: did you mean wait?|" },
		{ "key in another case", "[run]\nWait = 3s\n",
		  "14: [run] Wait: there is no such key: did you mean wait?|" },
		{ "key like none", "[store]\nelephant = 3\n",
		  "14: [store] elephant: there is no such key: the keys are path|" },
		{ "duration without a unit", "[run]\nwait = 10\n",
		  "14: [run] wait: \"10\" is not a duration: write a whole number and a unit, such as 500ms, 30s, 10m, "
		  "2h "
		  "or 1d|" },
		{ "duration out of range", "[run]\nlogin_timeout = 0\n",
		  "14: [run] login_timeout: \"0\" is out of range: 100ms to 1h is accepted|" },
		{ "number out of range", "[run]\nworkers = 65\n",
		  "14: [run] workers: \"65\" cannot be used: a whole number from 1 to 64 is accepted|" },
		{ "no number", "[run]\nworkers = many\n",
		  "14: [run] workers: \"many\" cannot be used: a whole number from 1 to 64 is accepted|" },
		{ "neither yes nor no", "[run]\nsweep = true\n",
		  "14: [run] sweep: \"true\" cannot be used: write yes or no|" },
		{ "empty value", "[run]\nsweep =\n",
		  "14: [run] sweep: has no value: give it one, or take the line out|" },
		{ "waiver without a reason", "[check]\nwaive = gmail.ptr until 2026-12-31\n",
		  "14: [check] waive: \"gmail.ptr until 2026-12-31\" does not say why: write RULE until DATE because "
		  "TEXT, as in gmail.ptr until 2026-12-31 because the new addresses come in autumn|" },
		{ "two values of a key that has one", "[check]\nhelo = a.example\nhelo = b.example\n",
		  "15: [check] helo: is given in line 14 already: keep one of them|" },
		{ "name that the DNS cannot have", "[check]\nselectors = s1, a..b\n",
		  "14: [check] selectors: \"s1, a..b\" cannot be used: write names of the DNS, separated by commas|" },
		{ "spamd without a port", "[check]\nspamassassin = localhost\n",
		  "14: [check] spamassassin: \"localhost\" cannot be used: write HOST:PORT, an IPv6 address in "
		  "brackets|" },
		{ "Rspamd without a scheme", "[check]\nrspamd = localhost:11334\n",
		  "14: [check] rspamd: \"localhost:11334\" cannot be used: begin with http:// or https://|" },
		{ "outbound host without a name", "[outbound]\nown = yes\n",
		  "13: [outbound]: write it as [outbound HOST]|" },
		{ "probe to a mailbox that is no seed", "[outbound a.example]\nprobe_to = me@else.example\n",
		  "14: [outbound a.example] probe_to: me@else.example is no seed: add a [seed me@else.example] "
		  "section, "
		  "so that it can be looked into|" },
		{ "mailbox without a server", "[inbound]\naddress = me@shop.example\nuser = u\npassword = env:I\n",
		  "13: [inbound] host: is missing: The IMAP server on which it is read.|" },
		{ "probe to what is no address", "[outbound a.example]\nprobe_to = me\n",
		  "14: [outbound a.example] probe_to: me is not an address: no @|" },
		{ "message without a name", "[message]\ntemplate = x\n", "13: [message]: write it as [message NAME]|" },
		{ "message with two names", "[message a b]\n", "13: [message a b]: write it as [message NAME]|" },
		{ "run with a name", "[run x]\n", "13: [run x]: write it as [run]|" },
		{ "name with letters that it cannot have", "[message a/b]\ntemplate = x\n",
		  "13: [message a/b]: \"a/b\" is no name: write at most 64 letters, digits, \".\", \"_\" and \"-\"|" },
		{ "message without a template", "[message b]\nstream = marketing\n",
		  "13: [message b] template: is missing: The message, an .eml file with {{to}} in its To header. "
		  "{{tag}}, "
		  "{{date}}, {{from}} and own variables may stand in it too.|" },
		{ "unknown stream", "[message b]\ntemplate = b\nstream = bulk\n",
		  "15: [message b] stream: \"bulk\" cannot be used: write transactional or marketing|" },
		{ "seed that is no address", "[seed ana]\nprovider = alpha\n",
		  "13: [seed ana]: \"ana\" is no mailbox address: write it as local@domain|" },
		{ "seed without a password", "[seed b@x.example]\nprovider = alpha\n",
		  "13: [seed b@x.example] password: is missing: name where it is: env:NAME, file:PATH or "
		  "cmd:COMMAND|" },
		{ "seed without a provider", "[seed b@x.example]\npassword = env:X\n",
		  "13: [seed b@x.example] provider: is missing: The profile of the provider where the mailbox is: a "
		  "shipped "
		  "one, or a [provider] section.|" },
		{ "seed of an unknown provider", "[seed b@x.example]\nprovider = alhpa\npassword = env:X\n",
		  "14: [seed b@x.example] provider: there is no provider \"alhpa\": did you mean \"alpha\"?|" },
		{ "seed of a provider like none", "[seed b@x.example]\nprovider = elephant\npassword = env:X\n",
		  "14: [seed b@x.example] provider: there is no provider \"elephant\": add a section [provider "
		  "elephant] with "
		  "its host|" },
		{ "two seeds alike", "[seed ana@ALPHA.example]\nprovider = alpha\npassword = env:X\n",
		  "13: [seed ana@alpha.example]: is the same mailbox as in line 10: keep one of them|" },
		{ "inline password", "[seed b@x.example]\nprovider = alpha\npassword = hunter2\n",
		  "~15: [seed b@x.example] password: the secret itself stands in the file: write env:NAME, file:PATH "
		  "or "
		  "cmd:COMMAND instead|" },
		{ "reference to nothing", "[bounces]\nhost = h\nuser = u\npassword = env:\n",
		  "13: [bounces]: bounces cannot be told apart: put {tag} into [service] envelope_sender, as in "
		  "bounces+{tag}@example.org|16: [bounces] password: \"env:\" needs the name of an environment "
		  "variable "
		  "behind it|" },
		{ "expectation of no provider", "[expect alfa]\nspf = pass\n",
		  "13: [expect alfa]: no seed is at a provider \"alfa\": did you mean \"alpha\"?|" },
		{ "expectation of no message", "[expect alpha wellcome]\nspf = pass\n",
		  "13: [expect alpha wellcome]: there is no message \"wellcome\": did you mean \"welcome\"?|" },
		{ "expectation of three", "[expect a b c]\n",
		  "13: [expect a b c]: write it as [expect [PROVIDER [MESSAGE]]]|" },
		{ "unknown expectation", "[expect]\nspff = pass\n",
		  "14: [expect] spff: there is no such key: did you mean spf?|" },
		{ "same key twice", "[run]\nwait = 1s\nwait = 2s\n",
		  "15: [run] wait: is given in line 14 already: keep one of them|" },
		{ "provider whose own hop is not known",
		  "[provider beta]\nhost = h\n[seed b@x.example]\nprovider = beta\npassword = env:X\n",
		  "~13: [provider beta] received_by: is missing, so SPF, DKIM, DMARC and TLS cannot be read: make a "
		  "run, "
		  "see what it stamps in postproof explain, and set received_by, authserv_id and reports|" },
		{ "no setting", "nonsense\n", "13: neither `[section]` nor `key = value`|" },
	};
	struct buf problems = BUF_INIT(65536), text = BUF_INIT(65536);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		buf_clear(&text);
		buf_addf(&text, "%s%s", COMPLETE, rows[i].text);
		struct config *c = parse(buf_str(&text), &problems);
		ROW_ASSERT_STRING(rows[i].label, buf_str(&problems), rows[i].problems);
		config_free(c);
	}
	buf_fini(&text);
	buf_fini(&problems);
}

static void each_mistake_of_service_and_server_is_told(void **state)
{
	static const struct {
		const char *label, *text, *problems;
	} rows[] = {
		{ "nothing at all", "",
		  "0: [service] is missing: it says who sends (from)|0: [smtp] is missing: it says how the service "
		  "sends "
		  "(url)|0: there is no mailbox to send to: add a [seed ADDRESS] section|0: there is no message to "
		  "send: "
		  "add a [message NAME] section|" },
		{ "before the first section", "from = x\n" COMPLETE,
		  "1: settings stand before the first section: put them into one|" },
		{ "no From", "[service]\ndomain = x.example\n" SMTP MESSAGE PROVIDER SEED,
		  "1: [service] from: is missing: The From header of the messages, as the service writes it: an "
		  "address, "
		  "with a display name in front of it or not. Templates that have a From of their own must use the "
		  "same "
		  "address.|" },
		{ "two addresses in From", "[service]\nfrom = a@b.example, c@d.example\n" SMTP MESSAGE PROVIDER SEED,
		  "2: [service] from: \"a@b.example, c@d.example\" cannot be used: write one address, with a display "
		  "name "
		  "in front of it or not|" },
		{ "tag without its brace",
		  "[service]\nfrom = a@b.example\nenvelope_sender = b{tag@b.example\n" SMTP MESSAGE PROVIDER SEED,
		  "3: [service] envelope_sender: \"b{tag@b.example\" cannot be used: write {tag} once in it, as in "
		  "bounces+{tag}@example.org|" },
		{ "no scheme", SERVICE "[smtp]\nurl = mail.example\n" MESSAGE PROVIDER SEED,
		  "4: [smtp] url: \"mail.example\" cannot be used: begin with smtp:// or smtps://|" },
		{ "password in the URL", SERVICE "[smtp]\nurl = smtp://u:p@mail.example\n" MESSAGE PROVIDER SEED,
		  "4: [smtp] url: \"smtp://u:p@mail.example\" cannot be used: write smtp://HOST or smtp://HOST:PORT; "
		  "user "
		  "and password have keys of their own|" },
		{ "port out of range", SERVICE "[smtp]\nurl = smtp://mail.example:65536\n" MESSAGE PROVIDER SEED,
		  "4: [smtp] url: \"smtp://mail.example:65536\" cannot be used: write smtp://HOST or smtp://HOST:PORT; "
		  "user "
		  "and password have keys of their own|" },
		{ "user without password", SERVICE SMTP "user = u\n" MESSAGE PROVIDER SEED,
		  "5: [smtp] password: is missing: user and password go together|" },
		{ "password without user", SERVICE SMTP "password = env:X\n" MESSAGE PROVIDER SEED,
		  "5: [smtp] user: is missing: user and password go together|" },
		{ "host with a blank", SERVICE SMTP "helo = a b\n" MESSAGE PROVIDER SEED,
		  "5: [smtp] helo: \"a b\" cannot be used: write a domain name or an IP address|" },
	};
	struct buf problems = BUF_INIT(65536);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct config *c = parse(rows[i].text, &problems);
		ROW_ASSERT_STRING(rows[i].label, buf_str(&problems), rows[i].problems);
		config_free(c);
	}
	buf_fini(&problems);
}

static void urls_of_servers_are_accepted(void **state)
{
	static const char *const rows[] = { "smtp://mail.example",   "smtps://mail.example", "SMTP://mail.example:25",
					    "smtp://192.0.2.1:2525", "smtp://[2001:db8::1]", "smtp://localhost:1" };
	struct buf problems = BUF_INIT(65536), text = BUF_INIT(65536);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		buf_clear(&text);
		buf_addf(&text, SERVICE "[smtp]\nurl = %s\n" MESSAGE PROVIDER SEED, rows[i]);
		struct config *c = parse(buf_str(&text), &problems);
		ROW_ASSERT_STRING(rows[i], buf_str(&problems), "");
		ROW_ASSERT_STRING(rows[i], c->smtp.url, rows[i]);
		config_free(c);
	}
	buf_fini(&text);
	buf_fini(&problems);
}

static int add_shown(void *argument, const char *section, const char *key, const char *value, bool is_default)
{
	return buf_addf(argument, "[%s] %s=%s%s|", section, key, value, is_default ? " *" : "");
}

static void effective_settings_are_shown_without_secrets(void **state)
{
	struct buf problems = BUF_INIT(65536), shown = BUF_INIT(65536);
	struct error err = ERROR_INIT;
	struct config *c = parse(COMPLETE "[seed b@x.example]\nprovider = alpha\npassword = hunter2\n"
					  "[expect alpha]\nspf = any\n",
				 &problems);
	assert_int_equal(config_each(c, add_shown, &shown, &err), 0);
	const char *text = buf_str(&shown);
	static const char *const rows[] = {
		"[service] envelope_sender=ana@shop.example|",
		"[smtp] pace=1s *|",
		"[message welcome] template=conf/welcome.eml|",
		"[seed ana@alpha.example] password=env:X|",
		"[seed b@x.example] password=(inline, hidden)|",
		"[provider alpha] host=imap.alpha.example|",
		"[provider alpha] security=tls *|",
		"[expect] spf=pass *|",
		"[expect alpha] spf=any|",
		"[run] wait=10m *|",
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		ROW_ASSERT(rows[i], strstr(text, rows[i]));
	assert_null(strstr(text, "hunter2"));
	assert_null(strstr(text, "[bounces]"));
	config_free(c);
	buf_fini(&shown);
	buf_fini(&problems);
}

static int stop_at_once(void *argument, const char *section, const char *key, const char *value, bool is_default)
{
	++*(int *)argument;
	return 7;
}

static void the_walk_ends_when_its_function_says_so(void **state)
{
	struct buf problems = BUF_INIT(65536);
	struct error err = ERROR_INIT;
	int calls = 0;
	struct config *c = parse(COMPLETE, &problems);
	assert_int_equal(config_each(c, stop_at_once, &calls, &err), 7);
	assert_int_equal(calls, 1);
	config_free(c);
	buf_fini(&problems);
}

static void stored_settings_give_the_same_configuration(void **state)
{
	struct buf problems = BUF_INIT(65536);
	struct error err = ERROR_INIT;
	struct setting *settings;
	size_t count;
	struct config *rebuilt, *c;
	c = parse(SERVICE SMTP MESSAGE "var.name = Ana\n" SEED PROVIDER
				       "idle = no\n[expect]\nplacement = inbox, spam(warn)\n"
				       "[expect alpha welcome]\nwithin = 90s\n"
				       "[check]\nwaive = gmail.ptr until 2026-12-31 because a\n"
				       "waive = spf.all until 2027-12-31 because b\n[outbound a.example]\nown = yes\n",
		  &problems);
	assert_string_equal(buf_str(&problems), "");
	assert_int_equal(config_settings(c, &settings, &count, &err), 0);
	assert_int_equal(config_from_settings(settings, count, &rebuilt, &err), 0);
	struct expectation x = expectations_get(rebuilt->expect, "alpha", "welcome", AUTH_METHODS_ALL);
	assert_string_equal(expectation_text(&x, EXPECT_PLACEMENT), "inbox, spam(warn)");
	assert_int_equal(expectation_within_ms(&x), 90000);
	/* What a provider does not report is not expected of it, as before. */
	x = expectations_get(rebuilt->expect, "alpha", "welcome", 0);
	assert_true(expectation_any(&x, EXPECT_SPF));
	const struct profile *profile = config_provider(rebuilt, "alpha")->profile;
	assert_string_equal(profile->host, "imap.alpha.example");
	assert_false(profile->idle);
	assert_string_equal(rebuilt->service.from_address, "ana@shop.example");
	assert_string_equal(rebuilt->messages[0].vars[0].value, "Ana");
	assert_null(rebuilt->seeds.seeds[0].password);
	assert_string_equal(rebuilt->rules.waive, c->rules.waive);
	assert_string_equal(rebuilt->rules.packs, c->rules.packs);
	assert_int_equal(rebuilt->outbound_count, 1);
	assert_true(rebuilt->outbounds[0].own);
	settings_free(settings, count);
	config_free(rebuilt);
	config_free(c);
	buf_fini(&problems);
}

static void paths_of_any_octets_are_stored_and_read_again(void **state)
{
	struct error err = ERROR_INIT;
	struct config_problems problems = { 0 };
	struct config *c, *rebuilt;
	struct setting *settings;
	size_t count;
	const char *text = COMPLETE "[check]\nrules = gmail, own/house.ini\n[store]\npath = runs/pp.sqlite\n";
	assert_int_equal(config_parse("caf\xe9/pp.ini", span_of(text), &c, &problems, &err), 0);
	assert_int_equal(problems.count, 0);
	assert_int_equal(config_settings(c, &settings, &count, &err), 0);
	if (config_from_settings(settings, count, &rebuilt, &err) < 0)
		fail_msg("%s", err.text);
	assert_string_equal(rebuilt->messages[0].template_path, "caf\xe9/welcome.eml");
	assert_string_equal(rebuilt->rules.packs, "gmail, caf\xe9/own/house.ini");
	assert_string_equal(rebuilt->store.path, "caf\xe9/runs/pp.sqlite");
	settings_free(settings, count);
	config_free(rebuilt);
	config_free(c);
}

static void settings_of_another_release_are_passed_over(void **state)
{
	char run[] = "run", key[] = "of_the_future", value[] = "x", section[] = "futures", wait[] = "wait",
	     bad[] = "soon";
	struct setting unknown[] = { { run, key, value }, { run, wait, bad }, { section, key, value } };
	struct error err = ERROR_INIT;
	struct config *config = NULL;
	assert_int_equal(config_from_settings(unknown, 1, &config, &err), 0);
	config_free(config);
	assert_int_equal(config_from_settings(&unknown[2], 1, &config, &err), 0);
	config_free(config);
	assert_int_equal(config_from_settings(unknown, 2, &config, &err), -1);
	assert_int_equal(err.kind, ERROR_CONFIG);
	assert_string_equal(err.text,
			    "the stored plan: [run] wait: \"soon\" is not a duration: write a whole number and a "
			    "unit, such as 500ms, 30s, 10m, 2h or 1d");
}

static char folder[] = "/tmp/postproof-test-XXXXXX";

static const char *in_folder(const char *name)
{
	static char path[256];
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static void write_file(const char *name, const char *text, mode_t mode)
{
	int fd = open(in_folder(name), O_WRONLY | O_CREAT | O_TRUNC, mode);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

static void files_are_looked_at(void **state)
{
	struct error err = ERROR_INIT;
	struct config_problems problems = { 0 };
	struct config *c = NULL;
	assert_non_null(mkdtemp(folder));
	setenv("POSTPROOF_TEST_PASSWORD", "x", 1);
	write_file("pp.ini",
		   SERVICE SMTP
		   "user = u\npassword = file:open\nca_file = gone.pem\n" MESSAGE
		   "[message broken]\ntemplate = broken.eml\n[check]\nrules = gmial, ./house.ini\n" PROVIDER
		   "[seed a@x.example]\nprovider = alpha\npassword = env:POSTPROOF_TEST_PASSWORD\n"
		   "[seed b@x.example]\nprovider = alpha\npassword = env:POSTPROOF_TEST_NOT_SET\n"
		   "[seed c@x.example]\nprovider = alpha\npassword = cmd:exit 1\n",
		   0600);
	write_file("welcome.eml", "To: {{to}}\nSubject: Hello\n\nHello.\n", 0600);
	write_file("broken.eml", "To: ana@shop.example\nSubject: Hello\n\nHello.\n", 0600);
	write_file("open", "pw\n", 0644);
	assert_int_equal(config_load(in_folder("pp.ini"), &c, &problems, &err), 0);
	assert_int_equal(problems.errors, 3);
	assert_int_equal(problems.list[0].line, 7);
	assert_non_null(strstr(problems.list[0].text, "[smtp] ca_file: cannot open "));
	assert_non_null(strstr(problems.list[0].text, "gone.pem: No such file"));
	assert_int_equal(problems.list[1].line, 11);
	assert_non_null(strstr(problems.list[1].text, "[message broken] template: "));
	assert_non_null(strstr(problems.list[1].text, "{{to}}"));
	assert_string_equal(problems.list[2].text,
			    "[check] rules: there is no rule pack \"gmial\": did you mean \"gmail\"?");
	assert_int_equal(config_check_secrets(c, &problems, &err), 0);
	assert_int_equal(problems.errors, 5);
	assert_int_equal(problems.list[0].line, 6);
	assert_non_null(strstr(problems.list[0].text, "[smtp] password: file:open: "));
	assert_non_null(strstr(problems.list[0].text, "mode 0644"));
	assert_int_equal(problems.list[4].line, 22);
	assert_string_equal(problems.list[4].text,
			    "[seed b@x.example] password: env:POSTPROOF_TEST_NOT_SET: the variable "
			    "is not set: export it before the start");
	config_problems_fini(&problems);
	config_free(c);
	static const char *const made[] = { "pp.ini", "welcome.eml", "broken.eml", "open" };
	for (size_t i = 0; i < ARRAY_LEN(made); i++)
		assert_int_equal(unlink(in_folder(made[i])), 0);
	assert_int_equal(config_load(in_folder("pp.ini"), &c, &problems, &err), -1);
	assert_int_equal(err.kind, ERROR_CONFIG);
	rmdir(folder);
}

static void the_file_is_found_by_its_places(void **state)
{
	char home[] = "/tmp/postproof-test-XXXXXX", path[512], *found = NULL;
	struct error err = ERROR_INIT;
	assert_non_null(mkdtemp(home));
	assert_int_equal(chdir(home), 0);
	unsetenv("POSTPROOF_CONFIG");
	unsetenv("XDG_CONFIG_HOME");
	setenv("HOME", home, 1);
	assert_int_equal(config_find(&found, &err), 0);
	snprintf(path, sizeof(path), "%s/.config", home);
	assert_int_equal(mkdir(path, 0700), 0);
	snprintf(path, sizeof(path), "%s/.config/postproof", home);
	assert_int_equal(mkdir(path, 0700), 0);
	snprintf(path, sizeof(path), "%s/.config/postproof/config.ini", home);
	close(open(path, O_CREAT | O_WRONLY, 0600));
	assert_int_equal(config_find(&found, &err), 1);
	assert_string_equal(found, path);
	free(found);
	setenv("XDG_CONFIG_HOME", "relative", 1);
	assert_int_equal(config_find(&found, &err), 1);
	assert_string_equal(found, path);
	free(found);
	close(open("postproof.ini", O_CREAT | O_WRONLY, 0600));
	assert_int_equal(config_find(&found, &err), 1);
	assert_string_equal(found, "postproof.ini");
	free(found);
	setenv("POSTPROOF_CONFIG", "/nowhere/x.ini", 1);
	assert_int_equal(config_find(&found, &err), 1);
	assert_string_equal(found, "/nowhere/x.ini");
	free(found);
	unsetenv("POSTPROOF_CONFIG");
	unlink("postproof.ini");
	unlink(path);
	static const char *const made[] = { ".config/postproof", ".config" };
	for (size_t i = 0; i < ARRAY_LEN(made); i++)
		assert_int_equal(rmdir(made[i]), 0);
	assert_int_equal(chdir("/"), 0);
	rmdir(home);
}

static void the_default_store_lies_in_the_state_folder(void **state)
{
	static const struct {
		const char *xdg, *home, *path;
	} rows[] = {
		{ NULL, "/home/ana", "/home/ana/.local/state/postproof/postproof.sqlite" },
		{ "/state", "/home/ana", "/state/postproof/postproof.sqlite" },
		{ "relative", "/home/ana", "/home/ana/.local/state/postproof/postproof.sqlite" },
		{ NULL, NULL, NULL },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct error err = ERROR_INIT;
		char *path = NULL;
		unsetenv("XDG_STATE_HOME");
		unsetenv("HOME");
		if (rows[i].xdg)
			setenv("XDG_STATE_HOME", rows[i].xdg, 1);
		if (rows[i].home)
			setenv("HOME", rows[i].home, 1);
		int result = config_default_store(&path, &err);
		assert_int_equal(result, rows[i].path ? 0 : -1);
		if (rows[i].path)
			assert_string_equal(path, rows[i].path);
		else
			assert_non_null(strstr(err.text, "--store FILE"));
		free(path);
	}
}

static void thousands_of_seeds_take_little_time(void **state)
{
	struct buf text = BUF_INIT(4000000), problems = BUF_INIT(65536);
	buf_add_str(&text, SERVICE SMTP MESSAGE PROVIDER);
	for (int i = 0; i < 20000; i++)
		buf_addf(&text, "[seed s%d@alpha.example]\nprovider = alpha\npassword = env:X\n", i);
	int64_t start = clock_mono_ms();
	struct config *c = parse(buf_str(&text), &problems);
	assert_string_equal(buf_str(&problems), "");
	assert_int_equal(c->seeds.count, 20000);
	/* A quadratic reader would take minutes under the sanitizers. */
	assert_true(clock_mono_ms() - start < 30000);
	config_free(c);
	buf_fini(&text);
	buf_fini(&problems);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_small_configuration_gets_its_defaults),
		cmocka_unit_test(values_reach_their_fields),
		cmocka_unit_test(each_mistake_is_told_with_line_and_mend),
		cmocka_unit_test(each_mistake_of_service_and_server_is_told),
		cmocka_unit_test(urls_of_servers_are_accepted),
		cmocka_unit_test(effective_settings_are_shown_without_secrets),
		cmocka_unit_test(the_walk_ends_when_its_function_says_so),
		cmocka_unit_test(stored_settings_give_the_same_configuration),
		cmocka_unit_test(paths_of_any_octets_are_stored_and_read_again),
		cmocka_unit_test(settings_of_another_release_are_passed_over),
		cmocka_unit_test(files_are_looked_at),
		cmocka_unit_test(the_file_is_found_by_its_places),
		cmocka_unit_test(the_default_store_lies_in_the_state_folder),
		cmocka_unit_test(thousands_of_seeds_take_little_time),
	};
	return cmocka_run_group_tests(tests, use_shipped_data, NULL);
}
