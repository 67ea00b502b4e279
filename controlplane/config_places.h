/* Where things are: sockets, who may use them, the store and the other files. */
#ifndef SEKISHO_CONTROLPLANE_CONFIG_PLACES_H
#define SEKISHO_CONTROLPLANE_CONFIG_PLACES_H

#include "controlplane/config.h"

/* Mistakes are noted in the configuration. */
void config_places_read(struct config_node root, struct control_config *config);

#endif
