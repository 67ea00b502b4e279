/*
 * Is a peer there? Counted by turns: in each it is asked once, and has answered by the next or not.
 * It is lost after a few that it let pass, and back only after it has answered many in a row, the
 * more the sooner it was lost again. No clock: a loop that was held up loses nobody.
 */
#ifndef SEKISHO_CONTROLPLANE_PEERS_PROBE_H
#define SEKISHO_CONTROLPLANE_PEERS_PROBE_H

#include <stdbool.h>
#include <stdint.h>

#define PROBE_LOST_AFTER 3   /* turns without an answer */
#define PROBE_BACK_AFTER 5   /* answers in a row, the first time, */
#define PROBE_BACK_MOST	 60  /* twice as many each time that it is lost again within */
#define PROBE_SOON	 120 /* turns */

enum probe_news { PROBE_NO_NEWS, PROBE_IS_LOST, PROBE_IS_BACK };

/* All zero at the start: it is taken to be there. */
struct probe {
	bool is_lost;
	bool is_asked;	     /* and has not answered yet */
	uint32_t unanswered; /* in a row */
	uint32_t answered;   /* in a row, while it is lost */
	uint32_t needed;     /* of them, to be back */
	uint32_t back_for;   /* turns since it was back */
};

/* A turn is over, and it is asked anew. */
enum probe_news probe_turn(struct probe *probe);
/* It has answered what it was asked last. */
enum probe_news probe_answer(struct probe *probe);
/* It cannot be asked: what was asked before counts for nothing. */
void probe_pause(struct probe *probe);

#endif
