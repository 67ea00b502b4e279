/*
 * The store's keeper: a thread that alone touches the data base, however long that takes, so that
 * the event loop never waits for a disk, a lock or a network. The loop gives it jobs, and hears
 * what came of each; the thread follows the store and posts what others have changed.
 */
#ifndef SEKISHO_CONTROLPLANE_STORE_KEEPER_H
#define SEKISHO_CONTROLPLANE_STORE_KEEPER_H

#include <stdbool.h>
#include <stdint.h>

#include "controlplane/store/store.h"

/* Jobs that may wait; one more is refused. */
#define KEEPER_JOBS_MAX 256
/* What was posted and not yet taken by the loop; the thread waits for it then. */
#define KEEPER_POSTS_MAX 4096

struct event_base;
struct keeper;

/* In the thread, with the store its own. */
typedef enum result keeper_work(struct store *store, void *arg);
/* In the loop, once for each job. RESULT_IO, and work not called: the keeper ended before it. */
typedef void keeper_done(void *arg, enum result result);

struct keeper_settings {
	struct event_base *base;
	/* In the thread: after each job, when another has changed something, and once a second. */
	enum result (*follow)(void *ctx, struct keeper *keeper, struct store *store);
	void *follow_ctx;
	/* In the loop: the store has failed, or fails in another way (a sentence), or is in order
	 * again (NULL). */
	void (*changed)(void *ctx, const char *sentence);
	/* In the loop: what is asked of it takes long (so long, by now), or no longer does (0). */
	void (*slowed)(void *ctx, uint32_t ms);
	void *ctx;
};

/* Takes the store: it is closed with the keeper. On failure it stays the caller's. */
SEKISHO_MUST_USE enum result keeper_create(const struct keeper_settings *settings,
					   struct store *store, struct keeper **keeper);

/*
 * Ends the thread, once the job it is at has come to its end; it waits for no server any more. Jobs that wait are done with
 * RESULT_IO; what is posted is taken. NULL is none.
 */
void keeper_destroy(struct keeper *keeper);

/* From the loop. RESULT_SPACE: too many wait; RESULT_MEMORY. done is not called then. */
SEKISHO_MUST_USE enum result keeper_do(struct keeper *keeper, keeper_work *work, keeper_done *done,
				       void *arg);

/* From the thread: call take(arg) in the loop, after all that was posted before. RESULT_MEMORY. */
SEKISHO_MUST_USE enum result keeper_post(struct keeper *keeper, keeper_done *take, void *arg);

struct keeper_state {
	bool is_good, is_slow;
	uint64_t since_s;      /* Unix time: so long it has been good, or not */
	uint32_t waiting;      /* jobs */
	uint64_t done, failed; /* jobs and rounds of following, by how the store took them */
	uint32_t under_way_ms; /* what is under way has taken so far */
	uint32_t slow_ms;      /* the last slow one had taken, when it was looked at */
	uint32_t longest_ms;   /* the longest any of them has taken */
	char sentence[1280];   /* about the last failure; empty: none yet */
};

void keeper_state_get(struct keeper *keeper, struct keeper_state *state);

#endif
