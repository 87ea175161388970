/* Where configuration and store are when nobody says. */
#ifndef CONFIG_CONFIG_FIND_H
#define CONFIG_CONFIG_FIND_H

#include "harness/base/error.h"

/* What is looked up when no file is named: $POSTPROOF_CONFIG, ./postproof.ini, then postproof/config.ini in
 * $XDG_CONFIG_HOME (default ~/.config). Returns 1 with the heap path, 0 when none is there, -1 for memory. A path in
 * $POSTPROOF_CONFIG is returned whether it is there or not. */
int config_find(char **ret, struct error *err);

/* Where the store is when neither --store nor [store] path says: postproof/postproof.sqlite in $XDG_STATE_HOME (default
 * ~/.local/state). Heap path in *ret. Errors: ERROR_CONFIG when neither variable nor HOME is set, memory. */
int config_default_store(char **ret, struct error *err);

#endif
