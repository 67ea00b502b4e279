/* Attaching: the four messages sent, sent again, tried at the next gateway, and tried later. */
#ifndef SEKISHO_TERMINAL_ATTACH_ATTACH_H
#define SEKISHO_TERMINAL_ATTACH_ATTACH_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/keyexchange/initiator.h"
#include "shared/result.h"
#include "shared/sip/host.h"
#include "shared/slice.h"

#define ATTACH_GATEWAYS 8

/* How long one gateway is asked: a whole list of two takes less than 30 s. */
#define ATTACH_LIFE_MS 8000

/* Wait between rounds: doubles, jittered by half; the longer one after a 403. */
#define ATTACH_WAIT_MS	       1000
#define ATTACH_WAIT_REFUSED_MS 30000
#define ATTACH_WAIT_MOST_MS    600000

/*
 * When a gateway is lost the next one is asked after at most so long, so that all its terminals do
 * not come at once. With the keep-alive and its life that is still under 30 s.
 */
#define ATTACH_SPREAD_MS 2000

/* Fresh starts within one attempt when the gateway refuses its own cookie. */
#define ATTACH_RESTARTS 3

struct attach_port {
	void *context;
	/* A message of the exchange: in clear, or through the channel when rekeying. */
	void (*send)(void *context, const struct sip_address *gateway, bool is_rekey,
		     struct slice message);
};

enum attach_state { ATTACH_IDLE, ATTACH_WAITING, ATTACH_ASKING };

struct attach {
	struct attach_port port;
	struct initiator *initiator; /* borrowed */
	struct sip_address gateways[ATTACH_GATEWAYS];
	unsigned gateway_count;
	unsigned gateway; /* the one being asked, or last asked */
	enum attach_state state;
	bool is_rekey;
	unsigned restarts;
	unsigned tried; /* gateways in this round */
	uint64_t wait_ms;
	uint64_t resend_ms, interval_ms, end_ms;
};

enum attach_event {
	ATTACH_NOTHING,
	ATTACH_ESTABLISHED,
	ATTACH_FAILED, /* this attempt; the next begins by itself unless it was a rekey */
};

/* Begins at the gateway last asked. */
void attach_begin(struct attach *attach, uint64_t now_ms);
/* Begins at the next one within ATTACH_SPREAD_MS: the one in use is lost. */
void attach_begin_elsewhere(struct attach *attach, uint64_t now_ms);
/* Begins after a wait, as if an attempt had failed. */
void attach_begin_later(struct attach *attach, uint64_t now_ms);
void attach_begin_rekey(struct attach *attach, uint64_t now_ms);
void attach_stop(struct attach *attach);

/*
 * A datagram of the gateway being asked. On ATTACH_NOTHING is_taken says whether it belonged to
 * the exchange at all.
 */
enum attach_event attach_receive(struct attach *attach, uint64_t now_ms, struct slice datagram,
				 bool *is_taken);
enum attach_event attach_tick(struct attach *attach, uint64_t now_ms);
uint64_t attach_deadline(const struct attach *attach);

static inline const struct sip_address *attach_gateway(const struct attach *attach)
{
	return &attach->gateways[attach->gateway];
}

#endif
