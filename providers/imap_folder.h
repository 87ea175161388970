/* The folders of a mailbox: plain data. */
#ifndef PROVIDERS_IMAP_FOLDER_H
#define PROVIDERS_IMAP_FOLDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/model/words.h"

struct imap_folder {
	char *name;            /* UTF-8, escaped: for people, and to recognise the folder by */
	char *raw;             /* as the server spells it: for commands */
	char delimiter;        /* of its hierarchy, 0 for none */
	bool selectable;       /* neither \Noselect nor \NonExistent */
	enum folder_role use;  /* by SPECIAL-USE (RFC 6154); FOLDER_OTHER where none is given */
	enum folder_role role; /* set by folder_roles (folder_role.h) */
};

struct imap_folder_list {
	struct imap_folder *folders; /* as the server lists them; no name twice */
	size_t count;
};

enum { IMAP_FOLDERS_MAX = 2000 };

void imap_folder_list_fini(struct imap_folder_list *list); /* NULL is allowed */

struct imap_folder_state {
	uint32_t uidvalidity;
	uint32_t uidnext; /* 0 where the server does not say */
	uint32_t messages;
};

#endif
