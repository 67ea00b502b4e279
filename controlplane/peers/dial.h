/* TCP sockets of the peers' TLS, bound to gateway addresses that may not be there yet. */
#ifndef SEKISHO_CONTROLPLANE_PEERS_DIAL_H
#define SEKISHO_CONTROLPLANE_PEERS_DIAL_H

#include <stdbool.h>

#include "shared/contract/contract.h"

/*
 * A non-blocking socket connecting to `to` from the one of own[2] that has its family (any port),
 * or -1 with errno.
 */
int dial_connect(const struct contract_address own[2], const struct contract_address *to);

/* A non-blocking listening socket, or -1 with errno. IP_FREEBIND: the address comes with the TAP.
 */
int dial_listen(const struct contract_address *at);

/* Both ends of a connected socket; false: it is not connected. */
bool dial_ends(int fd, struct contract_address *own, struct contract_address *other);

/* The other end's address, for the log. */
#define DIAL_ADDRESS_BYTES 64
void dial_from_show(int fd, char out[DIAL_ADDRESS_BYTES]);

#endif
