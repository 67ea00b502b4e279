/*
 * The user agent server that a gateway is for requests to itself: takes what the data plane hands
 * up (CONTRACT_SIP_RECEIVED), has exchange or registrar answer REGISTER, answers OPTIONS itself,
 * refuses the rest, and sends the answers down (CONTRACT_SIP_SEND). What else comes in the clear
 * has to prove its sender by digest, and goes down again to be judged (CONTRACT_SIP_ENTER).
 */
#ifndef SEKISHO_CONTROLPLANE_REGISTRAR_UAS_H
#define SEKISHO_CONTROLPLANE_REGISTRAR_UAS_H

#include <stdint.h>

#include "controlplane/digest/digest.h"
#include "controlplane/keyexchange/exchange.h"
#include "controlplane/registrar/registrar.h"
#include "shared/contract/contract.h"

struct uas;

struct uas_settings {
	uint8_t persistent[32]; /* the domain's secret, for To tags */
	struct exchange *exchange;
	struct registrar *registrar;
	struct digest *digest;
	struct slice realm; /* of challenges: our first domain; borrowed */
	/* As in struct registrar_out; here SIP_SEND, which its message follows. What becomes of an
	 * SA_PUT of the registrar's is to be told by uas_sa_answered(). */
	void (*send)(void *context, const struct contract_header *message);
	/* An answer to what came by this TCP stream, in two pieces. NULL: there are none. */
	void (*stream_send)(void *context, uint64_t stream, struct slice head, struct slice tail);
	/* Says what became of a key exchange, of whom (empty: not known), from where, and why where it failed:
	 * that it is established only when the data plane has taken the SA. May be NULL. */
	void (*exchanged)(void *context, enum exchange_verdict verdict, const char *who,
			  const struct contract_address *from, const char *reason);
	/* Says that another message was refused, with which status (0: it got no answer), and why: a constant
	 * text. What the registrar and the digest refuse they tell themselves. May be NULL. */
	void (*refused)(void *context, const struct contract_sip_received *received,
			unsigned status, const char *reason);
	/* Says why a digest proved nothing, a constant text; may be NULL. */
	void (*unproved)(void *context, const char *reason, const struct contract_address *source);
	void *context;
};

/* RESULT_MEMORY. */
SEKISHO_MUST_USE enum result uas_create(const struct uas_settings *settings, struct uas **out);
void uas_destroy(struct uas *uas);

/* A validated CONTRACT_SIP_RECEIVED, its SIP bytes behind it. */
void uas_receive(struct uas *uas, const struct contract_sip_received *received, uint64_t now_ms);

/*
 * A SIP message by a TCP stream (its number, not 0), whose ends are those of `received`: a key exchange or
 * nothing.
 */
void uas_receive_stream(struct uas *uas, const struct contract_sip_received *received,
			struct slice message, uint64_t stream, uint64_t now_ms);

/*
 * The data plane has taken an SA (RESULT_OK) or not: whose message 4 waited for it gets it now, or a
 * 503. For an SA that nobody waits for: nothing.
 */
void uas_sa_answered(struct uas *uas, uint32_t index, uint8_t generation, enum result result,
		     uint64_t now_ms);

#endif
