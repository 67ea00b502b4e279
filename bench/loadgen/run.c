#include "bench/loadgen/run.h"

#include <rte_cycles.h>
#include <string.h>

#include "bench/loadgen/party.h"

/* Frames of the plan wait for the port no more than so many: the row is for answers too. */
#define ROW_MOST (WIRE_ROW / 4)

struct running {
	struct party party;
	uint32_t next;	       /* the next one to be sent */
	uint64_t last_tsc;     /* when the last one was sent */
	uint64_t busy_tsc;
};

/* Send what is due by now; what is late is sent at once, and its lateness noted. */
static bool due_send(struct running *running, uint64_t now)
{
	struct party *party = &running->party;
	const struct plan *plan = party->plan;
	uint32_t before = running->next;

	while (running->next < plan->count && wire_waiting(party->wire) < ROW_MOST) {
		const struct planned *planned = &plan->planned[running->next];
		double due = (double)party->begin_tsc + (double)running->next * party->tsc_each;

		if ((double)now < due || running->next - before == WIRE_BURST)
			break;
		if (!wire_put(party->wire, plan->frames + planned->frame, planned->length))
			break;
		histogram_add(&party->outcome->lateness,
			      (uint64_t)(((double)now - due) * party->ns_per_tsc));
		running->next++;
		running->last_tsc = now;
	}
	return running->next != before;
}

static bool arrived_take(struct running *running)
{
	struct party *party = &running->party;
	struct rte_mbuf *mbufs[WIRE_BURST];
	uint16_t count = wire_take(party->wire, mbufs);
	uint64_t now = rte_rdtsc();

	for (uint16_t i = 0; i < count; i++) {
		if (i + 1 < count)
			rte_prefetch0(rte_pktmbuf_mtod(mbufs[i + 1], void *));
		party_take(party, rte_pktmbuf_mtod(mbufs[i], uint8_t *),
			   rte_pktmbuf_data_len(mbufs[i]), now);
	}
	rte_pktmbuf_free_bulk(mbufs, count);
	return count > 0;
}

static bool turn(struct running *running)
{
	uint64_t begin = rte_rdtsc();
	bool is_busy = due_send(running, begin);

	wire_flush(running->party.wire);
	is_busy |= arrived_take(running);
	if (is_busy)
		running->busy_tsc += rte_rdtsc() - begin;
	return is_busy;
}

/* Is there nothing more to come? Only what must come is waited for, to the end of the drain. */
static bool is_complete(const struct plan *plan, uint32_t *checked)
{
	for (; *checked < plan->count; ++*checked) {
		uint8_t wanted = plan_wanted((enum plan_kind)plan->planned[*checked].kind);

		if ((plan->planned[*checked].seen & wanted) != wanted)
			return false;
	}
	return true;
}

static void count_up(const struct plan *plan, struct outcome *outcome)
{
	for (uint32_t i = 0; i < plan->count; i++) {
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

void run_plan(struct terminals *terminals, struct wire *wire, struct plan *plan,
	      enum check_proxy proxy, struct outcome *outcome)
{
	double hz = (double)rte_get_tsc_hz();
	struct running running = {.party = {.terminals = terminals,
					    .plan = plan,
					    .check = {&plan->style, proxy},
					    .wire = wire,
					    .outcome = outcome,
					    .tsc_each = hz / plan->rate,
					    .ns_per_tsc = 1e9 / hz}};
	uint32_t checked = 0;
	uint64_t begin = rte_rdtsc(), end;

	memset(outcome, 0, sizeof(*outcome));
	running.party.begin_tsc = begin;
	running.last_tsc = begin;
	while (running.next < plan->count)
		turn(&running);
	end = rte_rdtsc() + (uint64_t)(plan->job->drain * hz);
	while (rte_rdtsc() < end && (turn(&running) || !is_complete(plan, &checked)))
		;
	outcome->busy = (double)running.busy_tsc / (double)(rte_rdtsc() - begin);
	outcome->rate = plan->rate;
	outcome->seconds = (double)(plan->count - plan->warm) / plan->rate;
	outcome->sent_seconds = (double)(running.last_tsc - begin) / hz;
	outcome->planned_seconds = (double)(plan->count - 1) / plan->rate;
	outcome->is_shortened = plan->is_shortened;
	count_up(plan, outcome);
}
