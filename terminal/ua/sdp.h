/* The session description of our calls: valid, and without media until the data channel exists. */
#ifndef SEKISHO_TERMINAL_UA_SDP_H
#define SEKISHO_TERMINAL_UA_SDP_H

#include "shared/sip/host.h"
#include "shared/writer.h"

#define SDP_CONTENT_TYPE SLICE("application/sdp")

/* Offer and answer alike (RFC 8866, RFC 3264): one inactive stream from our address. */
void sdp_write(const struct sip_address *own, struct writer *w);

#endif
