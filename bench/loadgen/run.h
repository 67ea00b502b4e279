/* Carry out a plan: send each frame when it is due, whatever comes back or not (open loop). */
#ifndef SEKISHO_BENCH_LOADGEN_RUN_H
#define SEKISHO_BENCH_LOADGEN_RUN_H

#include "bench/loadgen/party.h"

/* A plan being carried out. */
struct running {
	struct party party;
	uint32_t next;	   /* the next one to be sent */
	uint32_t checked;  /* all before it have come to their end */
	uint64_t last_tsc; /* when the last one was sent */
	uint64_t busy_tsc;
};

/* The first one is due now. outcome: set anew; complete after running_end(). */
void running_begin(struct running *running, struct terminals *terminals, struct wire *wire,
		   struct plan *plan, enum check_proxy proxy, struct outcome *outcome);

/* Send what is due by now; what is late is sent at once, and its lateness noted. Was there any? */
bool running_send(struct running *running, uint64_t now_tsc);

/* Has everything that was sent come to its end? */
bool running_is_complete(struct running *running);

/* Count up what became of those that were sent. */
void running_end(struct running *running);

/* All of it, one after the other. renewal: new keys meanwhile (the plan is_late), or NULL. */
void run_plan(struct terminals *terminals, struct wire *wire, struct plan *plan,
	      enum check_proxy proxy, struct renewal *renewal, struct outcome *outcome);

#endif
