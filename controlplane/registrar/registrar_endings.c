/* What ends by time, or because somebody may not go on: SAs, registrations, subscribers. */
#include "controlplane/registrar/registrar_state.h"

/* The newest other SA of a's terminal, if there is one. */
static struct attachment *successor(const struct attachment *a)
{
	for (struct attachment *other = a->subscriber->attachments; other; other = other->next)
		if (other != a && a->binding && other->binding == a->binding)
			return other;
	return NULL;
}

/* An SA ends by itself; its terminal goes with it unless another SA leads there. */
static void lose(struct registrar *r, struct attachment *a, uint64_t now_s)
{
	struct attachment *next = successor(a);

	if (a->binding && a->binding->attachment == a) {
		if (!next) {
			binding_end(r, a->binding);
			return;
		}
		attachment_promote(r, next, now_s);
	}
	attachment_end(r, a);
}

void registrar_sa_used(struct registrar *r, uint32_t index, uint8_t generation, uint64_t now_s)
{
	struct attachment *a = registrar_find(r, index, generation);

	/* a packet of the old SA that came late does not turn things back */
	if (a && a->binding && a->binding->attachment != a &&
	    a->made_s >= a->binding->attachment->made_s)
		attachment_promote(r, a, now_s);
}

static void tell_ended(const struct registrar *r, const struct attachment *a, const char *reason)
{
	if (r->out.ended)
		r->out.ended(r->out.context, &a->sa, reason);
}

/* The time of an SA is over: that of its certificate is worth a word. */
static void expire_attachment(struct registrar *r, struct attachment *a, uint64_t now_s)
{
	if (a->sa.vouching.until_s != 0 && a->sa.vouching.until_s <= now_s)
		tell_ended(r, a, "its certificate has expired");
	lose(r, a, now_s);
}

void registrar_sa_gone(struct registrar *r, uint32_t index, uint8_t generation, uint64_t now_s)
{
	struct attachment *a = registrar_find(r, index, generation);

	if (a)
		expire_attachment(r, a, now_s);
	registrar_settle(r, now_s);
}

void registrar_sa_moved(struct registrar *r, uint32_t index, uint8_t generation,
			const struct contract_address *outer)
{
	struct attachment *a = registrar_find(r, index, generation);

	if (a)
		a->sa.outer_remote = *outer;
}

static void expire_registrations(struct registrar *r, struct binding *b, uint64_t now_s)
{
	for (uint8_t i = b->registration_count; i-- > 0;)
		if (b->registrations[i].expires_s <= now_s)
			binding_unregister(r, b, &b->registrations[i]);
	if (b->registration_count == 0) {
		binding_end(r, b);
		return;
	}
	binding_put(r, b);
	binding_schedule(r, b);
}

void registrar_tick(struct registrar *r, uint64_t now_s)
{
	struct timer *due;

	while ((due = timers_due(&r->timers, now_s)) != NULL) {
		if (due->kind == TIMER_ATTACHMENT)
			expire_attachment(r,
					  (struct attachment *)((char *)due -
								offsetof(struct attachment, timer)),
					  now_s);
		else
			expire_registrations(
				r,
				(struct binding *)((char *)due - offsetof(struct binding, timer)),
				now_s);
	}
	registrar_settle(r, now_s);
}

void registrar_evict(struct registrar *r, struct slice subscriber, const char *reason,
		     uint64_t now_s)
{
	struct name_node *node;

	/* the subscriber goes with its last SA */
	while ((node = name_map_find(&r->subscribers, subscriber)) != NULL) {
		struct subscriber *s =
			(struct subscriber *)((char *)node - offsetof(struct subscriber, node));
		struct attachment *a = s->attachments;

		tell_ended(r, a, reason);
		if (a->binding)
			binding_end(r, a->binding);
		else
			attachment_end(r, a);
	}
	registrar_settle(r, now_s);
}

uint32_t registrar_review(struct registrar *r, uint32_t from, uint32_t count,
			  registrar_judge *judge, void *context, uint64_t now_s)
{
	uint32_t left = from < r->sa_capacity ? r->sa_capacity - from : 0;
	uint32_t end = from + (count < left ? count : left);

	for (uint32_t i = from; i < end; i++) {
		struct attachment *a = r->attachments[i];
		const char *reason;

		if (!a || a->is_ending || a->is_static)
			continue;
		reason = judge(context, &a->sa);
		if (!reason)
			continue;
		tell_ended(r, a, reason);
		lose(r, a, now_s);
	}
	registrar_settle(r, now_s);
	return end < r->sa_capacity ? end : 0;
}
