#include "controlplane/peers/redial.h"

#include <event2/event.h>
#include <event2/util.h>

#define BACKOFF_LEAST_MS 500
#define BACKOFF_MOST_MS	 30000

enum result redial_create(struct event_base *base, void (*due)(int fd, short what, void *arg),
			  void *arg, struct redial *redial)
{
	redial->backoff_ms = BACKOFF_LEAST_MS;
	redial->timer = evtimer_new(base, due, arg);
	return redial->timer ? RESULT_OK : RESULT_MEMORY;
}

void redial_destroy(struct redial *redial)
{
	if (redial->timer)
		event_free(redial->timer);
	redial->timer = NULL;
}

void redial_later(struct redial *redial)
{
	uint16_t chance;
	uint32_t ms;

	evutil_secure_rng_get_bytes(&chance, sizeof(chance));
	ms = redial->backoff_ms + chance % redial->backoff_ms;
	struct timeval in = {(time_t)(ms / 1000), (suseconds_t)(ms % 1000 * 1000)};

	evtimer_add(redial->timer, &in);
	redial->backoff_ms *= 2;
	if (redial->backoff_ms > BACKOFF_MOST_MS)
		redial->backoff_ms = BACKOFF_MOST_MS;
}

void redial_cancel(struct redial *redial)
{
	evtimer_del(redial->timer);
}

void redial_reset(struct redial *redial)
{
	redial->backoff_ms = BACKOFF_LEAST_MS;
}
