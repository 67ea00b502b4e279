/* What the workers have put into their rings for the control lcore. */
#include <rte_mbuf.h>
#include <rte_ring.h>

#include "dataplane/control_state.h"
#include "dataplane/event_ring.h"
#include "dataplane/tables/sa_table.h"

/* Things taken from one ring a turn. */
#define RING_BURST 64

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
			control_sa_was_put(control, &after.sa);
			control_sa_was_deleted(control, &before.sa);
			event->worker = worker->id;
			if (inbox_is_open(control->inbox) &&
			    inbox_event(control->inbox, event) == RESULT_OK)
				control->counts.events++;
		}
		event_ring_pop(worker->moves);
	}
	return taken > 0;
}

bool control_rings_take(struct control *control)
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
