#include "dataplane/control_state.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "dataplane/doorbell.h"
#include "dataplane/io/next_hop.h"
#include "dataplane/bounds.h"
#include "dataplane/source_set.h"
#include "dataplane/tables/deferred.h"
#include "dataplane/tables/sa_table.h"

/* How long to sleep when nothing happens, and while something waits for the workers to pass by. */
#define SLEEP_MS 200
#define DUTY_MS	 2
/* And while the control plane is held up. */
#define HELD_UP_MS 1

static uint64_t clock_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

void control_sa_was_put(void *context, const struct contract_sa *sa)
{
	struct control *control = context;

	source_set_add(control->config.tables->sources, &sa->outer_remote);
	if ((sa->directions & CONTRACT_SA_OUT) != 0)
		exception_ports_keep_fresh(control->exceptions, sa->port, &sa->outer_remote);
}

void control_sa_was_deleted(void *context, const struct contract_sa *sa)
{
	struct control *control = context;

	source_set_remove(control->config.tables->sources, &sa->outer_remote);
}

static void sa_was_spent(void *context, const struct contract_sa *sa)
{
	struct control *control = context;
	struct contract_event event = {.kind = CONTRACT_EVENT_SA_HARD_LIMIT,
				       .sa_index = sa->index,
				       .sa_generation = sa->generation,
				       .time_ms = control->now_ms};

	control_sa_was_deleted(control, sa);
	/* With nobody there or no room the dump tells it: the SA is not in it. */
	if (inbox_event(control->inbox, &event) == RESULT_OK)
		control->counts.events++;
}

static void sa_was_visited(void *context, uint32_t index)
{
	struct control *control = context;

	path_mtu_visit(&control->paths, index, control->now_ms);
}

/* Told again in the next round, so that it does not matter if nobody hears it now. */
static void sa_was_half_spent(void *context, uint32_t index, uint8_t generation)
{
	struct control *control = context;
	struct contract_event event = {.kind = CONTRACT_EVENT_SA_HALF_SPENT,
				       .sa_index = index,
				       .sa_generation = generation,
				       .time_ms = control->now_ms};

	if (inbox_event(control->inbox, &event) == RESULT_OK)
		control->counts.events++;
}

static enum result inbox_make(struct control *control)
{
	const struct configuration *configuration = control->config.configuration;
	struct inbox_config config = {
		.path = configuration->socket_path,
		.tables = control->config.tables,
		.workers = control->config.workers,
		.worker_count = configuration->workers,
		.sa_capacity = configuration->sa_capacity,
		.binding_capacity = configuration->binding_capacity,
		.has_client = control->config.has_controlplane,
		.counters = &control->counters,
		.counts = &control->counts,
		.leaving = &control->leaving,
		.sa_put = control_sa_was_put,
		.sa_deleted = control_sa_was_deleted,
		.context = control,
	};
	enum result result = inbox_create(&config, &control->inbox);

	if (result == RESULT_EXISTS)
		fprintf(stderr, "%s: somebody listens there, or it is no socket\n", config.path);
	else if (result != RESULT_OK)
		fprintf(stderr, "%s: %s\n", config.path, strerror(errno));
	return result;
}

enum result control_create(const struct control_config *config, struct control **control)
{
	struct control *made = calloc(1, sizeof(*made));
	enum result result;

	if (!made)
		return RESULT_MEMORY;
	made->config = *config;
	made->counters = (struct counters){
		.workers = config->workers,
		.worker_count = config->configuration->workers,
		.tables = config->tables,
		.control = &made->counts,
	};
	made->paths = (struct path_mtu){
		.sas = config->tables->sas,
		.ports = config->tables->ports,
		.workers = config->workers,
		.counts = &made->counts.paths,
	};
	result = exception_ports_create(
		&(struct exception_ports_config){
			.configuration = config->configuration,
			.ports = config->tables->ports,
			.next_hops = config->tables->next_hops,
			.worker = config->workers[0],
			.counts = &made->counts,
		},
		&made->exceptions);
	if (result == RESULT_OK)
		result = inbox_make(made);
	if (result != RESULT_OK) {
		control_destroy(made);
		return result;
	}
	*control = made;
	return RESULT_OK;
}

void control_destroy(struct control *control)
{
	if (!control)
		return;
	inbox_destroy(control->inbox);
	exception_ports_destroy(control->exceptions);
	free(control);
}

/* What goes on by itself. Returns for how many milliseconds there is nothing of it to do. */
static int duties_do(struct control *control)
{
	const struct sa_sweep_events sweep_events = {control, sa_was_spent, sa_was_half_spent,
						     sa_was_visited};
	const struct tables *tables = control->config.tables;
	bool is_settled;

	is_settled = sa_leaving_do(&control->leaving, tables->sas, tables->sas->config.rcu,
				   control_sa_was_deleted, control) == 0;
	is_settled = sa_table_reclaim(tables->sas) == 0 && is_settled;
	is_settled = deferred_poll(control->config.deferred) == 0 && is_settled;
	is_settled = next_hop_publish(tables->next_hops) && is_settled;
	exception_ports_expire(control->exceptions, control->now_ms);
	sa_sweep_do(&control->sweep, tables->sas, control->now_ms, &sweep_events);
	return is_settled ? SLEEP_MS : DUTY_MS;
}

enum { POLL_SIGNAL, POLL_DOORBELL, POLL_LISTEN, POLL_CLIENT, POLL_PORTS };

#define POLL_MAX (POLL_PORTS + EXCEPTION_PORTS_FDS)

static nfds_t poll_fill(const struct control *control, struct pollfd *polled)
{
	polled[POLL_SIGNAL] = (struct pollfd){control->config.signal_fd, POLLIN, 0};
	polled[POLL_DOORBELL] = (struct pollfd){control->config.doorbell->fd, POLLIN, 0};
	polled[POLL_LISTEN] = (struct pollfd){inbox_listen_fd(control->inbox), POLLIN, 0};
	polled[POLL_CLIENT] = (struct pollfd){inbox_client_fd(control->inbox),
					      inbox_client_events(control->inbox), 0};
	return POLL_PORTS + exception_ports_poll_fill(control->exceptions, &polled[POLL_PORTS]);
}

/* One turn; false: it is time to go. */
static bool turn(struct control *control)
{
	struct pollfd polled[POLL_MAX];
	int sleep_ms = duties_do(control);
	nfds_t count;

	doorbell_wait_begin(control->config.doorbell);
	if (control_rings_take(control))
		sleep_ms = 0;
	inbox_flush(control->inbox);
	if (inbox_is_held_up(control->inbox))
		sleep_ms = RTE_MIN(sleep_ms, HELD_UP_MS);
	count = poll_fill(control, polled);
	(void)poll(polled, count, sleep_ms);
	doorbell_wait_end(control->config.doorbell);
	control->now_ms = clock_ms();
	if (polled[POLL_SIGNAL].revents != 0)
		return false;
	if (polled[POLL_LISTEN].revents != 0)
		inbox_accept(control->inbox);
	if (polled[POLL_CLIENT].revents != 0 || inbox_is_held_up(control->inbox))
		inbox_serve(control->inbox);
	exception_ports_serve(control->exceptions, &polled[POLL_PORTS]);
	return true;
}

void control_run(struct control *control)
{
	control->now_ms = clock_ms();
	while (turn(control))
		continue;
}
