#include "controlplane/peers/trunk.h"

#include <event2/bufferevent.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "controlplane/peers/dial.h"
#include "controlplane/peers/peer_config.h"
#include "controlplane/peers/redial.h"
#include "controlplane/peers/sip_link.h"
#include "controlplane/peers/tls.h"

#define ACCEPTED_MAX 4 /* connections that the peer has opened */

struct trunk {
	struct peer_world *world;
	struct peer_config *config;
	uint32_t index;
	struct sip_link *dialled;
	bool is_dialled_up;
	struct sip_link *accepted[ACCEPTED_MAX]; /* newest first */
	struct redial redial;
	uint64_t up_since_s, sent, received, lost;
	char last_reason[96];
};

static bool is_up(const struct trunk *trunk)
{
	return trunk->is_dialled_up || trunk->accepted[0];
}

static void say(const struct trunk *trunk, const char *what)
{
	peer_world_say(trunk->world, trunk->config->gateway, what);
}

static void put(const struct trunk *trunk)
{
	const struct peers_out *out = &trunk->world->out;
	struct contract_address own;
	struct contract_peer peer;

	peer_config_fill(trunk->config, trunk->index, &peer);
	if (peer_world_port(trunk->world, trunk->config->address[0].family, &peer.port, &own))
		peer.is_tls = is_up(trunk);
	else
		say(trunk, "no port of the data plane has an address of its family");
	out->peer_put(out->ctx, &peer);
}

/* A connection more or less; the data plane is told where that makes a difference. */
static void count_changed(struct trunk *trunk, bool was_up)
{
	if (is_up(trunk) == was_up)
		return;
	trunk->up_since_s = was_up ? 0 : peer_now_s();
	say(trunk, was_up ? "no SIP connection is left" : "SIP over TLS is up");
	put(trunk);
}

static bool link_opened(void *ctx, struct sip_link *link, const char **why)
{
	struct trunk *trunk = ctx;
	bool was_up = is_up(trunk);

	if (!trunk_is_other_side(trunk, sip_link_ssl(link), why))
		return false;
	trunk->is_dialled_up = true;
	trunk->last_reason[0] = '\0';
	redial_reset(&trunk->redial);
	count_changed(trunk, was_up);
	return true;
}

/* The address a message came from, which must be one of those the peer is configured with. */
static void source_set(const struct trunk *trunk, struct contract_address *source)
{
	const struct peer_config *config = trunk->config;

	for (unsigned i = 0; i < config->address_count; i++)
		if (config->address[i].family == source->family &&
		    memcmp(config->address[i].bytes, source->bytes, sizeof(source->bytes)) == 0)
			return;
	*source = config->address[0];
}

static void link_received(void *ctx, struct sip_link *link, struct slice message)
{
	struct contract_address own, source;
	struct trunk *trunk = ctx;
	const struct peers_out *out = &trunk->world->out;

	if (!sip_link_ends(link, &own, &source)) {
		trunk->lost++;
		return;
	}
	source_set(trunk, &source);
	trunk->received++;
	out->sip_enter(out->ctx, trunk->index, &source, &own, message);
}

static void accepted_remove(struct trunk *trunk, const struct sip_link *link)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < ACCEPTED_MAX; i++)
		if (trunk->accepted[i] != link)
			trunk->accepted[kept++] = trunk->accepted[i];
	while (kept < ACCEPTED_MAX)
		trunk->accepted[kept++] = NULL;
}

static void link_closed(void *ctx, struct sip_link *link, const char *reason)
{
	struct trunk *trunk = ctx;
	bool was_up = is_up(trunk), was_dialled = link == trunk->dialled;
	char sentence[160];

	/* Tried again and again it may fail for one reason all day: that is said once. */
	if (was_dialled && strcmp(reason, trunk->last_reason) != 0) {
		snprintf(sentence, sizeof(sentence), "the TLS connection that we began %s: %s",
			 trunk->is_dialled_up ? "ended" : "came to nothing", reason);
		say(trunk, sentence);
	}
	snprintf(trunk->last_reason, sizeof(trunk->last_reason), "%s", reason);
	if (was_dialled) {
		trunk->dialled = NULL;
		trunk->is_dialled_up = false;
		redial_later(&trunk->redial);
	} else {
		accepted_remove(trunk, link);
	}
	count_changed(trunk, was_up);
}

static struct sip_link_events events_of(struct trunk *trunk)
{
	return (struct sip_link_events){.ctx = trunk,
					.opened = link_opened,
					.received = link_received,
					.closed = link_closed};
}

static void dial(struct trunk *trunk)
{
	struct peer_world *world = trunk->world;
	const struct sip_link_events events = events_of(trunk);

	if (trunk->dialled || !trunk->config->connect.family || !world->welcome.workers)
		return;
	int fd = dial_connect(world->config.listen, &trunk->config->connect);

	if (fd >= 0)
		trunk->dialled = sip_link_open(world->base, world->context, fd, &events);
	if (!trunk->dialled)
		redial_later(&trunk->redial);
}

static void dial_due(int fd, short what, void *arg)
{
	(void)fd, (void)what;
	dial(arg);
}

struct trunk *trunk_create(struct peer_world *world, const struct peer_config *config,
			   uint32_t index)
{
	struct trunk *trunk = calloc(1, sizeof(*trunk));

	if (!trunk)
		return NULL;
	trunk->world = world;
	trunk->index = index;
	trunk->config = peer_config_copy(config);
	if (!trunk->config ||
	    redial_create(world->base, dial_due, trunk, &trunk->redial) != RESULT_OK) {
		trunk_destroy(trunk);
		return NULL;
	}
	return trunk;
}

void trunk_destroy(struct trunk *trunk)
{
	if (!trunk)
		return;
	while (trunk->accepted[0])
		sip_link_close(trunk->accepted[0], "we are stopping");
	if (trunk->dialled)
		sip_link_close(trunk->dialled, "we are stopping");
	redial_destroy(&trunk->redial);
	peer_config_destroy(trunk->config);
	free(trunk);
}

const struct peer_config *trunk_config_of(const struct trunk *trunk)
{
	return trunk->config;
}

void trunk_adjust(struct trunk *trunk, struct peer_config *config)
{
	peer_config_destroy(trunk->config);
	trunk->config = config;
	put(trunk);
}

void trunk_start(struct trunk *trunk)
{
	put(trunk);
	dial(trunk);
}

bool trunk_is_other_side(const struct trunk *trunk, SSL *ssl, const char **why)
{
	const char *name = trunk->config->gateway;
	X509 *certificate = SSL_get0_peer_certificate(ssl);

	/* The name first: the chain costs reading a file. */
	if (!certificate || X509_check_host(certificate, name, strlen(name), 0, NULL) != 1) {
		*why = "its certificate has the name of no such peer";
		return false;
	}
	return tls_is_peer(ssl, trunk->config->ca_file, name, why) == RESULT_OK;
}

void trunk_take(struct trunk *trunk, struct bufferevent *bev)
{
	const struct sip_link_events events = events_of(trunk);
	struct sip_link *link = sip_link_take(bev, &events);
	bool was_up = is_up(trunk);

	if (!link)
		return;
	if (trunk->accepted[ACCEPTED_MAX - 1])
		sip_link_close(trunk->accepted[ACCEPTED_MAX - 1], "newer ones took its place");
	memmove(&trunk->accepted[1], &trunk->accepted[0],
		sizeof(trunk->accepted) - sizeof(trunk->accepted[0]));
	trunk->accepted[0] = link;
	count_changed(trunk, was_up);
}

/* A response by the connection that its request is likely to have come by (RFC 3261 18.2.2), a
 * request by ours; either by the other kind where there is only that. */
static struct sip_link *way_out(const struct trunk *trunk, struct slice message)
{
	static const char response[] = "SIP/2.0 ";
	struct sip_link *ours = trunk->is_dialled_up ? trunk->dialled : NULL;
	struct sip_link *theirs = trunk->accepted[0];

	if (message.len >= 8 && memcmp(message.at, response, 8) == 0)
		return theirs ? theirs : ours;
	return ours ? ours : theirs;
}

void trunk_send(struct trunk *trunk, struct slice message)
{
	struct sip_link *link = way_out(trunk, message);

	if (link && sip_link_send(link, message) == RESULT_OK)
		trunk->sent++;
	else
		trunk->lost++;
}

json_t *trunk_show(const struct trunk *trunk)
{
	json_t *domains = json_array();
	int connections = trunk->is_dialled_up;

	for (unsigned i = 0; i < trunk->config->domain_count; i++)
		json_array_append_new(domains, json_string(trunk->config->domain[i]));
	for (unsigned i = 0; i < ACCEPTED_MAX; i++)
		connections += trunk->accepted[i] != NULL;
	return json_pack("{s:s, s:s, s:i, s:i, s:i, s:s, s:s, s:o, s:I, s:i, s:I, s:I, s:I, s:s}",
			 "name", trunk->config->name, "gateway", trunk->config->gateway, "priority",
			 trunk->config->priority, "weight", trunk->config->weight, "index",
			 (int)trunk->index, "transport", "sip-tls", "state",
			 is_up(trunk) ? "up" : "down", "domains", domains, "up_since_s",
			 (json_int_t)trunk->up_since_s, "connections", connections, "sent",
			 (json_int_t)trunk->sent, "received", (json_int_t)trunk->received, "lost",
			 (json_int_t)trunk->lost, "last_error", trunk->last_reason);
}

bool trunk_is_revoked(const struct trunk *trunk)
{
	const char *ca_file = trunk->config->ca_file;
	bool is_revoked = trunk->is_dialled_up &&
			  tls_is_revoked(sip_link_ssl(trunk->dialled), ca_file);

	for (unsigned i = 0; i < ACCEPTED_MAX && !is_revoked; i++)
		is_revoked = trunk->accepted[i] &&
			     tls_is_revoked(sip_link_ssl(trunk->accepted[i]), ca_file);
	return is_revoked;
}
