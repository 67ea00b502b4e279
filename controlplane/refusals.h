/*
 * What was refused and why, for the operator: of each reason how often, and who was the last and when; and
 * sentences in the log, so few that no flood fills it, and so chosen that a flood of one reason does not
 * hide another. Who is refused is told nothing of it.
 */
#ifndef SEKISHO_CONTROLPLANE_REFUSALS_H
#define SEKISHO_CONTROLPLANE_REFUSALS_H

#include <stdint.h>

#include "shared/contract/contract.h"
#include "shared/result.h"
#include "shared/sip/host.h"

enum refusal_of {
	REFUSAL_EXCHANGE,  /* of keys */
	REFUSAL_REGISTER,  /* through an SA */
	REFUSAL_REQUEST,   /* any other SIP message */
	REFUSAL_ADMIN,	   /* at the admin socket */
	REFUSAL_DATAPLANE, /* what the data plane says */
	REFUSAL_OF_COUNT,
};

/* Reasons that are told apart; what comes beyond counts as one more. The program has some 90. */
#define REFUSALS_MAX	     160
#define REFUSAL_REASON_BYTES 128
#define REFUSAL_FROM_BYTES   (SIP_ADDRESS_PORT_CHARS + 1)

struct refusal {
	enum refusal_of of;
	char reason[REFUSAL_REASON_BYTES]; /* cut if longer */
	uint64_t count;			   /* since this process began */
	char from[REFUSAL_FROM_BYTES];	   /* the last one; empty: not known */
	uint64_t last_ms;		   /* Unix time */
	uint64_t said_ms;		   /* when a sentence was last said of it; 0: never */
};

struct refusals;

SEKISHO_MUST_USE enum result refusals_create(struct refusals **out);
void refusals_destroy(struct refusals *refusals);

/* "[2001:db8::1]:5060", "192.0.2.1:5060"; empty for none. */
void refusal_from_address(const struct contract_address *from, char text[REFUSAL_FROM_BYTES]);

/*
 * Counts one, and says the sentence if it may: 20 of each kind at once and then two a second, and beyond
 * that each reason once a minute. Never a secret in any of them. from may be empty; if it is not, it is said, too.
 */
void refusals_note(struct refusals *refusals, enum refusal_of of, const char *reason,
		   const char *from, uint64_t now_ms, const char *format, ...)
	__attribute__((format(printf, 6, 7)));

/* "key exchange" and the like. */
const char *refusal_of_text(enum refusal_of of);

typedef void refusal_row(void *ctx, const struct refusal *refusal);
void refusals_each(const struct refusals *refusals, refusal_row *row, void *ctx);

#endif
