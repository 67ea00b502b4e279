/*
 * How workers wake the control lcore, which sleeps in poll(): rung by a worker's loop after a walk
 * that put something on a ring, a system call only if somebody is asleep.
 */
#ifndef SEKISHO_DATAPLANE_DOORBELL_H
#define SEKISHO_DATAPLANE_DOORBELL_H

#include <stdatomic.h>
#include <stdbool.h>

#include "shared/result.h"

struct doorbell {
	int fd; /* eventfd, to be polled for reading */
	/* Writers: the control lcore (true, then it looks at the rings once more), whoever rings
	 * (false). Both orders are sequentially consistent: ring written before the flag is read,
	 * flag written before the ring is read. */
	atomic_bool is_waited_for;
};

enum result doorbell_open(struct doorbell *doorbell) SEKISHO_MUST_USE;
void doorbell_close(struct doorbell *doorbell);

void doorbell_ring(struct doorbell *doorbell);

/* The control lcore: about to look at the rings a last time and sleep; woken, or not asleep after
 * all. */
void doorbell_wait_begin(struct doorbell *doorbell);
void doorbell_wait_end(struct doorbell *doorbell);

#endif
