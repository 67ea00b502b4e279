#include "terminal/attach/attach.h"

#include <openssl/rand.h>

#include "terminal/ua/timers.h"

static void send_current(struct attach *a)
{
	a->port.send(a->port.context, attach_gateway(a), a->is_rekey,
		     initiator_message(a->initiator));
}

static void send_new(struct attach *a, uint64_t now_ms)
{
	a->interval_ms = TIMER_T1_MS;
	/* TCP sees to it itself */
	a->resend_ms = initiator_is_stream(a->initiator) ? TIMER_NEVER : now_ms + TIMER_T1_MS;
	send_current(a);
}

/* Anything from nothing to most_ms. */
static uint64_t any_of(uint64_t most_ms)
{
	uint16_t random = 0;

	/* Without randomness it is the middle. */
	if (RAND_bytes((unsigned char *)&random, sizeof(random)) != 1)
		return most_ms / 2;
	return most_ms * random / UINT16_MAX;
}

/* Half of a wait to one and a half of it, so that many terminals do not come at once. */
static uint64_t jitter(uint64_t wait_ms)
{
	return wait_ms / 2 + any_of(wait_ms);
}

static void attach_next(struct attach *a)
{
	a->gateway = (a->gateway + 1) % a->gateway_count;
}

static void wait_begin(struct attach *a, uint64_t now_ms, uint64_t least_ms)
{
	if (a->wait_ms < least_ms)
		a->wait_ms = least_ms;
	a->state = ATTACH_WAITING;
	a->end_ms = now_ms + jitter(a->wait_ms);
	a->wait_ms = timer_double(a->wait_ms, ATTACH_WAIT_MOST_MS);
	a->tried = 0;
}

static void ask(struct attach *a, uint64_t now_ms)
{
	a->state = ATTACH_ASKING;
	a->restarts = 0;
	a->end_ms = now_ms + ATTACH_LIFE_MS;
	initiator_inside_set(a->initiator, a->is_rekey);
	if (initiator_start(a->initiator) == RESULT_OK)
		send_new(a, now_ms);
	else
		wait_begin(a, now_ms, ATTACH_WAIT_MS);
}

void attach_begin(struct attach *a, uint64_t now_ms)
{
	a->is_rekey = false;
	a->tried = 0;
	a->wait_ms = 0;
	ask(a, now_ms);
}

void attach_begin_elsewhere(struct attach *a, uint64_t now_ms)
{
	attach_next(a);
	a->is_rekey = false;
	a->tried = 0;
	a->wait_ms = 0;
	a->state = ATTACH_WAITING;
	a->end_ms = now_ms + any_of(ATTACH_SPREAD_MS);
}

void attach_begin_later(struct attach *a, uint64_t now_ms)
{
	a->is_rekey = false;
	wait_begin(a, now_ms, ATTACH_WAIT_REFUSED_MS);
}

void attach_begin_rekey(struct attach *a, uint64_t now_ms)
{
	a->is_rekey = true;
	ask(a, now_ms);
}

void attach_stop(struct attach *a)
{
	a->state = ATTACH_IDLE;
}

/* This attempt is over: the next gateway at once, or all of them later. */
static enum attach_event fail(struct attach *a, uint64_t now_ms, uint64_t least_ms)
{
	if (a->is_rekey) {
		a->state = ATTACH_IDLE;
		return ATTACH_FAILED;
	}
	attach_next(a);
	if (least_ms == ATTACH_WAIT_MS && ++a->tried < a->gateway_count)
		ask(a, now_ms);
	else
		wait_begin(a, now_ms, least_ms);
	return ATTACH_FAILED;
}

static enum attach_event restart(struct attach *a, uint64_t now_ms)
{
	if (++a->restarts > ATTACH_RESTARTS || initiator_start(a->initiator) != RESULT_OK)
		return fail(a, now_ms, ATTACH_WAIT_MS);
	send_new(a, now_ms);
	return ATTACH_NOTHING;
}

enum attach_event attach_receive(struct attach *a, uint64_t now_ms, struct slice datagram,
				 bool *is_taken)
{
	enum initiator_event event;

	*is_taken = false;
	/* A dishonest answer changes nothing: an honest one may still come. */
	if (a->state != ATTACH_ASKING ||
	    initiator_receive(a->initiator, datagram, &event) != RESULT_OK ||
	    event == INITIATOR_IGNORED)
		return ATTACH_NOTHING;
	*is_taken = true;
	switch (event) {
	case INITIATOR_SEND:
		send_new(a, now_ms);
		return ATTACH_NOTHING;
	case INITIATOR_ESTABLISHED:
		a->state = ATTACH_IDLE;
		a->wait_ms = 0;
		return ATTACH_ESTABLISHED;
	case INITIATOR_RESTART:
		return restart(a, now_ms);
	case INITIATOR_REFUSED:
		return fail(a, now_ms, ATTACH_WAIT_REFUSED_MS);
	default:
		return fail(a, now_ms, ATTACH_WAIT_MS);
	}
}

enum attach_event attach_tick(struct attach *a, uint64_t now_ms)
{
	if (a->state == ATTACH_IDLE)
		return ATTACH_NOTHING;
	if (now_ms >= a->end_ms) {
		if (a->state == ATTACH_ASKING)
			return fail(a, now_ms, ATTACH_WAIT_MS);
		ask(a, now_ms);
	} else if (a->state == ATTACH_ASKING && now_ms >= a->resend_ms) {
		a->interval_ms = timer_double(a->interval_ms, TIMER_T2_MS);
		a->resend_ms = now_ms + a->interval_ms;
		send_current(a);
	}
	return ATTACH_NOTHING;
}

uint64_t attach_deadline(const struct attach *a)
{
	if (a->state == ATTACH_IDLE)
		return TIMER_NEVER;
	return a->state == ATTACH_ASKING ? timer_earlier(a->end_ms, a->resend_ms) : a->end_ms;
}
