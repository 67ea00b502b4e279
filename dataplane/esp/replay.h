/*
 * The inbound replay window of 1,024 packets with 64-bit sequence numbers (RFC 4303 3.4.3, A2). It
 * lies in the shared-memory state file and is at every instant such that a process that dies there
 * leaves a window which accepts nothing that was seen: each update goes in an order in which a half
 * of it can only refuse too much.
 */
#ifndef SEKISHO_DATAPLANE_ESP_REPLAY_H
#define SEKISHO_DATAPLANE_ESP_REPLAY_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "shared/limits.h"
#include "shared/result.h"

#define REPLAY_WORDS (LIMIT_ESP_WINDOW / 64)

/*
 * Writer: the SA's owner worker alone. Readers: itself; others for statistics only; the next
 * process after this one's death. The stores are releases so that a kill finds them made in
 * program order.
 */
struct replay_window {
	_Atomic uint64_t top;	   /* highest number seen, 0: none */
	_Atomic uint64_t updating; /* the number being entered, 0: none */
	_Atomic uint64_t sum;	   /* of top and bits, over them a fold */
	_Atomic uint64_t pad[5];
	_Atomic uint64_t bits[REPLAY_WORDS]; /* bit (number mod 1,024) is set: seen */
};

/* An empty window: number 1 is the first that may come. */
void replay_init(struct replay_window *window);

/*
 * The 64-bit number that the low half in a packet stands for (RFC 4303 A2.2), not yet verified.
 * RESULT_OK, or RESULT_STALE: it could only stand for one before the first or after the last.
 */
enum result replay_infer(const struct replay_window *window, uint32_t low,
			 uint64_t *number) SEKISHO_MUST_USE;

/* May this number be taken? RESULT_OK, RESULT_EXISTS (seen), RESULT_STALE (behind the window). */
enum result replay_check(const struct replay_window *window, uint64_t number) SEKISHO_MUST_USE;

/* Enter a number that replay_check() let pass and whose ICV was right. */
void replay_update(struct replay_window *window, uint64_t number);

/*
 * Take up a window that another process left. RESULT_OK: sound, or closed in the middle of an
 * update, in which case all up to the highest number counts as seen. RESULT_BAD: damaged.
 */
enum result replay_recover(struct replay_window *window) SEKISHO_MUST_USE;

#endif
