/* What becomes of SAs: made, owned, promoted over the one they replace, ended. */
#include <stdlib.h>
#include <string.h>

#include "controlplane/registrar/addresses.h"
#include "controlplane/registrar/registrar_state.h"

static struct subscriber *of_node(struct name_node *node)
{
	return node ? (struct subscriber *)((char *)node - offsetof(struct subscriber, node))
		    : NULL;
}

static struct subscriber *subscriber_get(struct registrar *r, const char *id)
{
	size_t len = strnlen(id, LIMIT_AOR_BYTES);
	struct subscriber *s = of_node(name_map_find(&r->subscribers, slice_make(id, len)));

	if (s)
		return s;
	s = calloc(1, sizeof(*s));
	if (!s)
		return NULL;
	memcpy(s->id, id, len);
	name_map_add(&r->subscribers, &s->node, slice_make(s->id, len));
	return s;
}

static void subscriber_put(struct registrar *r, struct subscriber *s)
{
	if (s->count > 0)
		return;
	name_map_remove(&r->subscribers, &s->node);
	free(s);
}

static void link_newest(struct subscriber *s, struct attachment *a)
{
	a->subscriber = s;
	a->next = s->attachments;
	if (a->next)
		a->next->previous = a;
	s->attachments = a;
	s->count++;
}

static void unlink_attachment(struct attachment *a)
{
	if (a->previous)
		a->previous->next = a->next;
	else
		a->subscriber->attachments = a->next;
	if (a->next)
		a->next->previous = a->previous;
	a->subscriber->count--;
}

/* The oldest without a registration, else the oldest. */
static struct attachment *least_of_use(const struct subscriber *s)
{
	struct attachment *oldest = NULL, *unregistered = NULL;

	for (struct attachment *a = s->attachments; a; a = a->next) {
		oldest = a;
		if (!a->binding)
			unregistered = a;
	}
	return unregistered ? unregistered : oldest;
}

static void make_room(struct registrar *r, struct subscriber *s)
{
	struct attachment *a;

	if (s->count < REGISTRAR_SAS_PER_SUBSCRIBER)
		return;
	a = least_of_use(s);
	if (a->binding && a->binding->attachment == a)
		binding_end(r, a->binding);
	else
		attachment_end(r, a);
}

/* The pool is to know which addresses are in use; transport mode's are not its own. */
static void inner_told(const struct registrar *r, const struct contract_sa *sa,
		       void (*told)(struct inner_pool *, const struct sip_address *))
{
	const struct sip_address inner = address_from_contract(&sa->inner_remote);

	told(r->inner_pool, &inner);
}

enum result attachment_create(struct registrar *r, const struct contract_sa *sa, uint64_t now_s,
			      struct attachment **out)
{
	struct subscriber *s;
	struct attachment *a;
	enum result result = timers_reserve(&r->timers, 1);

	if (result != RESULT_OK)
		return result;
	if (sa->index == 0 || sa->index >= r->sa_capacity || r->attachments[sa->index])
		return RESULT_EXISTS;
	s = subscriber_get(r, sa->subscriber);
	if (!s)
		return RESULT_MEMORY;
	a = calloc(1, sizeof(*a));
	if (!a) {
		subscriber_put(r, s);
		return RESULT_MEMORY;
	}
	a->timer.kind = TIMER_ATTACHMENT;
	a->sa = *sa;
	a->made_s = now_s;
	make_room(r, s);
	link_newest(s, a);
	inner_told(r, sa, inner_pool_hold);
	r->attachments[sa->index] = a;
	r->sa_count++;
	attachment_schedule(r, a);
	*out = a;
	return RESULT_OK;
}

void attachment_schedule(struct registrar *r, struct attachment *a)
{
	uint64_t at_s = a->sa.hard_expiry_s ? a->sa.hard_expiry_s : UINT64_MAX;

	if (a->ends_s != 0 && a->ends_s < at_s)
		at_s = a->ends_s;
	timers_set(&r->timers, &a->timer, at_s);
}

/* From here on nobody finds it; the slot is released when SA_DELETE has gone out. */
void attachment_end(struct registrar *r, struct attachment *a)
{
	struct subscriber *s = a->subscriber;

	timers_clear(&r->timers, &a->timer);
	unlink_attachment(a);
	inner_told(r, &a->sa, inner_pool_release);
	subscriber_put(r, s);
	a->subscriber = NULL;
	a->binding = NULL;
	a->is_ending = true;
	a->next_ending = r->ending;
	r->ending = a;
	r->sa_count--;
}

void attachment_put(struct registrar *r, const struct attachment *a, bool is_refill)
{
	struct contract_sa put = a->sa;

	if (attachment_is_clear(a))
		return;
	put.is_refill = is_refill;
	contract_header_set(&put.header, CONTRACT_SA_PUT, sizeof(put), 0);
	r->out.send(r->out.context, &put.header);
	secret_wipe_bytes(&put, sizeof(put));
}

void attachment_promote(struct registrar *r, struct attachment *a, uint64_t now_s)
{
	struct binding *b = a->binding;

	b->attachment = a;
	a->ends_s = 0;
	attachment_schedule(r, a);
	binding_put(r, b);
	for (struct attachment *other = a->subscriber->attachments; other; other = other->next) {
		if (other != a && other->binding == b && other->ends_s == 0) {
			other->ends_s = now_s + r->linger_s;
			attachment_schedule(r, other);
		}
	}
}
