/*
 * New keys for a data channel in use, asked for and made inside it (docs/protocol.md 6.6): what is
 * said, what is taken, and which keys come of it. No socket, no clock, no SA.
 */
#ifndef SEKISHO_TERMINAL_CHANNEL_RENEWAL_H
#define SEKISHO_TERMINAL_CHANNEL_RENEWAL_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/keyexchange/random.h"
#include "shared/keyexchange/x25519.h"
#include "shared/result.h"
#include "terminal/channel/keys.h"

/* Packets that keys protect in either direction, and how long they are in use, before new ones. */
#define RENEWAL_PACKETS (UINT64_C(1) << 30)
#define RENEWAL_MS	(UINT64_C(3600) * 1000)
/* What is not answered is said again after this. */
#define RENEWAL_AGAIN_MS 500

/* Kind, generation, SPI, share. */
#define RENEWAL_MESSAGE_BYTES (1 + 4 + 4 + X25519_SHARE_BYTES)

struct renewal_message {
	uint8_t bytes[RENEWAL_MESSAGE_BYTES];
	size_t len; /* 0: nothing to say */
};

/* The SAs that come of it, seen from our side. */
struct renewal_sas {
	uint32_t spi_in, spi_out;
	uint8_t key_in[SUITE_KEY_BYTES], key_out[SUITE_KEY_BYTES];
};

struct renewal {
	struct keys keys; /* of the newest generation */
	enum suite suite;
	bool is_caller; /* it is he who renews; the callee may say that he wants it */
	bool is_wanted;
	uint32_t generation; /* 0 are the keys of the call */
	uint64_t begun_ms;   /* the newest generation's */
	uint64_t said_ms;    /* the last message; 0: none for the next generation */
	struct random_source random;
	struct x25519 *own;		  /* of what we have said and nobody has answered */
	struct renewal_message said;	  /* the caller's last RENEW, the callee's last RENEWED */
	struct renewal_message was_asked; /* what the callee's answers */
};

/* Copies the keys of the call. */
void renewal_begin(struct renewal *renewal, const struct keys *keys, enum suite suite,
		   bool is_caller, uint64_t now_ms);
/* Wipes everything. */
void renewal_end(struct renewal *renewal);

/* Somebody wants new keys, whatever the old have protected. */
void renewal_want(struct renewal *renewal);

/*
 * What is to be said now, if anything is: packets is what the newest keys have protected in the
 * busier direction. RESULT_IO if libcrypto fails.
 */
SEKISHO_MUST_USE enum result renewal_say(struct renewal *renewal, uint64_t packets, uint64_t now_ms,
					 struct renewal_message *out);

/* When there is something to say, if packets do not make it sooner; 0: now. */
uint64_t renewal_deadline(const struct renewal *renewal);

/*
 * A message of the other side's; new keys come of it only if they may, while others are not in use
 * yet or still taken. RESULT_OK: sas are to be taken into use, and answer said if there
 * is one; RESULT_NOT_FOUND: nothing but an answer, if there is one; RESULT_BAD: no message that
 * could come now; RESULT_IO, RESULT_MEMORY.
 */
SEKISHO_MUST_USE enum result renewal_take(struct renewal *renewal, const uint8_t *message,
					  size_t len, bool may_renew, uint64_t now_ms,
					  struct renewal_sas *sas, struct renewal_message *answer);

#endif
