#include "terminal/ua/forks.h"

static struct fork in_use(const struct call *call)
{
	return (struct fork){call->outer, call->inner, call->early};
}

static void use(struct call *call, const struct fork *fork)
{
	call->outer = fork->outer;
	call->inner = fork->inner;
	call->early = fork->early;
}

static void forget(struct fork *fork)
{
	dialog_clear(&fork->outer);
	dialog_clear(&fork->inner);
	text_clear(&fork->early);
}

/* The client's media are those of the terminal that speaks now. */
static void turn_media(struct ua *ua, struct call *call)
{
	char unread[LIMIT_SIP_MESSAGE_BYTES];
	struct writer w = writer_make(unread, sizeof(unread));

	if (ua->media && call->user == CALL_PHONE && call->early.len &&
	    !ua->media->carry(ua->media->context, call_index(ua, call), UA_INWARD,
			      call->phone.peer.family, text_slice(&call->early), &w))
		ua_tell(ua, UA_EVENT_WARNING, 0,
			SLICE("the media of another terminal that rings cannot be carried"),
			text_slice(&call->party));
}

static void change(struct ua *ua, struct call *call, struct fork *fork)
{
	struct fork before = in_use(call);

	use(call, fork);
	*fork = before;
	turn_media(ua, call);
}

/* The dialog on the side that asks is told from the others by our tag, and counts anew. */
static bool copy_asking(const struct dialog *from, struct slice tag, uint32_t cseq,
			struct dialog *to)
{
	const struct {
		struct text *to;
		const struct text *from;
	} fields[] = {
		{&to->call_id, &from->call_id},	      {&to->local_uri, &from->local_uri},
		{&to->remote_uri, &from->remote_uri}, {&to->remote_tag, &from->remote_tag},
		{&to->target, &from->target},	      {&to->route_lines, &from->route_lines},
	};

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (text_set(fields[i].to, text_slice(fields[i].from)) != RESULT_OK)
			return false;
	to->is_caller = from->is_caller;
	to->remote_cseq = cseq;
	return text_set(&to->local_tag, tag) == RESULT_OK;
}

/* A place for one more: a free one, else that of the one put aside longest ago. */
static struct fork *make_place(struct call *call)
{
	struct fork *place = &call->forks[call->fork_count++ % UA_FORKS];

	forget(place);
	return place;
}

static bool begin(struct call *call, enum ua_way way, struct slice tag)
{
	struct fork new = {0};
	struct dialog *asking = way == UA_OUTWARD ? &new.inner : &new.outer;

	if (!copy_asking(exchange_asking_dialog(call, way), tag, call->exchanges[way].cseq_in,
			 asking)) {
		forget(&new);
		return false;
	}
	*make_place(call) = in_use(call);
	use(call, &new);
	return true;
}

bool forks_enter(struct ua *ua, struct call *call, enum ua_way way, struct slice tag)
{
	const struct text *current = &exchange_asked_dialog(call, way)->remote_tag;

	if (current->len == 0 || slice_is_equal(text_slice(current), tag))
		return true;
	for (unsigned i = 0; i < UA_FORKS; i++) {
		struct fork *fork = &call->forks[i];
		const struct dialog *asked = way == UA_OUTWARD ? &fork->outer : &fork->inner;

		if (asked->remote_tag.len && slice_is_equal(text_slice(&asked->remote_tag), tag)) {
			change(ua, call, fork);
			return true;
		}
	}
	return begin(call, way, tag);
}

bool forks_enter_of_request(struct ua *ua, struct call *call, enum ua_way way,
			    const struct sip_message *request)
{
	for (unsigned i = 0; i < UA_FORKS; i++) {
		struct fork *fork = &call->forks[i];

		if (!dialog_has_request(way == UA_OUTWARD ? &fork->inner : &fork->outer, request))
			continue;
		change(ua, call, fork);
		return true;
	}
	return false;
}

void forks_forget(struct call *call)
{
	for (unsigned i = 0; i < UA_FORKS; i++)
		forget(&call->forks[i]);
	call->fork_count = 0;
}
