/* What the header of a found message says, as plain data: harness/assess prepares it with the parsers of harness/mail,
 * the reports show it. Strings are owned, octets as in the message, NULL where the header does not say. */
#ifndef MODEL_TRACE_H
#define MODEL_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/base/buf.h"
#include "harness/model/words.h"

/* A place where the message was seen. */
struct trace_place {
	enum placement_kind kind;
	char *name; /* of the category, or the folder's UTF-8 name; NULL for inbox and spam */
	int64_t at_ms;
	bool gone;       /* it has left this place */
	unsigned copies; /* that are there, where it is */
};

/* `smtp.mailfrom=example.net`; ptype is "" where the provider writes none. */
struct trace_property {
	char *ptype;
	char *property;
	char *value;
};

struct trace_method {
	char *method;            /* as written: `dkim` */
	char *word;              /* the result as written: `hardfail` */
	enum auth_result result; /* what the word means */
	char *reason;
	char *comment;
	struct trace_property *properties;
	size_t property_count;
	bool judged; /* this entry is the one that the cell of its method is judged by */
};

/* One Authentication-Results or ARC-Authentication-Results field. */
struct trace_results {
	char *authserv_id; /* NULL in Microsoft's form */
	char *version;
	bool arc;
	unsigned instance; /* of ARC, else 0 */
	bool trusted;      /* written by the receiving provider itself */
	char *sealed_by; /* of ARC: the provider's domain under which its set has been verified, so that the results are
			    proved to be its word; NULL else */
	char *deviation; /* the first departure from RFC 8601; NULL where there is none */
	struct trace_method *methods;
	size_t method_count;
};

/* One Received field. */
struct trace_hop {
	char *from_helo;
	char *from_name;
	char *from_ip;
	char *by;
	char *with;
	char *id;
	char *for_;
	char *tls_version; /* as written, as tls_cipher */
	char *tls_cipher;
	enum hop_tls tls;
	bool has_time;
	int64_t time_ms; /* wall clock */
	bool has_delay;
	int64_t delay_ms; /* since the older hop; negative where clocks disagree */
	bool own;         /* written by the receiving provider: at or above the trust boundary */
};

struct trace {
	struct trace_place *places; /* those that it left, in order of time; then those where it is, the worst last */
	size_t place_count;
	struct trace_hop *hops; /* newest first, as in the header */
	size_t hop_count;
	struct trace_results *results; /* top first, trusted or not */
	size_t result_count;
	char *trouble;     /* why what the provider says cannot be told, in words; NULL where it can */
	char *return_path; /* without angle brackets; "" for the empty one */
	char *message_id;  /* without angle brackets, as the message carries it where it was found */
};

/* Adds the place as it is written everywhere: `inbox`, `spam`, `category:promotions`, `other:Archiv`, nothing for
 * PLACEMENT_NONE. Escaped. Returns as buf_add. */
int trace_place_add(struct buf *b, const struct trace_place *place);

/* Frees what the trace owns and leaves it zeroed; NULL is allowed. */
void trace_fini(struct trace *trace);

#endif
