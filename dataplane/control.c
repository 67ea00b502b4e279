#include "dataplane/control.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <rte_mbuf.h>
#include <rte_ring.h>

#include "dataplane/counters.h"
#include "dataplane/doorbell.h"
#include "dataplane/event_ring.h"
#include "dataplane/inbox/inbox.h"
#include "dataplane/io/exception_ports.h"
#include "dataplane/io/next_hop.h"
#include "dataplane/bounds.h"
#include "dataplane/mbuf_note.h"
#include "dataplane/path_mtu.h"
#include "dataplane/sa_leaving.h"
#include "dataplane/sa_sweep.h"
#include "dataplane/source_set.h"
#include "dataplane/tables/deferred.h"
#include "dataplane/tables/sa_table.h"

/* How long to sleep when nothing happens, and while something waits for the workers to pass by. */
#define SLEEP_MS 200
#define DUTY_MS	 2
/* And while the control plane is held up. */
#define HELD_UP_MS 1
/* Things taken from one ring a turn. */
#define RING_BURST 64

struct control {
	struct control_config config;
	struct control_counts counts;
	struct counters counters;
	struct exception_ports *exceptions;
	struct inbox *inbox;
	struct sa_sweep sweep;
	struct sa_leaving leaving;
	struct path_mtu paths;
	uint64_t now_ms; /* Unix time of this turn */
};

static uint64_t clock_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void sa_was_put(void *context, const struct contract_sa *sa)
{
	struct control *control = context;

	source_set_add(control->config.tables->sources, &sa->outer_remote);
	if ((sa->directions & CONTRACT_SA_OUT) != 0)
		exception_ports_keep_fresh(control->exceptions, sa->port, &sa->outer_remote);
}

static void sa_was_deleted(void *context, const struct contract_sa *sa)
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

	sa_was_deleted(control, sa);
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
		.sa_put = sa_was_put,
		.sa_deleted = sa_was_deleted,
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

static bool frames_to_kernel(struct control *control, struct worker *worker)
{
	struct rte_mbuf *mbufs[RING_BURST];
	unsigned count =
		rte_ring_dequeue_burst(worker->exceptions, (void **)mbufs, RING_BURST, NULL);

	for (unsigned i = 0; i < count; i++) {
		path_mtu_frame(&control->paths, rte_pktmbuf_mtod(mbufs[i], const uint8_t *),
			       mbufs[i]->data_len, control->now_ms);
		exception_ports_to_kernel(control->exceptions, mbufs[i]);
	}
	return count > 0;
}

static bool unresolved_take(struct control *control, struct worker *worker)
{
	struct rte_mbuf *mbufs[RING_BURST];
	unsigned count =
		rte_ring_dequeue_burst(worker->unresolved, (void **)mbufs, RING_BURST, NULL);

	for (unsigned i = 0; i < count; i++)
		exception_ports_resolve(control->exceptions, mbufs[i], control->now_ms);
	return count > 0;
}

/* Who has an SA comes first, however many strangers wait. */
static bool sip_next(const struct worker *worker, struct rte_mbuf **mbuf)
{
	return rte_ring_dequeue(worker->to_control, (void **)mbuf) == 0 ||
	       rte_ring_dequeue(worker->strangers, (void **)mbuf) == 0;
}

/* SIP for the control plane: while it is not there it is dropped, while it is busy it waits. */
static bool sip_take(struct control *control, struct worker *worker)
{
	bool is_there = inbox_client_fd(control->inbox) >= 0;
	struct rte_mbuf *mbuf;
	unsigned taken = 0;

	while (taken < RING_BURST && (!is_there || inbox_is_open(control->inbox)) &&
	       sip_next(worker, &mbuf)) {
		if (inbox_sip_received(control->inbox, mbuf) == RESULT_OK)
			control->counts.sip_received++;
		else
			control->counts.drops[DROP_control_busy]++;
		rte_pktmbuf_free(mbuf);
		taken++;
	}
	return taken > 0;
}

static bool events_take(struct control *control, struct worker *worker)
{
	struct contract_event *event;
	unsigned taken = 0;

	while (taken < RING_BURST && inbox_is_open(control->inbox) &&
	       (event = event_ring_front(worker->events)) != NULL) {
		event->worker = worker->id;
		/* What nobody took waits for the next control plane. */
		if (inbox_event(control->inbox, event) != RESULT_OK)
			break;
		event_ring_pop(worker->events);
		control->counts.events++;
		taken++;
	}
	return taken > 0;
}

/*
 * Outer addresses that have proved themselves, also while the control plane is away: it is only
 * told. One that cannot be taken yet proves itself again.
 */
static bool moves_take(struct control *control, struct worker *worker)
{
	struct sa_table *sas = control->config.tables->sas;
	struct contract_event *event;
	unsigned taken = 0;

	for (; taken < RING_BURST && (event = event_ring_front(worker->moves)) != NULL; taken++) {
		struct contract_sa_record before, after;

		if (sa_table_dump(sas, event->sa_index, &before) == RESULT_OK &&
		    sa_table_move(sas, event->sa_index, event->sa_generation, &event->outer) ==
			    RESULT_OK &&
		    sa_table_dump(sas, event->sa_index, &after) == RESULT_OK) {
			sa_was_put(control, &after.sa);
			sa_was_deleted(control, &before.sa);
			event->worker = worker->id;
			if (inbox_is_open(control->inbox) &&
			    inbox_event(control->inbox, event) == RESULT_OK)
				control->counts.events++;
		}
		event_ring_pop(worker->moves);
	}
	return taken > 0;
}

/* All rings of all workers once; was there anything? */
static bool rings_take(struct control *control)
{
	bool any = false;

	for (unsigned i = 0; i < control->config.configuration->workers; i++) {
		struct worker *worker = control->config.workers[i];

		any = frames_to_kernel(control, worker) || any;
		any = unresolved_take(control, worker) || any;
		any = sip_take(control, worker) || any;
		any = moves_take(control, worker) || any;
		any = events_take(control, worker) || any;
	}
	return any;
}

/* What goes on by itself. Returns for how many milliseconds there is nothing of it to do. */
static int duties_do(struct control *control)
{
	const struct sa_sweep_events sweep_events = {control, sa_was_spent, sa_was_half_spent,
						     sa_was_visited};
	const struct tables *tables = control->config.tables;
	bool is_settled;

	is_settled = sa_leaving_do(&control->leaving, tables->sas, tables->sas->config.rcu,
				   sa_was_deleted, control) == 0;
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
	if (rings_take(control))
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
