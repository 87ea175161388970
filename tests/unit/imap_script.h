/* An IMAP server on the loopback with one habit: it answers as a case of imap-forms.json says, and as any server would
 * where the case says nothing. Several sessions at once. */
#ifndef TESTS_IMAP_SCRIPT_H
#define TESTS_IMAP_SCRIPT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

struct imap_script;

/* Starts it for a case of `forms`. `of`: "" for the mailbox of the seed, "bounce mailbox: " for the other one, of which
 * the commands of the case are that begin with it. `tag`: of the message that will come. Borrows the case. */
struct imap_script *imap_script_new(json_t *form, const char *of);
/* For a case of `logins`: the answer to every sign-in, or in place of the greeting. */
struct imap_script *imap_script_new_login(json_t *login);
void imap_script_free(struct imap_script *script); /* waits for its sessions */

uint16_t imap_script_port(const struct imap_script *script);

/* Puts the message with this tag where the case has it. */
void imap_script_deliver(struct imap_script *script, const char *tag);

unsigned imap_script_passwords(struct imap_script *script); /* sign-ins, taken or not */
unsigned imap_script_fetches(struct imap_script *script);   /* FETCH commands */

#endif
