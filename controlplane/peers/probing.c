#include "controlplane/peers/probing.h"

#include <event2/event.h>
#include <event2/util.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "controlplane/peers/probe.h"
#include "controlplane/registrar/addresses.h"
#include "shared/clock.h"
#include "shared/sip/message.h"
#include "shared/sip/route_security.h"
#include "shared/writer.h"

#define BRANCH_PREFIX "z9hG4bKprobe"
#define BRANCH_CHARS  (sizeof(BRANCH_PREFIX) - 1 + 2 * 8)
#define OPTIONS_BYTES 2048

struct probing {
	const struct peer_world *world;
	struct probing_events events;
	struct event *timer;
	struct probe probe;
	uint32_t turn;
	char branch[BRANCH_CHARS]; /* of the last question */
	uint64_t asked_us, round_trip_us, unanswered;
};

/* Nobody can answer what he has not been asked. */
static void branch_make(struct probing *probing)
{
	struct writer w = writer_make(probing->branch, sizeof(probing->branch));
	uint8_t chance[8];

	evutil_secure_rng_get_bytes(chance, sizeof(chance));
	WRITER_LITERAL(&w, BRANCH_PREFIX);
	writer_hex(&w, chance, sizeof(chance));
}

static void options_write(const struct probing *probing, const struct probing_target *target,
			  struct writer *w)
{
	const struct sip_address own = address_from_contract(&target->own);
	const struct sip_address other = address_from_contract(&target->other);
	const struct slice branch = slice_make(probing->branch, sizeof(probing->branch));
	const char *domain = probing->world->config.domain;

	WRITER_LITERAL(w, "OPTIONS sip:");
	sip_address_write_host(&other, w);
	WRITER_LITERAL(w, " SIP/2.0\r\nVia: SIP/2.0/UDP ");
	sip_address_write_host(&own, w);
	WRITER_LITERAL(w, ":5060;branch=");
	writer_slice(w, branch);
	WRITER_LITERAL(w, "\r\n");
	sip_route_security_write(&own, target->level, w);
	WRITER_LITERAL(w, "Max-Forwards: 1\r\nFrom: <sip:");
	writer_slice(w, slice_make(domain, strlen(domain)));
	WRITER_LITERAL(w, ">;tag=probe\r\nTo: <sip:");
	sip_address_write_host(&other, w);
	WRITER_LITERAL(w, ">\r\nCall-ID: ");
	writer_slice(w, branch);
	WRITER_LITERAL(w, "\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n");
}

static void ask(struct probing *probing, const struct probing_target *target)
{
	const struct peers_out *out = &probing->world->out;
	char text[OPTIONS_BYTES];
	struct writer w = writer_make(text, sizeof(text));

	branch_make(probing);
	options_write(probing, target, &w);
	probing->asked_us = clock_steady_us();
	if (!w.is_full)
		out->sip_send(out->ctx, target->sa_index, target->sa_generation, target->port,
			      slice_make(text, w.len));
}

/* Peers are not asked in step: each time an eighth earlier or later. */
static void again(struct probing *probing)
{
	uint32_t ms = probing->world->config.probe_ms, chance;

	evutil_secure_rng_get_bytes(&chance, sizeof(chance));
	ms = ms - ms / 8 + chance % (ms / 4 + 1);
	struct timeval in = {(time_t)(ms / 1000), (suseconds_t)(ms % 1000 * 1000)};

	evtimer_add(probing->timer, &in);
}

static void turn_due(evutil_socket_t fd, short what, void *arg)
{
	struct probing *probing = arg;
	struct probing_target target;
	enum probe_news news = PROBE_NO_NEWS;

	(void)fd, (void)what;
	again(probing);
	if (!probing->events.target(probing->events.ctx, probing->turn++, &target)) {
		probe_pause(&probing->probe);
		return;
	}
	probing->unanswered += probing->probe.is_asked;
	news = probe_turn(&probing->probe);
	ask(probing, &target);
	if (news != PROBE_NO_NEWS)
		probing->events.changed(probing->events.ctx);
}

struct probing *probing_create(const struct peer_world *world, const struct probing_events *events)
{
	struct probing *probing = calloc(1, sizeof(*probing));

	if (!probing)
		return NULL;
	probing->world = world;
	probing->events = *events;
	probing->timer = evtimer_new(world->base, turn_due, probing);
	if (!probing->timer) {
		free(probing);
		return NULL;
	}
	if (world->config.probe_ms > 0)
		again(probing);
	return probing;
}

void probing_destroy(struct probing *probing)
{
	if (!probing)
		return;
	event_free(probing->timer);
	free(probing);
}

void probing_take(struct probing *probing, struct slice message)
{
	const struct slice branch = slice_make(probing->branch, sizeof(probing->branch));
	struct sip_message parsed;

	if (!probing->probe.is_asked ||
	    sip_message_parse(message.at, message.len, &parsed) != SIP_VERDICT_OK ||
	    parsed.is_request || !slice_is_equal(parsed.via.branch, branch))
		return;
	probing->round_trip_us = clock_steady_us() - probing->asked_us;
	if (probe_answer(&probing->probe) != PROBE_NO_NEWS)
		probing->events.changed(probing->events.ctx);
}

bool probing_is_lost(const struct probing *probing)
{
	return probing->probe.is_lost;
}

uint64_t probing_round_trip_us(const struct probing *probing)
{
	return probing->round_trip_us;
}

uint64_t probing_unanswered(const struct probing *probing)
{
	return probing->unanswered;
}
