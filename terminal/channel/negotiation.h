/* The offer, the answer and the reveal of one call, judged step by step (docs/protocol.md 6). */
#ifndef SEKISHO_TERMINAL_CHANNEL_NEGOTIATION_H
#define SEKISHO_TERMINAL_CHANNEL_NEGOTIATION_H

#include "shared/keyexchange/random.h"
#include "shared/limits.h"
#include "shared/result.h"
#include "shared/writer.h"
#include "terminal/channel/keys.h"
#include "terminal/channel/overlay.h"
#include "terminal/channel/proposal.h"
#include "terminal/ua/session.h"

struct negotiation_settings {
	struct slice aor; /* ours, canonical; borrowed */
	struct suite_list suites;
	struct random_source random;
	/* Our gateways, to whom nothing of a channel is ever sent; borrowed. */
	const struct sip_address *gateways;
	size_t gateway_count;
};

/* What both sides agreed on. */
struct agreement {
	enum suite suite;
	uint32_t spi_in, spi_out;
	uint8_t key_in[SUITE_KEY_BYTES], key_out[SUITE_KEY_BYTES];
	struct places places; /* of the peer's, those that we can reach: at least one */
	struct overlay own, peer;
	struct keys keys; /* what later ones are made from */
	bool is_caller;
	char string[KEYS_STRING_BYTES];
};

enum negotiation_state {
	NEGOTIATION_NONE,
	NEGOTIATION_OFFERED,  /* we have */
	NEGOTIATION_ASKED,    /* their offer is good */
	NEGOTIATION_ANSWERED, /* we have, and wait for the reveal */
	NEGOTIATION_AGREED,
};

/* All zero is none. */
struct negotiation {
	enum negotiation_state state;
	struct x25519 *own;
	struct secret z;
	struct keys keys;
	uint8_t reveal[KEYS_REVEAL_BYTES];
	struct proposal offer, answer;
	char offer_value[PROPOSAL_VALUE_CHARS], answer_value[PROPOSAL_VALUE_CHARS];
	size_t offer_len, answer_len;
	struct agreement agreement; /* whole once AGREED */
};

/* Wipes everything. */
void negotiation_end(struct negotiation *n);

/*
 * Each step: RESULT_OK; RESULT_NOT_FOUND if the other side said nothing of a channel;
 * RESULT_DENIED with why, a sentence; RESULT_IO, RESULT_SPACE. Except for RESULT_OK nothing is
 * left of the negotiation.
 */

/* The offer's line. own is where we can be reached. */
SEKISHO_MUST_USE enum result negotiation_offer(struct negotiation *n,
					       const struct negotiation_settings *settings,
					       const struct places *own, struct writer *line);

/* The other side looks at the offer. */
SEKISHO_MUST_USE enum result negotiation_take_offer(struct negotiation *n,
						    const struct negotiation_settings *settings,
						    const struct places *own, struct slice sdp,
						    const char **why);

/* The answer's line; the state must be ASKED. */
SEKISHO_MUST_USE enum result negotiation_answer(struct negotiation *n,
						const struct negotiation_settings *settings,
						const struct ua_parties *parties,
						struct writer *line, const char **why);

/* Who offered takes the answer, and writes what he reveals now. The state must be OFFERED. */
SEKISHO_MUST_USE enum result negotiation_take_answer(struct negotiation *n,
						     const struct negotiation_settings *settings,
						     const struct ua_parties *parties,
						     struct slice sdp, struct writer *reveal,
						     const char **why);

/* Who answered takes what is revealed. The state must be ANSWERED. */
SEKISHO_MUST_USE enum result negotiation_take_reveal(struct negotiation *n, struct slice body,
						     const char **why);

#endif
