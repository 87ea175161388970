/* The settings of [store]. Data only. */
#include "store/store_settings.h"

static const struct setting_key store_keys[] = {
	{ "path", SETTING_PATH(store_settings, path), .fallback_is = "postproof/postproof.sqlite in $XDG_STATE_HOME",
	  .help = "The file that runs are stored in. --store FILE outranks it." },
};

const struct setting_table store_settings_table = SETTING_TABLE(store_keys);
