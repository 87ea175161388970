/* MTA-STS records and policies. Strict, as senders that keep to the grammar are. */
#include "harness/posture/records/mta_sts.h"

#include "harness/base/compiler.h"
#include "harness/base/utf8.h"
#include "harness/posture/engine/record_fields.h"

enum { ID_MAX = 32, MAX_AGE_DIGITS = 10, LABEL_MAX = 63, DOMAIN_MAX = 253 };

static const char *const modes[] = { "none", "testing", "enforce" };

const char *mta_sts_mode_name(enum mta_sts_mode v)
{
	return modes[v];
}

/* --- record ----------------------------------------------------------------------------------------------------- */

static bool is_id(struct span s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!ascii_is_alnum(s.p[i]))
			return false;
	return s.len > 0 && s.len <= ID_MAX;
}

bool mta_sts_record_parse(struct span text, struct span *ret_id, const char **ret_why)
{
	struct span rest = text, name, value, id = { 0 };
	int more = record_next_field(&rest, &name, &value);
	*ret_why = "it does not begin with " MTA_STS_VERSION;
	if (more <= 0 || !record_has_version(text, MTA_STS_VERSION))
		return false;
	while ((more = record_next_field(&rest, &name, &value)) > 0) {
		if (span_is(name, "id") && !id.p) {
			*ret_why = "its id is not 1 to 32 letters and digits";
			if (!is_id(value))
				return false;
			id = value;
		}
		*ret_why = "a field has an empty value, or octets that it may not have";
		if (!record_is_extension_value(value))
			return false;
	}
	*ret_why = more < 0 ? "a field is no name=value" : "it has no id";
	if (more < 0 || !id.p)
		return false;
	*ret_id = id;
	return true;
}

/* --- policy ----------------------------------------------------------------------------------------------------- */

static bool is_label(struct span s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!ascii_is_alnum(s.p[i]) && s.p[i] != '-')
			return false;
	return s.len > 0 && s.len <= LABEL_MAX && s.p[0] != '-' && s.p[s.len - 1] != '-';
}

/* Domain of RFC 5321 section 4.1.2. */
static bool is_domain(struct span s)
{
	struct span rest = s, label;
	while (span_next(&rest, '.', &label))
		if (!is_label(label))
			return false;
	return s.len > 0 && s.len <= DOMAIN_MAX;
}

static struct span without_wildcard(struct span pattern)
{
	return span_starts(pattern, SPAN_LIT("*.")) ? span_sub(pattern, 2, pattern.len) : pattern;
}

/* What was read so far. */
struct mta_sts_reading {
	struct mta_sts_policy *policy;
	bool version, mode, max_age;
};

static bool mta_sts_refuse(struct mta_sts_reading *r, const char *why)
{
	r->policy->why = why;
	return false;
}

static bool read_mode(struct mta_sts_reading *r, struct span value)
{
	for (size_t i = 0; i < ARRAY_LEN(modes); i++)
		if (span_is(value, modes[i])) {
			r->policy->mode = (enum mta_sts_mode)i;
			return r->mode = true;
		}
	return mta_sts_refuse(r, "mode is not none, testing or enforce");
}

static bool read_max_age(struct mta_sts_reading *r, struct span value)
{
	r->max_age = value.len <= MAX_AGE_DIGITS && span_to_u64(value, UINT64_MAX, &r->policy->max_age_s);
	return r->max_age || mta_sts_refuse(r, "max_age is not a number of 1 to 10 digits");
}

static bool read_mx(struct mta_sts_reading *r, struct span value)
{
	if (!is_domain(without_wildcard(value)))
		return mta_sts_refuse(r, "mx is neither a host nor *. and a domain");
	if (r->policy->mx_count == MTA_STS_MX_MAX)
		return mta_sts_refuse(r, "there are more mx than are read here");
	r->policy->mx[r->policy->mx_count++] = value;
	return true;
}

static bool is_extension_value(struct span value)
{
	for (size_t i = 0; i < value.len; i++)
		if ((unsigned char)value.p[i] < 0x20 || value.p[i] == 0x7f)
			return false;
	return value.len > 0 && utf8_valid(value);
}

/* A field that may be there once and is there again is passed over. */
static bool mta_sts_read_field(struct mta_sts_reading *r, struct span name, struct span value)
{
	if (span_is(name, "mx"))
		return read_mx(r, value);
	if (span_is(name, "version") && !r->version)
		return (r->version = span_is(value, "STSv1")) || mta_sts_refuse(r, "version is not STSv1");
	if (span_is(name, "mode") && !r->mode)
		return read_mode(r, value);
	if (span_is(name, "max_age") && !r->max_age)
		return read_max_age(r, value);
	if (!record_is_extension_name(name))
		return mta_sts_refuse(r, "a name has octets that it may not have");
	return is_extension_value(value) || mta_sts_refuse(r, "a value is empty, or has octets that it may not have");
}

static bool mta_sts_read_line(struct mta_sts_reading *r, struct span line)
{
	if (line.len > 0 && line.p[line.len - 1] == '\r')
		line.len--;
	ptrdiff_t colon = span_find_char(line, ':', 0);
	if (colon < 0)
		return mta_sts_refuse(r, line.len ? "it is no name: value" : "it is empty");
	/* A carriage return elsewhere is none of the white space that may surround a value. */
	struct span value = span_sub(line, (size_t)colon + 1, line.len);
	if (span_find_char(line, '\r', 0) >= 0)
		return mta_sts_refuse(r, "a carriage return stands alone");
	return mta_sts_read_field(r, span_sub(line, 0, (size_t)colon), span_trim(value));
}

static bool is_complete(struct mta_sts_reading *r)
{
	r->policy->line = 0;
	if (!r->version)
		return mta_sts_refuse(r, "version is missing");
	if (!r->mode)
		return mta_sts_refuse(r, "mode is missing");
	if (!r->max_age)
		return mta_sts_refuse(r, "max_age is missing");
	if (r->policy->mx_count == 0 && r->policy->mode != MTA_STS_NONE)
		return mta_sts_refuse(r, "mx is missing");
	return true;
}

bool mta_sts_policy_parse(struct span text, struct mta_sts_policy *ret)
{
	struct mta_sts_reading r = { .policy = ret };
	struct span rest = text, line;
	ret->mode = MTA_STS_NONE;
	ret->max_age_s = 0;
	ret->mx_count = 0;
	ret->why = NULL;
	ret->line = 0;
	while (span_next(&rest, '\n', &line)) {
		if (line.len == 0 && !rest.p)
			break; /* behind the last line end */
		ret->line++;
		if (!mta_sts_read_line(&r, line))
			return false;
	}
	return is_complete(&r);
}

bool mta_sts_policy_matches(const struct mta_sts_policy *policy, const char *host)
{
	struct span name = span_of(host), above = name, label;
	span_next(&above, '.', &label);
	for (size_t i = 0; i < policy->mx_count; i++) {
		struct span pattern = policy->mx[i], domain = without_wildcard(pattern);
		/* The wildcard stands for one label. */
		if (span_eq_nocase(domain, domain.len < pattern.len ? above : name))
			return true;
	}
	return false;
}
