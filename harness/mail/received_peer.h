/* What a Received field says of the client: for received.c alone. */
#ifndef MAIL_RECEIVED_PEER_H
#define MAIL_RECEIVED_PEER_H

#include <stdbool.h>

#include "harness/base/span.h"

/* How the address was written, which tells dialects apart. */
enum peer_ip_form {
	PEER_IP_NONE,
	PEER_IP_BRACKETS,  /* `(name [192.0.2.1])`, `([192.0.2.1])`, `(name[192.0.2.1])` */
	PEER_IP_BARE,      /* `(192.0.2.1)`, `(ident@192.0.2.1)` */
	PEER_IP_BARE_PORT, /* `(192.0.2.1:2525)` */
	PEER_IP_WORD,      /* outside of comments */
};

/* The clause behind `from`, piece by piece. */
struct peer {
	struct span word;   /* the first word */
	struct span name;   /* a host name in a comment */
	bool named_with_ip; /* it stood beside the address in the same comment */
	struct span helo;   /* said to be that: `HELO x`, `helo=x`, `claiming to be "x"` */
	bool has_helo;
	struct span ip;
	struct span behind_helo; /* an address that stands behind the HELO name, in the same comment */
	enum peer_ip_form form;
	bool forged;        /* Sendmail's `(may be forged)` */
	bool port;          /* the address in brackets has one: `[192.0.2.1:2525]`, `[192.0.2.1]:2525` */
	bool silent;        /* Smail: a HELO name is only written where it differs from the reverse name in front */
	bool verified;      /* CommuniGate's word for: the name was looked up */
	bool strange;       /* a comment was not understood */
	bool literal_first; /* the server is one that writes `[address] (HELO)` (chasquid) */
};

/* Takes in a word of the clause behind the first one, or the inside of a comment. */
void peer_add_word(struct peer *p, struct span word);
void peer_add_comment(struct peer *p, struct span inner);

/* Who the client is: as the members of struct received that are named so. */
struct peer_identity {
	bool name_forged, unclear;
	struct span from_helo, from_name, from_ip;
};

/* By all that was seen. The word in front is no address where comments say something that is not understood: it may be
 * the client's own literal. `names_client`: the server is one that writes the reverse name in front (Exim);
 * `never_names`: one that has the client's own word there (Microsoft's). */
struct peer_identity peer_resolve(const struct peer *p, bool names_client, bool never_names);

#endif
