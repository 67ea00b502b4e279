/* The part of the configuration about other gateways: TLS and peers. */
#ifndef SEKISHO_CONTROLPLANE_CONFIG_PEERS_H
#define SEKISHO_CONTROLPLANE_CONFIG_PEERS_H

#include "controlplane/config.h"

/* Reads "tls" and "peers"; mistakes are noted with the file. RESULT_OK or RESULT_MEMORY. */
SEKISHO_MUST_USE enum result control_config_read_peers(struct config_node root,
						       struct control_config *config);

#endif
