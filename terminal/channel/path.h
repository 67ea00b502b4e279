/*
 * Where the other end of a data channel is, and how it is followed to another address: asked there,
 * it must answer from there (docs/protocol.md 6.8). No socket, no clock.
 */
#ifndef SEKISHO_TERMINAL_CHANNEL_PATH_H
#define SEKISHO_TERMINAL_CHANNEL_PATH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/keyexchange/random.h"
#include "shared/result.h"
#include "terminal/channel/control.h"
#include "terminal/channel/places.h"

/* No more than one question in this time, wherever to. */
#define PATH_AGAIN_MS 500

struct path {
	struct sip_address address; /* where the other side is, as far as we know; a place */
	struct sip_address asked;   /* where it may be; family 0: nowhere else */
	uint8_t cookie[CONTROL_COOKIE_BYTES];
	uint64_t asked_ms;
	struct random_source random;
};

void path_begin(struct path *path, const struct sip_address *address);

/* Is a place another one than where the other side is? */
bool path_is_elsewhere(const struct path *path, const struct sip_address *from);

/*
 * An authentic packet came from elsewhere: the question that goes there. RESULT_NOT_FOUND: not now;
 * RESULT_IO if libcrypto fails.
 */
SEKISHO_MUST_USE enum result path_ask(struct path *path, const struct sip_address *from,
				      uint64_t now_ms, uint8_t question[CONTROL_PATH_BYTES]);

enum path_said {
	PATH_NOTHING,  /* nothing that could come now */
	PATH_ASKED,    /* there is an answer */
	PATH_FOLLOWED, /* the place is another now */
};

/* An authentic message of the other side's. */
SEKISHO_MUST_USE enum path_said path_take(struct path *path, const struct sip_address *from,
					  const uint8_t *message, size_t len,
					  uint8_t answer[CONTROL_PATH_BYTES]);

#endif
