/*
 * One TLS connection to another gateway: who is there, then epoch after epoch of SA keys. What is
 * made of them is the peer's matter (peer.h); a link ends at the first thing that is not right.
 */
#ifndef SEKISHO_CONTROLPLANE_PEERS_LINK_H
#define SEKISHO_CONTROLPLANE_PEERS_LINK_H

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stdint.h>

#include "controlplane/peers/epoch.h"
#include "controlplane/peers/tls.h"
#include "shared/result.h"

struct bufferevent;
struct event_base;
struct link;

/* What a link tells and asks of those who keep it. All are called from the event loop. */
struct link_events {
	void *ctx;
	/*
	 * The other side said hello as this domain: is it that, by its certificate, and is this
	 * link to be kept? Sets what link_peer() gives from then on; false ends the link, for the
	 * reason that it sets, a sentence.
	 */
	bool (*accept)(void *ctx, struct link *link, const char *domain, const char **refusal);
	/* Make an epoch's SAs out of a keying that is agreed: addresses, owners, lifetimes. */
	enum result (*dress)(void *ctx, struct link *link, struct epoch *epoch);
	/* This epoch stands at both ends: send on it. It is yours now. */
	void (*use)(void *ctx, struct link *link, struct epoch *epoch);
	/*
	 * The other side, which opened the connection, does not speak sekisho/1: the connection is
	 * yours now. The link is freed when this returns, without closed().
	 */
	void (*other_kind)(void *ctx, struct link *link, struct bufferevent *bev);
	/* It is over; reason is a sentence. The link is freed when this returns. */
	void (*closed)(void *ctx, struct link *link, const char *reason);
};

struct link_config {
	const char *domain; /* ours */
	uint32_t gateway_id;
	uint32_t workers; /* ours */
	uint8_t suite;	  /* of all epochs; link_set_suite() */
	const struct peers_out *out;
};

/*
 * A link over a connected or connecting socket, which it owns from here on (also on failure).
 * NULL: out of memory.
 */
struct link *link_create(struct event_base *base, SSL_CTX *context, int fd, bool is_opener,
			 const struct link_config *config, const struct link_events *events);

/* End it: closed() is called with the reason, then it is gone. */
void link_close(struct link *link, const char *reason);

/* The opener offers a new epoch; does nothing on the other side or while one is under way. */
void link_rekey(struct link *link);

/* The same, before its time: the side that did not open asks the other to offer. */
void link_renew(struct link *link);

bool link_is_opener(const struct link *link);
bool link_is_up(const struct link *link); /* hellos exchanged and accepted */
SSL *link_ssl(struct link *link);
const uint8_t *link_own_hash(const struct link *link);
const uint8_t *link_other_hash(const struct link *link);

/* By accept(): what this peer's SAs have. */
void link_set_suite(struct link *link, uint8_t suite);

/* The peer that accept() found behind it; NULL before. */
void link_set_peer(struct link *link, void *peer);
void *link_peer(const struct link *link);

#endif
