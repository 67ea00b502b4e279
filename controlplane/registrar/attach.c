/* A new SA, out of a key exchange: the contract's words for it, and its place. */
#include <string.h>

#include "controlplane/registrar/addresses.h"
#include "controlplane/registrar/registrar_state.h"

/* RFC 3948 2.2. */
#define ENCAPSULATION_PORT 4500

static void fill_way(struct contract_sa *out, const struct exchange_sa *sa,
		     const struct registrar_way *way)
{
	uint16_t port = sa->mode == KEYEXCHANGE_TRANSPORT ? 0 : ENCAPSULATION_PORT;

	out->mode = sa->mode == KEYEXCHANGE_TRANSPORT ? CONTRACT_TRANSPORT : CONTRACT_UDP_TUNNEL;
	out->port = way->port;
	out->inner_local = way->local;
	out->inner_remote = address_to_contract(&sa->inner);
	out->outer_local = way->local;
	out->outer_local.port = port;
	out->outer_remote = address_to_contract(&sa->outer);
	/* behind a NAT the true port is seen with the first packet */
	out->outer_remote.port = port;
}

/* A rekey goes the way of the SA it replaces, wherever that has moved. */
static void copy_way(struct contract_sa *out, const struct contract_sa *old)
{
	out->mode = old->mode;
	out->port = old->port;
	out->inner_local = old->inner_local;
	out->inner_remote = old->inner_remote;
	out->outer_local = old->outer_local;
	out->outer_remote = old->outer_remote;
}

static void fill_sa(const struct registrar *r, const struct exchange_sa *sa, uint64_t now_s,
		    struct contract_sa *out)
{
	memset(out, 0, sizeof(*out));
	out->index = sa->slot.index;
	out->generation = sa->slot.generation;
	out->worker = sa->slot.worker;
	out->directions = CONTRACT_SA_IN | CONTRACT_SA_OUT;
	out->owner_kind = CONTRACT_OWNER_TERMINAL;
	out->suite = (uint8_t)sa->suite;
	out->level = sa->level;
	out->spi_out = sa->spi_out;
	out->is_replay_checked = 1;
	out->hard_expiry_s = now_s + sa->hard_s;
	out->hard_packets = r->hard_packets;
	out->hard_bytes = r->hard_bytes;
	if (sa->path.anchor != 0) {
		out->vouching.until_s = sa->path.until_s;
		out->vouching.anchor = sa->path.anchor;
		memcpy(out->vouching.certificate, sa->path.certificate,
		       sizeof(out->vouching.certificate));
	}
	memcpy(out->key_in, sa->key_in, sizeof(sa->key_in));
	memcpy(out->key_out, sa->key_out, sizeof(sa->key_out));
	memcpy(out->subscriber, sa->subscriber, sizeof(out->subscriber));
}

_Static_assert(CONTRACT_SA_KEY_BYTES == SUITE_KEY_BYTES, "keys of an SA are as long everywhere");
_Static_assert(sizeof(((struct contract_vouching *)0)->certificate) ==
		       sizeof(((struct trust_path *)0)->certificate),
	       "a path is as long everywhere");

enum result registrar_attach(struct registrar *r, const struct exchange_sa *sa,
			     const struct registrar_way *way, uint64_t now_s)
{
	struct attachment *old = registrar_find(r, sa->replaces.index, sa->replaces.generation);
	struct contract_sa filled;
	struct attachment *a;
	enum result result;

	fill_sa(r, sa, now_s, &filled);
	if (old)
		copy_way(&filled, &old->sa);
	else
		fill_way(&filled, sa, way);
	if (old && old->binding) {
		filled.owner_index = old->binding->index;
		filled.owner_generation = old->binding->generation;
	}
	result = attachment_create(r, &filled, now_s, &a);
	secret_wipe_bytes(&filled, sizeof(filled));
	if (result != RESULT_OK) {
		r->out.sa_released(r->out.context, sa->slot.index, sa->slot.generation);
		return result;
	}
	a->has_keys = true;
	a->binding = old ? old->binding : NULL;
	a->ends_s = now_s + r->attach_s;
	attachment_schedule(r, a);
	attachment_put(r, a, false);
	return RESULT_OK;
}
