/* After a restart: of this process, out of the data plane's dump; or of the data plane. */
#include <string.h>

#include "controlplane/registrar/registrar_state.h"

static void refuse_sa(struct registrar *r, const struct contract_sa *sa)
{
	struct contract_sa_ref ref = {.index = sa->index, .generation = sa->generation};

	contract_header_set(&ref.header, CONTRACT_SA_DELETE, sizeof(ref), 0);
	r->out.send(r->out.context, &ref.header);
	r->out.sa_released(r->out.context, sa->index, sa->generation);
}

static void refuse_binding(struct registrar *r, const struct contract_binding *binding)
{
	struct contract_binding_ref ref = {.index = binding->index,
					   .generation = binding->generation};

	contract_header_set(&ref.header, CONTRACT_BINDING_DELETE, sizeof(ref), 0);
	r->out.send(r->out.context, &ref.header);
}

static bool has_keys(const struct contract_sa *sa)
{
	static const uint8_t none[CONTRACT_SA_KEY_BYTES];

	return !secret_is_equal(sa->key_in, none, sizeof(none)) &&
	       !secret_is_equal(sa->key_out, none, sizeof(none));
}

enum result registrar_restore_sa(struct registrar *r, const struct contract_sa_record *record,
				 uint64_t now_s)
{
	const struct contract_sa *sa = &record->sa;
	struct attachment *a;
	enum result result;

	if (sa->owner_kind != CONTRACT_OWNER_TERMINAL)
		return RESULT_DENIED;
	/* nobody's yet: whose message 4 it was is forgotten, so its terminal attaches anew */
	result = sa->subscriber[0] == '\0' || sa->owner_index == 0
			 ? RESULT_BAD
			 : attachment_create(r, sa, now_s, &a);
	if (result != RESULT_OK) {
		if (result != RESULT_EXISTS)
			refuse_sa(r, sa);
		return result;
	}
	a->has_keys = has_keys(sa);
	/* until its binding is restored, or its first packet comes */
	a->ends_s = now_s + r->attach_s;
	attachment_schedule(r, a);
	return RESULT_OK;
}

static bool is_its_sa(const struct attachment *a, const struct contract_binding *binding)
{
	return a && a->sa.owner_index == binding->index &&
	       a->sa.owner_generation == binding->generation &&
	       strcmp(a->subscriber->id, binding->subscriber) == 0 && !a->binding;
}

static enum result restore_names(struct registrar *r, struct binding *b,
				 const struct contract_binding *binding)
{
	for (uint8_t i = 0; i < binding->identity_count; i++) {
		const char *aor = binding->identity[i];
		struct registration *registration;
		enum result result = binding_register(
			r, b, slice_make(aor, strnlen(aor, LIMIT_AOR_BYTES)), &registration);

		if (result != RESULT_OK)
			return result;
		registration->registered_s = binding->registration[i].registered_s;
		registration->expires_s = binding->registration[i].expires_s;
		registration->q_thousandths = binding->registration[i].q_thousandths;
		if (binding->registration[i].is_primary)
			registration->identity->primary = b;
	}
	return binding->identity_count > 0 ? RESULT_OK : RESULT_BAD;
}

/* All SAs that the data plane says belong to it: the one in use, and those of a rekey. */
static void adopt_sas(struct registrar *r, struct binding *b)
{
	for (struct attachment *a = b->attachment->subscriber->attachments; a; a = a->next) {
		if (a->sa.owner_index == b->index && a->sa.owner_generation == b->generation)
			a->binding = b;
		if (a == b->attachment) {
			a->ends_s = 0;
			attachment_schedule(r, a);
		}
	}
}

/* Names it is the primary of, as far as it says so itself; the others wait for theirs. */
static void put_names(struct registrar *r, struct binding *b,
		      const struct contract_binding *binding)
{
	for (uint8_t i = 0; i < b->registration_count; i++)
		if (binding->registration[i].is_primary)
			identity_put(r, b->registrations[i].identity);
}

enum result registrar_restore_binding(struct registrar *r, const struct contract_binding *binding)
{
	struct attachment *a = registrar_find(r, binding->sa_index, binding->sa_generation);
	struct binding *b;
	enum result result;

	if (!is_its_sa(a, binding) || binding->generation == 0 ||
	    binding_find(r, a->subscriber->node.name, binding->name)) {
		refuse_binding(r, binding);
		return RESULT_BAD;
	}
	result = binding_create(r, a, binding->name, binding->index, binding->generation, &b);
	if (result != RESULT_OK) {
		refuse_binding(r, binding);
		return result;
	}
	memcpy(b->contact, binding->contact, sizeof(b->contact));
	adopt_sas(r, b);
	result = restore_names(r, b, binding);
	if (result != RESULT_OK) {
		binding_end(r, b);
		return result;
	}
	binding_schedule(r, b);
	put_names(r, b, binding);
	return RESULT_OK;
}

void registrar_restored(struct registrar *r)
{
	for (uint32_t i = 1; i < r->binding_capacity; i++) {
		struct binding *b = r->binding_places[i].binding;

		for (uint8_t at = 0; b && at < b->registration_count; at++) {
			struct identity *identity = b->registrations[at].identity;

			/* not told yet: the primary of before was not in the dump */
			if (identity->told.header.length == 0)
				identity_elect(r, identity);
		}
	}
}

static void refill_sa(struct registrar *r, struct attachment *a, uint64_t now_s)
{
	if (a->has_keys)
		attachment_put(r, a, !a->is_static);
	else
		registrar_sa_gone(r, a->sa.index, a->sa.generation, now_s);
}

static void refill_binding(struct registrar *r, struct binding *b)
{
	binding_put(r, b);
	for (uint8_t i = 0; i < b->registration_count; i++) {
		struct identity *identity = b->registrations[i].identity;

		/* it knows nothing: whatever it was told before counts for nothing */
		memset(&identity->told.header, 0, sizeof(identity->told.header));
		identity_put(r, identity);
	}
}

void registrar_refill(struct registrar *r, uint64_t now_s)
{
	for (uint32_t i = 1; i < r->sa_capacity; i++)
		if (r->attachments[i] && !r->attachments[i]->is_ending)
			refill_sa(r, r->attachments[i], now_s);
	for (uint32_t i = 1; i < r->binding_capacity; i++)
		if (r->binding_places[i].binding)
			refill_binding(r, r->binding_places[i].binding);
}
