/*
 * Cookies that have opened an SA, until they expire: a message 3 sent again gets its message 4
 * again, byte for byte, once that is to be had; another message 3 is refused. Bounded: when full
 * nothing new is opened.
 */
#ifndef SEKISHO_CONTROLPLANE_KEYEXCHANGE_USED_COOKIES_H
#define SEKISHO_CONTROLPLANE_KEYEXCHANGE_USED_COOKIES_H

#include <stdbool.h>
#include <stdint.h>

#include "controlplane/keyexchange/cookie.h"
#include "shared/keyexchange/kdf.h"
#include "shared/result.h"
#include "shared/slice.h"

struct used_cookies;

/* About 100 bytes and a message 4 (under 1 KB) each. RESULT_BAD for none, RESULT_MEMORY. */
SEKISHO_MUST_USE enum result used_cookies_create(uint32_t capacity, struct used_cookies **out);
void used_cookies_destroy(struct used_cookies *used);

/*
 * RESULT_OK with the message 4 that answers this message 3 (its H123; the slice is good until the
 * next call), RESULT_MORE if it is not settled yet, RESULT_STALE if the cookie was used with another
 * one or came to nothing, RESULT_NOT_FOUND if it is unused.
 */
SEKISHO_MUST_USE enum result used_cookies_find(const struct used_cookies *used,
					       const uint8_t id[COOKIE_ID_BYTES],
					       const uint8_t h123[KDF_HASH_BYTES],
					       struct slice *message4);

/* Forgets what has expired: is there then room for one more? */
bool used_cookies_make_room(struct used_cookies *used, uint64_t now_ms);

/* RESULT_EXISTS if it is used already, RESULT_SPACE if full, RESULT_MEMORY. */
SEKISHO_MUST_USE enum result used_cookies_put(struct used_cookies *used,
					      const uint8_t id[COOKIE_ID_BYTES],
					      const uint8_t h123[KDF_HASH_BYTES],
					      struct slice message4, uint64_t expires_ms);

/* Its SA is there, and message 4 may be given out; or there is none, and the cookie is used up. */
void used_cookies_settle(struct used_cookies *used, const uint8_t id[COOKIE_ID_BYTES],
			 bool is_there);

uint32_t used_cookies_count(const struct used_cookies *used);

#endif
