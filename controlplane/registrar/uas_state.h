/* What the gateway's user agent server holds, and the steps its source files share. */
#ifndef SEKISHO_CONTROLPLANE_REGISTRAR_UAS_STATE_H
#define SEKISHO_CONTROLPLANE_REGISTRAR_UAS_STATE_H

#include "controlplane/keyexchange/answer_tag.h"
#include "controlplane/registrar/uas.h"

/* A message 4 that waits for its SA to be in the data plane. */
struct uas_held {
	struct uas_held *next;
	uint32_t index; /* of the SA */
	uint8_t generation;
	uint8_t cookie_id[COOKIE_ID_BYTES];
	char who[LIMIT_AOR_BYTES + 1]; /* whose, for the operator */
	struct contract_sip_received received; /* how message 3 came */
	uint64_t stream;
	size_t message3_len, message4_len;
	char bytes[]; /* message 3, then message 4 */
};

struct uas {
	struct uas_settings settings;
	struct secret persistent;
	/* in the order in which their SAs went down, which is that of the data plane's answers */
	struct uas_held *held, **held_end;
	/* what goes down: a contract struct and the message behind it */
	_Alignas(8) char out[sizeof(struct contract_sip_send) + LIMIT_SIP_MESSAGE_BYTES];
};

/* One request on its way through here. */
struct call {
	struct uas *uas;
	const struct contract_sip_received *received;
	uint64_t stream; /* that it came by; 0: none, the data plane handed it up */
	struct slice datagram;
	struct sip_message message;
	struct sip_address source;
	struct answer_tag tag;
	uint64_t now_ms;
};

/* Where a reply is written before uas_send_reply(). */
struct writer uas_reply_writer(struct uas *uas);
/* Back the way the request came, whatever its Via says. The writer holds so much of it. */
void uas_send_reply(const struct call *c, size_t len);
/* A response of ours; false: none, since nobody who has not proved his address gets more bytes than he sent. */
bool uas_answer(struct call *c, unsigned status, struct slice extra);

/* uas_exchange.c: messages 1 and 3; what of it waits is let go of. */
void uas_exchange(struct call *c, const struct exchange_through *through);
void uas_held_forget(struct uas *uas);

#endif
