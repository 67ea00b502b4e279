/* A file that the configuration names, and that must be there to be read. */
#ifndef SEKISHO_CONTROLPLANE_CONFIG_FILE_H
#define SEKISHO_CONTROLPLANE_CONFIG_FILE_H

#include "shared/config/config.h"

/* False: there is none; mistakes are noted in the configuration. */
bool config_file_read(struct config_node map, const char *key, enum config_need need,
		      char out[CONFIG_PATH_BYTES]);

#endif
