/* Folders of a mailbox as data. */
#include "providers/imap_folder.h"

#include <stdlib.h>

void imap_folder_list_fini(struct imap_folder_list *list)
{
	if (!list)
		return;
	for (size_t i = 0; i < list->count; i++) {
		free(list->folders[i].name);
		free(list->folders[i].raw);
	}
	free(list->folders);
	*list = (struct imap_folder_list){ 0 };
}
