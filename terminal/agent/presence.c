/* Attached, registered, kept alive, rekeyed, gone: the terminal's standing with its gateway. */
#include <string.h>
#include <time.h>

#include "terminal/agent/report.h"
#include "terminal/agent/state.h"

/* A keep-alive is answered within this, or the gateway is lost. */
#define KEEP_ALIVE_LIFE_MS 8000

static struct slice text(const char *at)
{
	return slice_make(at, strlen(at));
}

static void send_exchange(void *context, const struct sip_address *gateway, bool is_rekey,
			  struct slice message)
{
	struct agent *agent = context;
	/* What the system does not take is lost, and comes again by its timer. */
	enum result result = RESULT_OK;

	if (is_rekey)
		result = link_send(&agent->link, message);
	else if (initiator_is_stream(agent->initiator))
		result = stream_link_send(&agent->stream, &agent->own, gateway, message);
	else
		result = sockets_send_udp(&agent->sockets, gateway, message);
	(void)result;
}

static void send_sip(void *context, const struct flow *flow, struct slice message)
{
	struct agent *agent = context;
	enum result result;

	if (flow_is_local(flow)) {
		local_send(&agent->local, agent->now_ms, flow, message);
		return;
	}
	result = link_send(&agent->link, message);
	if (result == RESULT_STALE)
		agent->is_lost = true;
}

static void tell_ua(void *context, const struct ua_event *event)
{
	struct agent *agent = context;

	presence_on_ua(agent, event);
}

static enum result create_ua(struct agent *agent)
{
	const struct settings *s = agent->settings;
	struct ua_settings settings = {
		.aor = text(s->aor),
		.domain = text(s->domain),
		.instance = text(s->instance),
		.policy = s->policy,
		.is_refusing = s->is_refusing,
		.is_auto_answering = s->is_auto_answering,
		.longest_call_ms = s->longest_call_ms,
	};
	struct ua_port port = {agent, send_sip, tell_ua};

	return ua_create(&settings, &port, &agent->ua);
}

static uint64_t unix_time_s(void)
{
	return (uint64_t)time(NULL);
}

enum result presence_create(struct agent *agent)
{
	const struct settings *s = agent->settings;
	struct initiator_settings settings = {
		.domain = text(s->domain),
		.aor = text(s->aor),
		.subscriber = text(s->subscriber),
		.password = text(s->password),
		.address = agent->series.own,
		.wants_encap = s->wants_encap,
		.suites = s->suites,
		.signer = s->signer,
		.trust = s->trust,
		.now_s = unix_time_s,
		.random = random_system(),
	};
	enum result result;

	if (s->gateway_certificate)
		settings.gateway = certificate_der(s->gateway_certificate);
	result = initiator_create(&settings, &agent->initiator);

	if (result != RESULT_OK)
		return result;
	agent->attach = (struct attach){
		.port = {agent, send_exchange},
		.initiator = agent->initiator,
		.gateway_count = s->gateway_count,
	};
	memcpy(agent->attach.gateways, s->gateways, sizeof(s->gateways));
	agent->link = (struct link){.sockets = &agent->sockets, .random = random_system()};
	stream_link_init(&agent->stream);
	agent->refresh_ms = agent->keep_alive_ms = TIMER_NEVER;
	agent->rekey_ms = agent->hard_ms = TIMER_NEVER;
	return create_ua(agent);
}

void presence_destroy(struct agent *agent)
{
	link_down(&agent->link);
	stream_link_close(&agent->stream);
	ua_destroy(agent->ua);
	initiator_destroy(agent->initiator);
}

static void leave(struct agent *agent)
{
	channel_drop(agent);
	ua_gateway_leave(agent->ua);
}

void presence_attach(struct agent *agent)
{
	leave(agent);
	stream_link_close(&agent->stream);
	agent->presence = PRESENCE_ATTACHING;
	attach_begin(&agent->attach, agent->now_ms);
}

void presence_rekey(struct agent *agent)
{
	agent->rekey_ms = TIMER_NEVER;
	if (agent->attach.state == ATTACH_IDLE)
		attach_begin_rekey(&agent->attach, agent->now_ms);
}

static void on_established(struct agent *agent)
{
	bool is_rekey = agent->attach.is_rekey;
	enum result result = channel_install(agent);
	struct slice suite;

	if (result != RESULT_OK) {
		agent_tell(agent, "attach-failed", "%s",
			   result == RESULT_BAD
				   ? "the gateway wants ESP in UDP, but port 4500 is taken"
				   : "out of memory");
		attach_begin_later(&agent->attach, agent->now_ms);
		return;
	}
	suite = suite_find(agent->limits.suite)->name;
	agent_tell(agent, is_rekey ? "rekeyed" : "attached", "%s, level %u, %.*s",
		   is_rekey ? "new keys are in use" : "attached to the gateway",
		   agent->limits.level, (int)suite.len, suite.at);
	if (is_rekey) {
		/* The gateway sends under the new keys once it has heard us use them. */
		agent->keep_alive_ms = agent->now_ms;
		return;
	}
	agent->presence = PRESENCE_REGISTERING;
	presence_send_register(agent, agent->settings->expires_s);
}

static void on_attach_failed(struct agent *agent)
{
	unsigned status = initiator_status(agent->initiator);
	const char *reason = initiator_reason(agent->initiator);
	json_t *event;

	/* an impostor changes nothing, so the attempt ends by its time; but it is worth a word */
	if (reason[0])
		event = report_event("attach-failed", "the gateway did not prove itself");
	else if (status)
		event = report_event("attach-failed", "the gateway refused the key exchange");
	else
		event = report_event("attach-failed",
				     "the gateway did not answer the key exchange");
	if (status)
		json_object_set_new(event, "status", json_integer(status));
	json_object_set_new(event, "reason",
			    json_string(reason[0]	? reason
					: status == 403 ? "Forbidden"
					: status	? "key exchange refused"
							: "no answer"));
	agent_tell_take(agent, event, NULL);
	if (agent->attach.is_rekey)
		agent->rekey_ms = agent->now_ms + PRESENCE_AGAIN_MS;
}

void presence_on_attach(struct agent *agent, enum attach_event event)
{
	/* unless the next gateway is asked already, by another */
	if (event != ATTACH_NOTHING && agent->attach.state != ATTACH_ASKING)
		stream_link_close(&agent->stream);
	if (event == ATTACH_ESTABLISHED)
		on_established(agent);
	else if (event == ATTACH_FAILED)
		on_attach_failed(agent);
}

/* The gateway is silent or the SA is used up: the next of the list. */
static void start_over(struct agent *agent)
{
	agent->is_lost = false;
	agent_tell(agent, "gateway-lost", "the gateway does not answer any more");
	leave(agent);
	agent->presence = PRESENCE_ATTACHING;
	attach_begin_elsewhere(&agent->attach, agent->now_ms);
}

static void keep_alive(struct agent *agent)
{
	agent->keep_alive_ms = agent->now_ms + agent->settings->keep_alive_ms;
	/* Without room for one more transaction there is traffic enough. */
	if (ua_keep_alive(agent->ua, agent->now_ms, KEEP_ALIVE_LIFE_MS) != RESULT_OK)
		agent->keep_alive_ms = agent->now_ms + KEEP_ALIVE_LIFE_MS;
}

/* Either direction: also who only listens is to have new keys before the gateway ends the old. */
static bool is_used_up(const struct agent *agent)
{
	const struct link *link = &agent->link;

	return link_is_up(link) && agent->attach.state == ATTACH_IDLE &&
	       (esp_outbound_packets(link->out) >= agent->limits.packets ||
		esp_outbound_bytes(link->out) >= agent->limits.bytes ||
		esp_inbound_packets(link->in[0].sa) >= agent->limits.packets ||
		esp_inbound_bytes(link->in[0].sa) >= agent->limits.bytes);
}

void presence_tick(struct agent *agent)
{
	presence_on_attach(agent, attach_tick(&agent->attach, agent->now_ms));
	link_tick(&agent->link, agent->now_ms);
	if (agent->is_lost || agent->now_ms >= agent->hard_ms)
		start_over(agent);
	if (agent->now_ms >= agent->rekey_ms || is_used_up(agent))
		presence_rekey(agent);
	if (agent->now_ms >= agent->refresh_ms)
		presence_send_register(agent, agent->settings->expires_s);
	if (agent->now_ms >= agent->keep_alive_ms)
		keep_alive(agent);
}

uint64_t presence_deadline(const struct agent *agent)
{
	uint64_t deadline = timer_earlier(attach_deadline(&agent->attach), agent->refresh_ms);

	deadline = timer_earlier(deadline, agent->keep_alive_ms);
	deadline = timer_earlier(deadline, link_deadline(&agent->link));
	deadline = timer_earlier(deadline, agent->hard_ms);
	return timer_earlier(deadline, agent->rekey_ms);
}
