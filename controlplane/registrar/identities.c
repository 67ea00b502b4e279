/* Who a name leads to: the terminals that have registered it, and the one requests go to. */
#include <stdlib.h>
#include <string.h>

#include "controlplane/registrar/registrar_state.h"

static struct identity *of_node(struct name_node *node)
{
	return node ? (struct identity *)((char *)node - offsetof(struct identity, node)) : NULL;
}

struct identity *identity_find(const struct registrar *r, struct slice aor)
{
	return of_node(name_map_find(&r->identities, aor));
}

static struct identity *create(struct registrar *r, struct slice aor)
{
	struct identity *identity;

	if (aor.len > LIMIT_AOR_BYTES)
		return NULL;
	identity = calloc(1, sizeof(*identity));
	if (!identity)
		return NULL;
	identity->told.kind = CONTRACT_IDENTITY_LOCAL;
	memcpy(identity->told.aor, aor.at, aor.len);
	name_map_add(&r->identities, &identity->node, slice_make(identity->told.aor, aor.len));
	return identity;
}

enum result identity_join(struct registrar *r, struct slice aor, struct binding *b,
			  struct identity **out)
{
	struct identity *identity = identity_find(r, aor);

	if (!identity)
		identity = create(r, aor);
	if (!identity)
		return RESULT_MEMORY;
	if (identity->binding_count == REGISTRAR_BINDINGS_PER_IDENTITY)
		return RESULT_SPACE;
	identity->bindings[identity->binding_count++] = b;
	/* the primary stays until it leaves, so that CANCEL meets its INVITE */
	if (!identity->primary)
		identity->primary = b;
	*out = identity;
	return RESULT_OK;
}

static bool is_better(const struct registration *a, const struct registration *b)
{
	if (a->q_thousandths != b->q_thousandths)
		return a->q_thousandths > b->q_thousandths;
	return a->registered_s < b->registered_s;
}

/* Highest q, then earliest registered. */
static struct binding *choose_primary(const struct identity *identity)
{
	const struct registration *best = NULL;
	struct binding *primary = NULL;

	for (uint8_t i = 0; i < identity->binding_count; i++) {
		struct binding *b = identity->bindings[i];
		const struct registration *registration =
			binding_registration(b, identity->node.name);

		if (registration && (!best || is_better(registration, best))) {
			best = registration;
			primary = b;
		}
	}
	return primary;
}

void identity_elect(const struct registrar *r, struct identity *identity)
{
	identity->primary = choose_primary(identity);
	if (identity->primary)
		binding_put(r, identity->primary);
	identity_put(r, identity);
}

void identity_leave(struct registrar *r, struct identity *identity, struct binding *b)
{
	uint8_t kept = 0;

	for (uint8_t i = 0; i < identity->binding_count; i++)
		if (identity->bindings[i] != b)
			identity->bindings[kept++] = identity->bindings[i];
	identity->binding_count = kept;
	if (identity->primary == b)
		identity_elect(r, identity);
	else
		identity_put(r, identity);
	if (kept == 0) {
		name_map_remove(&r->identities, &identity->node);
		free(identity);
	}
}

void identity_put(const struct registrar *r, struct identity *identity)
{
	struct contract_identity put = identity->told;
	struct contract_identity known;

	memset(&known, 0, sizeof(known));
	/* while the store cannot be read what it said last holds */
	if (r->out.identity(r->out.context, identity->node.name, &known) == RESULT_OK) {
		memcpy(known.aor, put.aor, sizeof(known.aor));
		put = known;
	}
	put.binding_index = identity->primary ? identity->primary->index : 0;
	put.binding_generation = identity->primary ? identity->primary->generation : 0;
	contract_header_set(&put.header, CONTRACT_IDENTITY_PUT, sizeof(put), 0);
	if (memcmp(&put, &identity->told, sizeof(put)) == 0)
		return;
	identity->told = put;
	r->out.send(r->out.context, &put.header);
}
