/*
 * One TLS connection that carries SIP (RFC 3261 18.3, RFC 5626 3.5.1): messages whole, one after
 * the other, kept alive by empty lines. Whose it is, is the trunk's matter (trunk.h).
 */
#ifndef SEKISHO_CONTROLPLANE_PEERS_SIP_LINK_H
#define SEKISHO_CONTROLPLANE_PEERS_SIP_LINK_H

#include <openssl/ssl.h>
#include <stdbool.h>

#include "shared/contract/contract.h"
#include "shared/result.h"
#include "shared/slice.h"

struct bufferevent;
struct event_base;
struct sip_link;

struct sip_link_events {
	void *ctx;
	/* The TLS handshake of one that we opened is done: false ends it, for the reason that it sets. */
	bool (*opened)(void *ctx, struct sip_link *link, const char **why);
	/* A message; must not close the link. */
	void (*received)(void *ctx, struct sip_link *link, struct slice message);
	/* It is over; reason is a sentence. The link is freed when this returns. */
	void (*closed)(void *ctx, struct sip_link *link, const char *reason);
};

/* Over a connecting socket, which it owns from here on (also on failure). NULL: out of memory. */
struct sip_link *sip_link_open(struct event_base *base, SSL_CTX *context, int fd,
			       const struct sip_link_events *events);

/* Over a connection that came to us, its TLS handshake done; it owns bev, also on failure. */
struct sip_link *sip_link_take(struct bufferevent *bev, const struct sip_link_events *events);

/* End it: closed() is called with the reason, then it is gone. */
void sip_link_close(struct sip_link *link, const char *reason);

/* RESULT_SPACE: the other side does not read fast enough; the message is not sent. */
enum result sip_link_send(struct sip_link *link, struct slice message) SEKISHO_MUST_USE;

SSL *sip_link_ssl(const struct sip_link *link);

/* Both ends of the connection; false: it is no more. */
bool sip_link_ends(const struct sip_link *link, struct contract_address *own,
		   struct contract_address *other);

#endif
