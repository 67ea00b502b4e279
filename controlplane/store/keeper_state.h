/* What both sides of the keeper share. */
#ifndef SEKISHO_CONTROLPLANE_STORE_KEEPER_STATE_H
#define SEKISHO_CONTROLPLANE_STORE_KEEPER_STATE_H

#include <pthread.h>

#include "controlplane/store/keeper_health.h"
#include "controlplane/store/keeper_jobs.h"

struct event;

struct keeper {
	struct keeper_settings settings;
	struct store *store; /* the thread's, like what follows */
	bool has_refused;    /* a job failed for the store's sake, and no change has passed since */
	uint64_t probe_due_ms;
	pthread_t thread;
	pthread_mutex_t mutex; /* over what follows; never held while the store is asked */
	pthread_cond_t taken;  /* the loop has emptied the posts */
	struct job_list jobs, posts;
	struct health health;
	bool is_ending;
	int wake, ready;	     /* eventfds: for the thread, for the loop */
	struct event *event, *watch; /* the loop's, like what it has told */
	bool was_slow;
};

/* keeper.c: an eventfd made readable, and no longer. */
void keeper_ring(int fd);
void keeper_silence(int fd);

/* keeper_thread.c: the thread, given the keeper. */
void *keeper_run(void *keeper);

#endif
