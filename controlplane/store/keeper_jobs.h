/* What goes between the keeper's thread and the loop: jobs one way, what came of them the other. */
#ifndef SEKISHO_CONTROLPLANE_STORE_KEEPER_JOBS_H
#define SEKISHO_CONTROLPLANE_STORE_KEEPER_JOBS_H

#include <stdint.h>

#include "controlplane/store/keeper.h"

struct job {
	struct job *next;
	keeper_work *work; /* NULL: a post, already what it is to be */
	keeper_done *done;
	void *arg;
	enum result result;
};

/* First in, first out; locked by whose it is. */
struct job_list {
	struct job *first, **last;
	uint32_t count;
};

/* NULL: there is no memory. */
struct job *job_make(keeper_work *work, keeper_done *done, void *arg);
/* Calls done, and frees it. */
void job_finish(struct job *job, enum result result);

void job_list_init(struct job_list *list);
void job_list_add(struct job_list *list, struct job *job);
/* NULL: there is none. */
struct job *job_list_take(struct job_list *list);
/* All of them, into an empty list. */
void job_list_move(struct job_list *from, struct job_list *to);

#endif
