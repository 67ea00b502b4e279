/* REGISTER through an SA (RFC 3261 10.3, docs/protocol.md 1.8). */
#include <string.h>

#include "controlplane/registrar/addresses.h"
#include "controlplane/registrar/register_answer.h"
#include "controlplane/registrar/register_request.h"
#include "shared/sip/reply.h"

/* One REGISTER on its way. */
struct work {
	struct registrar *r;
	const struct sip_message *message;
	struct attachment *a;
	struct register_request request;
	struct slice aor;
	uint8_t call_id_hash[KDF_HASH_BYTES];
	uint64_t now_s;
};

static unsigned refuse(struct work *w, unsigned status, const char *reason)
{
	w->request.reason = reason;
	return status;
}

/*
 * May the subscriber use this name? The store says it; while it cannot be read, names that he has
 * registered already stay his. 0, 403 or 503.
 */
static unsigned check_right(struct work *w)
{
	struct subscriber_credential credential;
	enum result result = w->r->store.credential(w->r->store.context,
						    w->a->subscriber->node.name, &credential);
	bool is_allowed;

	if (result != RESULT_OK && result != RESULT_NOT_FOUND)
		return w->a->binding && binding_registration(w->a->binding, w->aor)
			       ? 0
			       : refuse(w, 503, "the store cannot be read");
	is_allowed = result == RESULT_OK && credential.is_enabled &&
		     subscriber_credential_has(&credential, w->aor);
	secret_wipe_bytes(&credential, sizeof(credential));
	return is_allowed ? 0 : refuse(w, 403, "the name is not one of the subscriber's");
}

enum order { ORDER_NEW, ORDER_REPEATED, ORDER_OLD };

/* RFC 3261 10.3, 7: within one Call-ID numbers go up; the same number is the same request. */
static enum order find_order(const struct work *w, const struct registration *registration)
{
	if (!registration->has_order ||
	    memcmp(registration->call_id_hash, w->call_id_hash, KDF_HASH_BYTES) != 0 ||
	    w->message->cseq.number > registration->cseq)
		return ORDER_NEW;
	return w->message->cseq.number == registration->cseq ? ORDER_REPEATED : ORDER_OLD;
}

static void update(struct work *w, struct registration *registration)
{
	if (registration->registered_s == 0)
		registration->registered_s = w->now_s;
	registration->expires_s = w->now_s + w->request.expires_s;
	registration->q_thousandths = w->request.q_thousandths;
	registration->cseq = w->message->cseq.number;
	memcpy(registration->call_id_hash, w->call_id_hash, KDF_HASH_BYTES);
	registration->has_order = true;
}

static void set_contact(struct work *w, struct binding *b)
{
	memcpy(b->contact, w->request.contact.at, w->request.contact.len);
	b->contact[w->request.contact.len] = '\0';
	if (w->request.instance[0])
		memcpy(b->instance, w->request.instance, sizeof(b->instance));
}

/* The terminal came back by another SA: those it had are dead. */
static void take_over(struct work *w, struct binding *b)
{
	struct attachment *next;

	b->attachment = w->a;
	w->a->binding = b;
	for (struct attachment *a = w->a->subscriber->attachments; a; a = next) {
		next = a->next;
		if (a != w->a && a->binding == b)
			attachment_end(w->r, a);
	}
}

/* The binding this REGISTER is for, NULL if it is to be made: 0, 403 (one SA, two terminals), 503.
 */
static unsigned find_binding(struct work *w, uint32_t *name, struct binding **out)
{
	struct slice instance = slice_make(w->request.instance, strlen(w->request.instance));
	struct binding *own = w->a->binding;

	*out = own;
	if (own && instance.len == 0)
		return 0;
	if (binding_name(w->a->subscriber->node.name, instance, name) != RESULT_OK)
		return 503;
	*out = binding_find(w->r, w->a->subscriber->node.name, *name);
	return own && *out != own ? refuse(w, 403, "its SA is another terminal's") : 0;
}

/* Tells the data plane, in the order in which it may be used. */
static void announce(struct work *w, struct binding *b, struct registration *registration)
{
	struct attachment *a = w->a;

	binding_put(w->r, b);
	binding_schedule(w->r, b);
	if (a->sa.owner_index != b->index || a->sa.owner_generation != b->generation) {
		a->sa.owner_index = b->index;
		a->sa.owner_generation = b->generation;
		attachment_put(w->r, a, false);
	}
	a->ends_s = 0;
	attachment_schedule(w->r, a);
	identity_put(w->r, registration->identity);
}

/* Within one SA requests come in order; another SA is another life of the terminal. */
static enum order find_order_in(const struct work *w, struct binding *b)
{
	const struct registration *registration = b ? binding_registration(b, w->aor) : NULL;

	return registration && w->a->binding == b ? find_order(w, registration) : ORDER_NEW;
}

static unsigned add_to(struct work *w, struct binding *b)
{
	struct registration *registration;

	if (binding_register(w->r, b, w->aor, &registration) != RESULT_OK) {
		if (b->registration_count == 0)
			binding_end(w->r, b);
		return refuse(w, 503,
			      "the name has too many terminals, or the terminal too many names");
	}
	set_contact(w, b);
	update(w, registration);
	announce(w, b, registration);
	return 200;
}

static unsigned add(struct work *w)
{
	struct binding *b;
	uint32_t name = 0;
	unsigned status = find_binding(w, &name, &b);
	enum order order;

	if (status != 0)
		return status;
	order = find_order_in(w, b);
	if (order != ORDER_NEW)
		return order == ORDER_REPEATED ? 200 : refuse(w, 500, "its CSeq is an old one");
	if (!b && binding_create(w->r, w->a, name, 0, 0, &b) != RESULT_OK)
		return refuse(w, 503, "there is no room for another terminal");
	if (w->a->binding != b || b->attachment != w->a)
		take_over(w, b);
	return add_to(w, b);
}

/* One terminal gives up the name; with its last name it and its SAs go, after the answer. */
static unsigned drop(struct work *w, struct binding *b)
{
	struct registration *registration = binding_registration(b, w->aor);

	if (!registration)
		return 200;
	if (find_order(w, registration) == ORDER_OLD)
		return refuse(w, 500, "its CSeq is an old one");
	binding_unregister(w->r, b, registration);
	if (b->registration_count == 0) {
		binding_end(w->r, b);
		return 200;
	}
	binding_put(w->r, b);
	binding_schedule(w->r, b);
	return 200;
}

/* Every terminal of this subscriber gives up the name; other subscribers' are not his to take. */
static unsigned drop_all(struct work *w)
{
	struct identity *identity = identity_find(w->r, w->aor);
	struct binding *bindings[REGISTRAR_BINDINGS_PER_IDENTITY];
	uint8_t count = identity ? identity->binding_count : 0;
	const struct subscriber *subscriber = w->a->subscriber;
	unsigned status = 200;

	if (count > 0)
		memcpy(bindings, identity->bindings, count * sizeof(bindings[0]));
	for (uint8_t i = 0; i < count; i++) {
		if (bindings[i]->attachment->subscriber == subscriber) {
			unsigned one = drop(w, bindings[i]);

			status = one != 200 ? one : status;
		}
	}
	return status;
}

static unsigned apply(struct work *w)
{
	switch (w->request.kind) {
	case REGISTER_ADD:
		return add(w);
	case REGISTER_REMOVE:
		return w->a->binding ? drop(w, w->a->binding) : 200;
	case REGISTER_REMOVE_ALL:
		return drop_all(w);
	default:
		return 200;
	}
}

static unsigned process(struct work *w)
{
	const struct sip_address inner = address_from_contract(&w->a->sa.inner_remote);
	unsigned status = register_request_parse(w->r, w->message, &inner, &w->request);

	w->aor = slice_make(w->request.aor, w->request.aor_len);
	if (status == 0)
		status = check_right(w);
	return status ? status : apply(w);
}

enum result registrar_receive(struct registrar *r, const struct sip_message *request,
			      uint32_t sa_index, uint8_t sa_generation, struct slice to_tag,
			      uint64_t now_s, struct writer *out)
{
	char lines[REGISTER_ANSWER_BYTES];
	struct writer extra = writer_make(lines, sizeof(lines));
	struct work w = {.r = r, .message = request, .now_s = now_s};
	struct sip_reply reply = {.to_tag = to_tag};
	unsigned status;

	registrar_sa_used(r, sa_index, sa_generation, now_s);
	w.a = registrar_find(r, sa_index, sa_generation);
	if (!w.a)
		return RESULT_NOT_FOUND;
	reply.source = address_from_contract(&w.a->sa.inner_remote);
	status = kdf_hash(&request->call_id, 1, w.call_id_hash) == RESULT_OK ? process(&w) : 503;
	if (w.request.reason && r->out.refused)
		r->out.refused(r->out.context, &w.a->sa, status, w.request.reason);
	register_answer_write(r, request, w.aor, status, now_s, &extra);
	reply.status = (uint16_t)status;
	/* Half a line would take the next one with it: what it owes its reader beside the status is left out. */
	reply.extra = extra.is_full ? slice_make("", 0) : slice_make(lines, extra.len);
	return sip_reply_write(request, &reply, out);
}
