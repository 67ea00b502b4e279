/*
 * The way to the other side is looked for: it is asked at each of its places, and one that answers
 * is a way that works both ways. The caller takes the best, the callee follows him
 * (docs/protocol.md 6.7). That both ask at once is what opens NATs. No socket, no clock.
 */
#ifndef SEKISHO_TERMINAL_CHANNEL_SEARCH_H
#define SEKISHO_TERMINAL_CHANNEL_SEARCH_H

#include "shared/keyexchange/random.h"
#include "terminal/channel/control.h"
#include "terminal/channel/places.h"

/* Places that the other side did not name, but says something authentic from: a NAT's. */
#define SEARCH_LEARNT 3
#define SEARCH_PLACES (PLACES_MAX + SEARCH_LEARNT)

/* Whoever names places that are not his has so little sent there, and so slowly. */
#define SEARCH_ASKS	20 /* at one place */
#define SEARCH_ALL_ASKS 100
#define SEARCH_AGAIN_MS 500 /* at one place */
#define SEARCH_PACE_MS	20  /* between any two */

/* The caller waits so long for a better place than the first that answered. */
#define SEARCH_PATIENCE_MS 700

struct search_place {
	struct sip_address at;
	uint8_t cookie[CONTROL_COOKIE_BYTES];
	unsigned asks;
	uint64_t asked_ms; /* 0: now is the time */
	bool has_answered;
};

struct search {
	struct search_place places[SEARCH_PLACES];
	unsigned count, told; /* those told come first */
	unsigned learnt;      /* in all */
	unsigned asks;
	uint64_t asked_ms, answered_ms; /* the last question, the first answer; 0: none */
	bool is_caller;
	bool is_over;  /* chosen is the way */
	bool is_taken; /* the caller's: the callee knows */
	const struct search_place *chosen;
	const struct search_place *wanted;  /* the callee's: the caller's choice, once it answers */
	uint8_t wish[CONTROL_COOKIE_BYTES]; /* in which he said so */
	uint64_t wished_ms;
	struct random_source random;
};

struct search_message {
	struct sip_address to;
	uint8_t bytes[CONTROL_PATH_BYTES];
};

void search_begin(struct search *search, const struct places *places, bool is_caller);

/* Has the other side named this place, or been heard there? */
bool search_knows(const struct search *search, const struct sip_address *place);

/* Has it named this place? */
bool search_is_told(const struct search *search, const struct sip_address *place);

/* What is to be said now; false if there is nothing (more). */
bool search_say(struct search *search, uint64_t now_ms, struct search_message *out);
/* When there will be something; UINT64_MAX: nothing as far as we know. */
uint64_t search_deadline(const struct search *search);

/* An authentic message of the other side's, from there; true if there is an answer to it. */
bool search_take(struct search *search, const struct sip_address *from, const uint8_t *message,
		 size_t len, uint64_t now_ms, struct search_message *answer);

#endif
