#include "terminal/channel/search.h"

#include <string.h>

#include "shared/keyexchange/secret.h"

void search_begin(struct search *search, const struct places *places, bool is_caller)
{
	*search = (struct search){.is_caller = is_caller, .random = random_system()};
	for (unsigned i = 0; i < places->count; i++)
		search->places[i].at = places->place[i];
	search->count = search->told = places->count;
}

/* Which of the places it is; search->count: none. */
static unsigned index_of(const struct search *search, const struct sip_address *at)
{
	unsigned i = 0;

	while (i < search->count && !place_is_same(&search->places[i].at, at))
		i++;
	return i;
}

static struct search_place *find(struct search *search, const struct sip_address *at)
{
	unsigned i = index_of(search, at);

	return i < search->count ? &search->places[i] : NULL;
}

bool search_knows(const struct search *search, const struct sip_address *place)
{
	return index_of(search, place) < search->count;
}

bool search_is_told(const struct search *search, const struct sip_address *place)
{
	return index_of(search, place) < search->told;
}

/* The place, new if need be: of those learnt the one learnt first makes room. */
static struct search_place *learn(struct search *search, const struct sip_address *at)
{
	struct search_place *place = find(search, at);

	if (place || !place_is_usable(at))
		return place;
	place = &search->places[search->told + search->learnt++ % SEARCH_LEARNT];
	if (place == search->wanted)
		return NULL;
	*place = (struct search_place){.at = *at};
	if (search->count < search->told + SEARCH_LEARNT)
		search->count++;
	return place;
}

static void message_make(struct search_message *out, enum control kind,
			 const struct sip_address *to, const uint8_t *cookie)
{
	out->to = *to;
	out->bytes[0] = (uint8_t)kind;
	memcpy(out->bytes + 1, cookie, CONTROL_COOKIE_BYTES);
}

static bool may_ask(const struct search *search, const struct search_place *place)
{
	return !place->has_answered && place->asks < SEARCH_ASKS && search->asks < SEARCH_ALL_ASKS;
}

static bool ask(struct search *search, struct search_place *place, uint64_t now_ms,
		struct search_message *out)
{
	if (place->asks == 0 &&
	    random_fill(&search->random, place->cookie, sizeof(place->cookie)) != RESULT_OK)
		return false;
	place->asks++;
	search->asks++;
	place->asked_ms = search->asked_ms = now_ms;
	message_make(out, CONTROL_ASK, &place->at, place->cookie);
	return true;
}

static uint64_t due_ms(const struct search *search, const struct search_place *place)
{
	uint64_t paced_ms = search->asked_ms ? search->asked_ms + SEARCH_PACE_MS : 0;
	uint64_t again_ms = place->asked_ms ? place->asked_ms + SEARCH_AGAIN_MS : 0;

	return again_ms > paced_ms ? again_ms : paced_ms;
}

/* The best that has answered, once no better one is worth waiting for. */
static const struct search_place *choice(const struct search *search, uint64_t now_ms)
{
	const bool is_patient = now_ms - search->answered_ms < SEARCH_PATIENCE_MS;

	if (!search->is_caller || search->answered_ms == 0)
		return NULL;
	for (unsigned i = 0; i < search->count; i++)
		if (search->places[i].has_answered)
			return i == 0 || !is_patient ? &search->places[i] : NULL;
	return NULL;
}

static void choose(struct search *search, const struct search_place *place)
{
	search->chosen = place;
	search->is_over = true;
}

bool search_say(struct search *search, uint64_t now_ms, struct search_message *out)
{
	const struct search_place *best;

	if (!search->is_over && (best = choice(search, now_ms)) != NULL)
		choose(search, best);
	if (search->is_over) {
		if (!search->is_caller || search->is_taken ||
		    (search->wished_ms && now_ms - search->wished_ms < SEARCH_AGAIN_MS))
			return false;
		search->wished_ms = now_ms;
		message_make(out, CONTROL_TAKE, &search->chosen->at, search->chosen->cookie);
		return true;
	}
	for (unsigned i = 0; i < search->count; i++)
		if (may_ask(search, &search->places[i]) &&
		    now_ms >= due_ms(search, &search->places[i]))
			return ask(search, &search->places[i], now_ms, out);
	return false;
}

uint64_t search_deadline(const struct search *search)
{
	uint64_t deadline = UINT64_MAX;

	if (search->is_over)
		return search->is_caller && !search->is_taken ? search->wished_ms + SEARCH_AGAIN_MS
							      : UINT64_MAX;
	if (search->is_caller && search->answered_ms)
		deadline = search->answered_ms + SEARCH_PATIENCE_MS;
	for (unsigned i = 0; i < search->count; i++) {
		const struct search_place *place = &search->places[i];

		if (may_ask(search, place) && due_ms(search, place) < deadline)
			deadline = due_ms(search, place);
	}
	return deadline;
}

/* He is heard from there: he may be there, and what we send to it opens our own NAT for him. */
static bool take_ask(struct search *search, const struct sip_address *from, const uint8_t *cookie,
		     struct search_message *answer)
{
	struct search_place *place = learn(search, from);

	if (place && place->asks < 2)
		place->asked_ms = 0;
	message_make(answer, CONTROL_HERE, from, cookie);
	return true;
}

/* The callee goes where the caller wants, and says so. */
static bool follow(struct search *search, struct search_message *answer)
{
	choose(search, search->wanted);
	message_make(answer, CONTROL_TAKEN, &search->wanted->at, search->wish);
	return true;
}

static bool take_here(struct search *search, const struct sip_address *from, const uint8_t *cookie,
		      uint64_t now_ms, struct search_message *answer)
{
	struct search_place *place = find(search, from);

	if (!place || place->asks == 0 ||
	    !secret_is_equal(place->cookie, cookie, CONTROL_COOKIE_BYTES))
		return false;
	place->has_answered = true;
	if (search->answered_ms == 0)
		search->answered_ms = now_ms;
	return place == search->wanted && follow(search, answer);
}

/* To the callee. Where it came from must have answered him, too: what comes may be a copy. */
static bool take_wish(struct search *search, const struct sip_address *from, const uint8_t *cookie,
		      uint64_t now_ms, struct search_message *answer)
{
	struct search_place *place = search->is_over ? find(search, from) : learn(search, from);

	if (search->is_caller || !place || (search->is_over && place != search->chosen))
		return false;
	search->wanted = place;
	memcpy(search->wish, cookie, CONTROL_COOKIE_BYTES);
	if (place->has_answered)
		return follow(search, answer);
	return may_ask(search, place) && ask(search, place, now_ms, answer);
}

bool search_take(struct search *search, const struct sip_address *from, const uint8_t *message,
		 size_t len, uint64_t now_ms, struct search_message *answer)
{
	const uint8_t *cookie = message + 1;

	if (len != CONTROL_PATH_BYTES)
		return false;
	switch (message[0]) {
	case CONTROL_ASK:
		return !search->is_over && take_ask(search, from, cookie, answer);
	case CONTROL_HERE:
		return !search->is_over && take_here(search, from, cookie, now_ms, answer);
	case CONTROL_TAKE:
		return take_wish(search, from, cookie, now_ms, answer);
	case CONTROL_TAKEN:
		if (search->is_over && search->is_caller &&
		    secret_is_equal(search->chosen->cookie, cookie, CONTROL_COOKIE_BYTES))
			search->is_taken = true;
		return false;
	default:
		return false;
	}
}
