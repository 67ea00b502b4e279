/* Terminals of a load test: there without a key exchange, otherwise like any other. */
#include <string.h>

#include "controlplane/registrar/registrar_state.h"

static enum result name_add(struct registrar *r, struct binding *b,
			    const struct contract_binding *binding, uint64_t now_s,
			    struct registration **registration)
{
	const char *aor = binding->identity[0];
	enum result result = binding_register(r, b, slice_make(aor, strnlen(aor, LIMIT_AOR_BYTES)),
					      registration);

	if (result != RESULT_OK)
		return result;
	(*registration)->registered_s = now_s;
	(*registration)->expires_s = binding->expires_s;
	return RESULT_OK;
}

/* Its SA is there; what fails now takes it away again. */
static enum result binding_add(struct registrar *r, struct attachment *a,
			       const struct contract_binding *binding, uint64_t now_s)
{
	struct registration *registration;
	struct binding *b;
	enum result result =
		binding_create(r, a, binding->name, binding->index, binding->generation, &b);

	if (result != RESULT_OK) {
		attachment_end(r, a);
		return result;
	}
	memcpy(b->contact, binding->contact, sizeof(b->contact));
	result = name_add(r, b, binding, now_s, &registration);
	if (result != RESULT_OK) {
		binding_end(r, b);
		return result;
	}
	binding_schedule(r, b);
	attachment_put(r, a, false);
	binding_put(r, b);
	identity_put(r, registration->identity);
	return RESULT_OK;
}

enum result registrar_add_static(struct registrar *r, const struct contract_sa *sa,
				 const struct contract_binding *binding, uint64_t now_s)
{
	struct attachment *a;
	enum result result = attachment_create(r, sa, now_s, &a);

	if (result != RESULT_OK)
		return result;
	a->has_keys = true;
	a->is_static = true;
	result = binding_add(r, a, binding, now_s);
	registrar_settle(r, now_s);
	return result;
}
