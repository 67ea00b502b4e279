/* Why a TLS connection is no more, or never was, as far as TLS and the kernel know. */
#ifndef SEKISHO_CONTROLPLANE_PEERS_TLS_FAULT_H
#define SEKISHO_CONTROLPLANE_PEERS_TLS_FAULT_H

#include <stdbool.h>

struct bufferevent;

#define TLS_FAULT_BYTES 96

/* After BEV_EVENT_ERROR, in its callback: a sentence. is_up: the handshake had been done. */
void tls_fault_tell(struct bufferevent *bev, bool is_up, char sentence[TLS_FAULT_BYTES]);

#endif
