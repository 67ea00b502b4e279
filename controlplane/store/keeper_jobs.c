#include "controlplane/store/keeper_jobs.h"

#include <stdlib.h>

struct job *job_make(keeper_work *work, keeper_done *done, void *arg)
{
	struct job *job = calloc(1, sizeof(*job));

	if (job != NULL) {
		job->work = work;
		job->done = done;
		job->arg = arg;
	}
	return job;
}

void job_finish(struct job *job, enum result result)
{
	job->done(job->arg, result);
	free(job);
}

void job_list_init(struct job_list *list)
{
	*list = (struct job_list){.last = &list->first};
}

void job_list_add(struct job_list *list, struct job *job)
{
	job->next = NULL;
	*list->last = job;
	list->last = &job->next;
	list->count++;
}

struct job *job_list_take(struct job_list *list)
{
	struct job *job = list->first;

	if (job != NULL) {
		list->first = job->next;
		list->count--;
		if (list->first == NULL)
			list->last = &list->first;
	}
	return job;
}

void job_list_move(struct job_list *from, struct job_list *to)
{
	job_list_init(to);
	if (from->count == 0)
		return;
	*to = *from;
	job_list_init(from);
}
