/* FETCH of the scripted server (imap_script.h). */
#ifndef TESTS_IMAP_SCRIPT_FETCH_H
#define TESTS_IMAP_SCRIPT_FETCH_H

#include "tests/unit/imap_script_state.h"

/* Reads the FETCH answers of the case. */
void script_fetch_init(struct imap_script *script);
void script_fetch_fini(struct imap_script *script);

/* Messages, on the heap. */
char *script_message_old(void);
char *script_message_ours(const struct imap_script *script);

/* The whole answer to `UID FETCH ...` or `FETCH ...`. Returns whether the connection ends. The lock is held. */
bool script_fetch(struct imap_script *script, struct script_folder *open, const char *command, const char *tag,
		  struct buf *out);

#endif
