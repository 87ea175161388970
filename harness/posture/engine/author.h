/* The domain that mail of the service says it comes from. */
#ifndef ENGINE_AUTHOR_H
#define ENGINE_AUTHOR_H

#include "harness/dns/name.h"
#include "harness/posture/engine/posture.h"

/* The domain of the From address; the service's where there is no address, or none that can be read. Returns out. */
const char *author_domain(const struct posture_params *params, char out[DNS_NAME_TEXT_MAX]);

#endif
