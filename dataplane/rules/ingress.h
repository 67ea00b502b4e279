/* The link a message came by, as the SA that authenticated it, or the wire, says. */
#ifndef SEKISHO_DATAPLANE_RULES_INGRESS_H
#define SEKISHO_DATAPLANE_RULES_INGRESS_H

#include "dataplane/rules/packet_rules.h"
#include "dataplane/tables/sa.h"
#include "shared/contract/contract.h"
#include "shared/result.h"

/* What an SA says of its sender. */
struct ingress_sa {
	uint32_t handle;    /* tables/sa.h */
	uint8_t owner_kind; /* enum contract_owner */
	uint8_t level;
	uint8_t port;
	uint32_t owner_index; /* 0: a terminal that is not registered yet */
	uint32_t owner_generation;
	struct sip_address local; /* inner, with ports */
	struct sip_address remote;
};

/* RESULT_OK, or RESULT_NOT_FOUND: the binding or peer it belongs to is gone. */
enum result ingress_of_sa(struct packet_rules *rules, const struct ingress_sa *sa) SEKISHO_MUST_USE;

/* From outside any SA, to one of our addresses on port; level 1 if a digest has proved its From. */
void ingress_of_clear(struct packet_rules *rules, uint8_t port,
		      const struct contract_address *local, const struct contract_address *remote,
		      enum sip_level level);

/* By a peer's TLS connection. RESULT_OK, or RESULT_NOT_FOUND: there is no such peer, or it has none. */
enum result ingress_of_peer(struct packet_rules *rules, uint32_t index,
			    const struct sip_address *local,
			    const struct sip_address *remote) SEKISHO_MUST_USE;

#endif
