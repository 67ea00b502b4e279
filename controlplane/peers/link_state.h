/* What the files of a link share. */
#ifndef SEKISHO_CONTROLPLANE_PEERS_LINK_STATE_H
#define SEKISHO_CONTROLPLANE_PEERS_LINK_STATE_H

#include "controlplane/peers/keying.h"
#include "controlplane/peers/link.h"
#include "controlplane/peers/peer_message.h"

struct bufferevent;
struct event;

struct link {
	struct link_config config;
	struct link_events events;
	struct bufferevent *bev;
	struct event *ping; /* until the other side has said hello: the end of its time to */
	void *peer;
	bool is_opener, is_up, is_closing;
	uint32_t other_workers;
	uint32_t epoch_number; /* the last one offered */
	uint8_t own_hash[TLS_HASH_BYTES], other_hash[TLS_HASH_BYTES];
	struct keying keying;
	struct epoch *pending; /* being agreed or installed */
	bool is_installed;     /* pending stands in our data plane */
	uint64_t offered_s;    /* when the last offer was made */
	const char *refusal; /* why the other side's hello was not taken; NULL: no more is known */
};

/* link.c: false: the other side does not read. */
bool link_send(struct link *link, const struct peer_message *message);

/* link_messages.c: a bufferevent_data_cb. */
void link_read(struct bufferevent *bev, void *link);

/* link_epochs.c: what is said of new keys, false: it has no place here; keys of every SA of the
 * pending epoch; that it stands in our data plane; and it is used. */
bool link_offer_received(struct link *link, const struct peer_message *offer);
bool link_want_received(struct link *link);
bool link_epoch_key(struct link *link, const struct peer_message *other);
void link_epoch_installed(void *link, enum result result);
void link_answer_installed(void *link, enum result result);
void link_epoch_use(struct link *link);

#endif
