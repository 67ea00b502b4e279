#include "bench/loadgen/run.h"

#include <rte_cycles.h>
#include <string.h>

#include "bench/loadgen/renewal.h"

/* Frames of the plan wait for the port no more than so many: the row is for answers too. */
#define ROW_MOST (WIRE_ROW / 4)

/* Nothing has come for this part of a second: nothing more will. */
#define QUIET_FRACTION 50

/* A frame's bytes are asked for so many ahead, and its key once they are there. */
#define FRAME_AHEAD (2 * GCM_PREFETCH_AHEAD)

/* The next one's frame: sealed beforehand, or now into `made`. Its length; 0: it cannot be. */
static size_t frame_next(const struct running *running, uint8_t made[FRAME_BYTES_MAX],
			 const uint8_t **frame)
{
	const struct party *party = &running->party;
	const struct planned *planned = &party->plan->planned[running->next];

	if (!party->plan->is_late) {
		*frame = party->plan->frames + planned->frame;
		return planned->length;
	}
	*frame = made;
	return plan_frame_write(party->plan, party->terminals, &party->wire->link, running->next,
				made);
}

bool running_send(struct running *running, uint64_t now)
{
	struct party *party = &running->party;
	const struct plan *plan = party->plan;
	uint32_t before = running->next;
	uint8_t made[FRAME_BYTES_MAX];
	const uint8_t *frame;
	size_t length;

	while (running->next < plan->count) {
		double due = party_due(party, running->next);

		if ((double)now < due || running->next - before == WIRE_BURST)
			break;
		if (wire_waiting(party->wire) >= ROW_MOST) {
			party->outcome->port_full++;
			break;
		}
		length = frame_next(running, made, &frame);
		if (length == 0)
			outcome_complain(party->outcome, "a request cannot be sealed");
		else if (!wire_put(party->wire, frame, length))
			break;
		histogram_add(&party->outcome->lateness,
			      (uint64_t)(((double)now - due) * party->ns_per_tsc));
		running->next++;
		running->last_tsc = now;
	}
	return running->next != before;
}

/* Ask for what opening a frame will need, its own bytes being near by now. */
static void key_ask(const struct terminals *terminals, struct rte_mbuf *mbuf)
{
	uint16_t length = rte_pktmbuf_data_len(mbuf);
	uint32_t terminal =
		frame_terminal(terminals, rte_pktmbuf_mtod(mbuf, const uint8_t *), length);

	if (terminal > 0)
		gcm_key_prefetch(&terminals->in[terminal].key, length);
}

static uint64_t clock_look(struct party *party)
{
	uint64_t now = rte_rdtsc(), away = pauses_look(&party->pauses, now);

	if (away > 0)
		histogram_add(&party->outcome->pauses, (uint64_t)((double)away * party->ns_per_tsc));
	return now;
}

static bool arrived_take(struct running *running)
{
	struct party *party = &running->party;
	struct rte_mbuf *mbufs[WIRE_BURST];
	uint16_t count = wire_take(party->wire, mbufs);
	uint64_t now = clock_look(party);

	for (uint16_t i = 0; i < count; i++) {
		if (i + FRAME_AHEAD < count)
			rte_prefetch0(rte_pktmbuf_mtod(mbufs[i + FRAME_AHEAD], void *));
		if (i + GCM_PREFETCH_AHEAD < count)
			key_ask(party->terminals, mbufs[i + GCM_PREFETCH_AHEAD]);
		party_take(party, rte_pktmbuf_mtod(mbufs[i], uint8_t *),
			   rte_pktmbuf_data_len(mbufs[i]), now);
	}
	rte_pktmbuf_free_bulk(mbufs, count);
	return count > 0;
}

/* Frames sent in all and not back yet, or lost. */
static int64_t not_back(const struct wire *wire)
{
	return (int64_t)(wire->sent - wire->received);
}

/* Is everything that is due on the wire? */
static bool is_on_schedule(const struct running *running, uint64_t now)
{
	const struct party *party = &running->party;

	return wire_waiting(party->wire) == 0 &&
	       (running->next == party->plan->count || (double)now < party_due(party, running->next));
}

static bool turn(struct running *running)
{
	struct party *party = &running->party;
	uint64_t begin = clock_look(party);
	bool is_busy = running_send(running, begin);

	if (running->party.renewal)
		renewal_go_on(running->party.renewal, begin);
	wire_flush(running->party.wire);
	is_busy |= arrived_take(running);
	pauses_end(&party->pauses, begin, not_back(party->wire) - party->not_back,
		   is_on_schedule(running, begin));
	if (is_busy)
		running->busy_tsc += rte_rdtsc() - begin;
	return is_busy;
}

bool running_is_complete(struct running *running)
{
	const struct plan *plan = running->party.plan;

	for (; running->checked < running->next; running->checked++) {
		const struct planned *planned = &plan->planned[running->checked];
		uint8_t wanted = plan_wanted((enum plan_kind)planned->kind);

		if ((planned->seen & wanted) != wanted)
			return false;
	}
	return true;
}

void running_begin(struct running *running, struct terminals *terminals, struct wire *wire,
		   struct plan *plan, enum check_proxy proxy, struct outcome *outcome)
{
	double hz = (double)rte_get_tsc_hz();

	memset(outcome, 0, sizeof(*outcome));
	*running = (struct running){.party = {.terminals = terminals,
					      .plan = plan,
					      .check = {&plan->style, proxy},
					      .wire = wire,
					      .outcome = outcome,
					      .not_back = not_back(wire),
					      .begin_tsc = rte_rdtsc(),
					      .tsc_each = hz / plan->rate,
					      .ns_per_tsc = 1e9 / hz,
					      .pauses.limit_tsc = rte_get_tsc_hz() / 1000000 *
								  PAUSE_US}};
	running->last_tsc = running->party.begin_tsc;
}

static void count_up(const struct running *running, struct outcome *outcome)
{
	const struct plan *plan = running->party.plan;

	for (uint32_t i = 0; i < running->next; i++) {
		enum plan_kind kind = (enum plan_kind)plan->planned[i].kind;
		uint8_t wanted = plan_wanted(kind);
		bool is_complete = wanted != 0 && (plan->planned[i].seen & wanted) == wanted;

		if (i < plan->warm) {
			outcome->warm_lost += plan_is_legitimate(kind) && !is_complete;
			continue;
		}
		outcome->offered[kind]++;
		outcome->completed[kind] += is_complete;
		outcome->lost += plan_is_legitimate(kind) && !is_complete;
	}
}

void running_end(struct running *running)
{
	const struct plan *plan = running->party.plan;
	struct outcome *outcome = running->party.outcome;
	double hz = (double)rte_get_tsc_hz();
	uint64_t begin = running->party.begin_tsc;

	outcome->busy = (double)running->busy_tsc / (double)(rte_rdtsc() - begin);
	outcome->rate = plan->rate;
	outcome->seconds = running->next > plan->warm
				   ? (double)(running->next - plan->warm) / plan->rate
				   : 0;
	outcome->sent_seconds = (double)(running->last_tsc - begin) / hz;
	outcome->planned_seconds =
		running->next > 0 ? (double)(running->next - 1) / plan->rate : 0;
	outcome->is_shortened = plan->is_shortened;
	count_up(running, outcome);
}

static bool is_renewed(const struct running *running)
{
	return !running->party.renewal || renewal_is_complete(running->party.renewal);
}

/* Wait for what is still on its way, and after that until nothing more comes: a proxy with long
 * queues must not spoil the next job. */
static void drain(struct running *running, double seconds)
{
	uint64_t hz = rte_get_tsc_hz(), last = rte_rdtsc(), begin = last, now = last;
	double most = seconds * (double)hz;

	while ((double)(now - begin) < most &&
	       !(running_is_complete(running) && is_renewed(running))) {
		if (turn(running))
			last = rte_rdtsc();
		now = rte_rdtsc();
	}
	while (now - last < hz / QUIET_FRACTION && (double)(now - begin) < 2 * most) {
		if (turn(running))
			last = rte_rdtsc();
		now = rte_rdtsc();
	}
}

void run_plan(struct terminals *terminals, struct wire *wire, struct plan *plan,
	      enum check_proxy proxy, struct renewal *renewal, struct outcome *outcome)
{
	struct running running;

	running_begin(&running, terminals, wire, plan, proxy, outcome);
	running.party.renewal = renewal;
	if (renewal)
		renewal_begin(renewal, plan, outcome);
	while (running.next < plan->count)
		turn(&running);
	drain(&running, plan->job->drain);
	running_end(&running);
}
