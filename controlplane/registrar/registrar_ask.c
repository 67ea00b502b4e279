/* What others ask the registrar. */
#include <string.h>

#include "controlplane/registrar/registrar_state.h"

bool registrar_primary(const struct registrar *r, struct slice aor, uint32_t *index,
		       uint16_t *generation)
{
	const struct identity *identity = identity_find(r, aor);

	if (!identity || !identity->primary)
		return false;
	*index = identity->primary->index;
	*generation = identity->primary->generation;
	return true;
}

bool registrar_primary_q(const struct registrar *r, struct slice aor, uint16_t *q)
{
	const struct identity *identity = identity_find(r, aor);
	const struct registration *registration;

	if (!identity || !identity->primary)
		return false;
	registration = binding_registration(identity->primary, aor);
	if (registration)
		*q = registration->q_thousandths;
	return registration != NULL;
}

enum result registrar_through(const struct registrar *r, uint32_t index, uint8_t generation,
			      struct exchange_through *out)
{
	const struct attachment *a = registrar_find(r, index, generation);

	if (!a)
		return RESULT_NOT_FOUND;
	*out = (struct exchange_through){
		.index = index,
		.generation = generation,
		.mode = a->sa.mode == CONTRACT_TRANSPORT ? KEYEXCHANGE_TRANSPORT
							 : KEYEXCHANGE_UDP_TUNNEL,
		.subscriber = slice_make(a->subscriber->id, strlen(a->subscriber->id)),
	};
	return RESULT_OK;
}

static void tell_row(const struct binding *b, const struct registration *registration,
		     void (*row)(void *context, const struct registrar_row *row), void *context)
{
	const struct attachment *a = b->attachment;

	row(context, &(struct registrar_row){
			     .identity = registration->identity->node.name,
			     .subscriber = a->subscriber->node.name,
			     .instance = slice_make(b->instance, strlen(b->instance)),
			     .contact = slice_make(b->contact, strlen(b->contact)),
			     .sa = &a->sa,
			     .binding_index = b->index,
			     .binding_generation = b->generation,
			     .is_primary = registration->identity->primary == b,
			     .q_thousandths = registration->q_thousandths,
			     .registered_s = registration->registered_s,
			     .expires_s = registration->expires_s,
		     });
}

void registrar_each(const struct registrar *r,
		    void (*row)(void *context, const struct registrar_row *row), void *context)
{
	for (uint32_t i = 1; i < r->binding_capacity; i++) {
		const struct binding *b = r->binding_places[i].binding;

		for (uint8_t n = 0; b && n < b->registration_count; n++)
			tell_row(b, &b->registrations[n], row, context);
	}
}

uint32_t registrar_sa_count(const struct registrar *r)
{
	return r->sa_count;
}

uint32_t registrar_binding_count(const struct registrar *r)
{
	return r->binding_count;
}
