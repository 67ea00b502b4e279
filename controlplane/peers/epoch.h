/* The SAs that one keying made: one way each, one for each worker of the sender (signalling 6). */
#ifndef SEKISHO_CONTROLPLANE_PEERS_EPOCH_H
#define SEKISHO_CONTROLPLANE_PEERS_EPOCH_H

#include <stdbool.h>
#include <stdint.h>

#include "controlplane/peers/peer_message.h"
#include "controlplane/peers/peers.h"
#include "shared/contract/contract.h"

struct epoch {
	uint32_t number; /* 0: adopted from a data plane that outlived its control plane */
	uint64_t hard_expiry_s;
	bool has_keys; /* not yet, while it is being agreed */
	uint32_t in_count, out_count;
	struct contract_sa in[PEER_MESSAGE_WORKERS];
	struct contract_sa out[PEER_MESSAGE_WORKERS]; /* by our worker */
	/* while it is being installed */
	const struct peers_out *peers_out;
	uint32_t pending;
	enum result worst;
	peers_done *done;
	void *done_arg;
	bool is_abandoned; /* to be freed when the last answer is in */
};

/* An epoch without SAs yet; NULL when out of memory. Its keys are wiped by epoch_destroy. */
struct epoch *epoch_create(uint32_t number, const struct peers_out *out);

/* Take indices for in_count inbound and out_count outbound SAs. RESULT_SPACE: none left. */
enum result epoch_take_indices(struct epoch *epoch, uint32_t in_count,
			       uint32_t out_count) SEKISHO_MUST_USE;

/*
 * Hand every SA to the data plane; done is called once, when all are answered. is_refill: to a data
 * plane that had them before it restarted, which goes on from its state file.
 */
void epoch_install(struct epoch *epoch, bool is_refill, peers_done *done, void *arg);

/* Delete its SAs from the data plane, give the indices back, free it. */
void epoch_destroy(struct epoch *epoch);

/* Free it, but leave its SAs where they are: calls go on without us. */
void epoch_forget(struct epoch *epoch);

#endif
