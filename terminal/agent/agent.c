#include "terminal/agent/agent.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "shared/clock.h"
#include "terminal/agent/report.h"
#include "terminal/agent/state.h"
#include "terminal/control/client.h"

/* How long hanging up and de-registering may take at the end. */
#define QUIT_MS 3000

#define SOCKETS 4 /* UDP, ESP, ESP in UDP, TCP */
#define OTHERS	3 /* TUN, signals, netlink */
#define ALL_FDS (SOCKETS + OTHERS + LOCAL_FDS + RELAY_FDS + 1 + CONTROL_CLIENTS)

static void print_event(const struct agent *agent, const json_t *event)
{
	if (agent->options.is_json) {
		json_dumpf(event, stdout, JSON_COMPACT);
		putchar('\n');
	} else {
		puts(json_string_value(json_object_get(event, "text")));
	}
	fflush(stdout);
}

void agent_tell_take(struct agent *agent, json_t *event, const struct ua_event *ua_event)
{
	bool is_stray = ua_event && ua_event->kind == UA_EVENT_STRAY;

	if (!event)
		return;
	if (!is_stray) {
		journal_add_take(&agent->journal, json_incref(event));
		print_event(agent, event);
	}
	awaiting_on_event(agent, event, ua_event);
	json_decref(event);
}

void agent_tell(struct agent *agent, const char *name, const char *format, ...)
{
	char sentence[512];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(sentence, sizeof(sentence), format, arguments);
	va_end(arguments);
	agent_tell_take(agent, report_event(name, sentence), NULL);
}

/* Hangs up what there is; false if there is nothing left. */
static bool has_calls(struct agent *agent)
{
	bool has_any = false;

	for (unsigned number = 1; number <= UA_CALLS; number++) {
		struct ua_call_view call;

		/* One that is ending already is only waited for. */
		if (ua_call_view(agent->ua, number, &call))
			has_any |= ua_hangup(agent->ua, agent->now_ms, number) == RESULT_OK ||
				   call.state == UA_CALL_ENDING;
	}
	return has_any;
}

/* Hangs up, de-registers, and says when it is done. */
static bool is_gone(struct agent *agent)
{
	if (agent->quit_ms == TIMER_NEVER)
		agent->quit_ms = agent->now_ms + QUIT_MS;
	if (agent->now_ms >= agent->quit_ms || !link_is_up(&agent->link))
		return true;
	if (agent->presence == PRESENCE_LEAVING)
		return false;
	if (agent->presence != PRESENCE_REGISTERED || !has_calls(agent))
		presence_deregister(agent);
	return false;
}

static int wait_ms(const struct agent *agent)
{
	uint64_t deadline = timer_earlier(presence_deadline(agent), ua_deadline(agent->ua));

	deadline = timer_earlier(deadline, data_channel_deadline(agent));
	deadline = timer_earlier(deadline, agent->roaming_ms);

	if (agent->is_quitting)
		deadline = timer_earlier(deadline, agent->now_ms + 100);
	if (deadline == TIMER_NEVER)
		return -1;
	if (deadline <= agent->now_ms)
		return 0;
	return deadline - agent->now_ms < 60000 ? (int)(deadline - agent->now_ms) : 60000;
}

static void loop(struct agent *agent, int signals)
{
	struct pollfd fds[ALL_FDS];
	struct pollfd *local = fds + SOCKETS + OTHERS, *media = local + LOCAL_FDS;
	struct pollfd *control = media + RELAY_FDS;

	for (;;) {
		struct signalfd_siginfo signal_info;
		unsigned count;

		ua_tick(agent->ua, agent->now_ms);
		roaming_tick(agent);
		presence_tick(agent);
		data_channel_tick(agent);
		if (agent->is_quitting && is_gone(agent))
			return;
		fds[0] = (struct pollfd){.fd = agent->sockets.udp, .events = POLLIN};
		fds[1] = (struct pollfd){.fd = agent->sockets.esp, .events = POLLIN};
		fds[2] = (struct pollfd){.fd = agent->sockets.encap, .events = POLLIN};
		fds[3] = stream_link_poll(&agent->stream);
		fds[4] = (struct pollfd){.fd = agent->channel.tun.fd, .events = POLLIN};
		fds[5] = (struct pollfd){.fd = signals, .events = POLLIN};
		fds[6] = (struct pollfd){.fd = agent->roaming_fd, .events = POLLIN};
		local_poll_fill(&agent->local, local);
		relay_poll_fill(&agent->relay, media);
		count = control_poll_fill(&agent->control, control);
		if (poll(fds, (nfds_t)(control - fds) + count, wait_ms(agent)) < 0 &&
		    errno != EINTR)
			return;
		agent->now_ms = clock_steady_ms();
		if (read(signals, &signal_info, sizeof(signal_info)) > 0)
			agent->is_quitting = true;
		stream_link_turn(&agent->stream, fds[3].revents);
		arrivals_take(agent);
		roaming_receive(agent);
		local_poll_done(&agent->local, agent->now_ms, local);
		relay_poll_done(&agent->relay, media);
		control_poll_done(&agent->control, control, count);
	}
}

static int signals_open(void)
{
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	if (sigprocmask(SIG_BLOCK, &signals, NULL) != 0)
		return -1;
	return signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
}

static bool key_log_open(struct agent *agent)
{
	int fd;

	if (agent->settings->key_log[0] == 0)
		return true;
	fprintf(stderr,
		"WARNING: every key of this terminal is written in clear to %s. Whoever reads it\n"
		"WARNING: reads the calls. For tests only.\n",
		agent->settings->key_log);
	fd = open(agent->settings->key_log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW,
		  0600);
	agent->key_log = fd >= 0 ? fdopen(fd, "a") : NULL;
	if (agent->key_log)
		return true;
	fprintf(stderr, "%s: %s\n", agent->settings->key_log, strerror(errno));
	return false;
}

/* Own address and sockets; false with a word on standard error. */
static bool network_open(struct agent *agent)
{
	char text[SIP_ADDRESS_PORT_CHARS];
	struct writer w = writer_make(text, sizeof(text));
	uint16_t port = agent->settings->own.port;

	agent->series.own = agent->settings->own;
	if (agent->settings->own.family == 0 &&
	    sockets_own_address(&agent->settings->gateways[0], &agent->series.own) != RESULT_OK) {
		fprintf(stderr, "no way to the gateway: %s\n", strerror(errno));
		return false;
	}
	agent->series.own.port = port;
	agent->own = agent->series.own;
	sip_address_write(&agent->series.own, &w);
	if (sockets_open(&agent->series.own, agent->settings->without_offloads, &agent->sockets) ==
	    RESULT_OK)
		return true;
	fprintf(stderr, "UDP and ESP at %.*s: %s\n", (int)w.len, w.at, strerror(errno));
	return false;
}

static bool control_start(struct agent *agent)
{
	enum result result;

	agent->control.context = agent;
	agent->control.on_request = commands_on_request;
	agent->control.on_gone = commands_on_gone;
	result = control_open(&agent->control, agent->settings->control_socket);
	if (result == RESULT_OK)
		return true;
	fprintf(stderr, "%s: %s\n", agent->settings->control_socket,
		result == RESULT_EXISTS ? "another instance is running" : strerror(errno));
	return false;
}

static int run(struct agent *agent, struct settings *settings)
{
	int signals = signals_open();
	int status = CONTROL_EXIT_REFUSED;

	if (signals < 0 || !key_log_open(agent) || !network_open(agent) || !control_start(agent))
		goto out;
	if (presence_create(agent) != RESULT_OK) {
		fprintf(stderr, "the settings cannot be said on the wire, or memory is short\n");
		goto out;
	}
	settings_wipe(settings); /* the initiator has its copy */
	if (data_channel_create(agent) != RESULT_OK || local_side_create(agent) != RESULT_OK)
		goto out;
	agent->roaming_fd = roaming_open();
	presence_attach(agent);
	loop(agent, signals);
	status = CONTROL_EXIT_DONE;
out:
	presence_destroy(agent);
	local_side_destroy(agent);
	data_channel_destroy(agent);
	if (agent->roaming_fd >= 0)
		close(agent->roaming_fd);
	sockets_close(&agent->sockets);
	/* Last: once its socket is gone another instance may have our ports. */
	if (agent->control.listener >= 0)
		control_close(&agent->control);
	journal_clear(&agent->journal);
	if (agent->key_log)
		fclose(agent->key_log);
	if (signals >= 0)
		close(signals);
	return status;
}

int agent_run(struct settings *settings, const struct agent_options *options)
{
	struct agent agent = {
		.settings = settings,
		.options = *options,
		.now_ms = clock_steady_ms(),
		.sockets = {-1, -1, -1},
		.control = {.listener = -1},
		.channel = {.tun = {.fd = -1}},
		.quit_ms = TIMER_NEVER,
		.roaming_fd = -1,
		.roaming_ms = TIMER_NEVER,
	};

	local_init(&agent.local);
	relay_init(&agent.relay);
	/* Keys are not to reach the swap; without the right to it we go on. */
	if (mlockall(MCL_CURRENT | MCL_FUTURE) != 0)
		fprintf(stderr, "memory could not be locked: %s\n", strerror(errno));
	if (options->is_unsafe_test)
		fprintf(stderr,
			"WARNING: --unsafe-test: this terminal forges on command. Never for "
			"use.\n");
	return run(&agent, settings);
}
