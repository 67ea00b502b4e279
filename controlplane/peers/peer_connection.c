/* The connection kept with a peer: which one, and what its end means. */
#include <event2/event.h>
#include <stdio.h>
#include <string.h>

#include "controlplane/peers/peer_state.h"

static bool is_preferred(const struct link *new, const struct link *old)
{
	if (link_is_opener(new) == link_is_opener(old))
		return true; /* the same side again: it has lost the old one */
	bool is_own_smaller = memcmp(link_own_hash(new), link_other_hash(new), TLS_HASH_BYTES) < 0;

	return link_is_opener(new) == is_own_smaller;
}

bool peer_link_accept(struct peer *peer, struct link *link)
{
	struct link *old = peer->link;

	if (old && !is_preferred(link, old))
		return false;
	if (peer->dialled == link)
		peer->dialled = NULL;
	peer->link = link;
	link_set_peer(link, peer);
	if (peer->config->suite != 0)
		link_set_suite(link, peer->config->suite);
	if (old)
		link_close(old, "another connection took its place");
	redial_cancel(&peer->redial);
	peer->up_since_s = peer_now_s();
	peer->last_reason[0] = '\0';
	peer_timer_set(peer->rekey_timer, (uint64_t)peer->world->config.rekey_s * 1000);
	peer_say(peer, link_is_opener(link) ? "connected" : "it connected to us");
	return true;
}

void peer_link_closed(struct peer *peer, struct link *link, const char *reason)
{
	if (link != peer->link && link != peer->dialled)
		return; /* never kept, or replaced */
	bool was_kept = link == peer->link;
	char sentence[160];

	snprintf(sentence, sizeof(sentence), "the TLS connection %s: %s",
		 was_kept ? "ended" : "that we began came to nothing", reason);
	/* Tried again and again it may fail for one reason all day: that is said once. */
	if (was_kept || strcmp(reason, peer->last_reason) != 0)
		peer_say(peer, sentence);
	if (was_kept) {
		peer->link = NULL;
		event_del(peer->rekey_timer);
	} else {
		peer->dialled = NULL;
	}
	if (peer->link)
		return; /* one connection too many */
	snprintf(peer->last_reason, sizeof(peer->last_reason), "%s", reason);
	if (peer->config->connect.family)
		redial_later(&peer->redial);
}

bool peer_is_revoked(const struct peer *peer)
{
	return peer->link && tls_is_revoked(link_ssl(peer->link), peer->config->ca_file);
}
