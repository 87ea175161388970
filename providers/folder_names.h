/* Names that servers and mail programs give to the spam folder, in the languages that they speak. Data. */
#ifndef PROVIDERS_FOLDER_NAMES_H
#define PROVIDERS_FOLDER_NAMES_H

/* NULL-terminated, in UTF-8, the commonest first. */
extern const char *const folder_names_spam[];

#endif
