#include "controlplane/policy/workshop.h"
#include "shared/clock.h"

#include <event2/event.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct policy_workshop {
	policy_work_done *done;
	void *ctx;
	int done_fd; /* the thread adds one for each work that is done */
	struct event *done_event;
	pthread_t thread;
	bool has_thread;

	/* Both threads, under the lock. */
	pthread_mutex_t lock;
	pthread_cond_t ordered;
	bool is_closing;
	struct policy_source *waiting; /* event loop -> thread; NULL: none */
	uint64_t building;	       /* a generation; 0: none */
	bool has_work;
	struct policy_work work; /* thread -> event loop */
};

/* The next order; NULL: the workshop closes. */
static struct policy_source *order_take(struct policy_workshop *workshop)
{
	struct policy_source *source;

	pthread_mutex_lock(&workshop->lock);
	while (!workshop->is_closing && (workshop->waiting == NULL || workshop->has_work))
		pthread_cond_wait(&workshop->ordered, &workshop->lock);
	source = workshop->is_closing ? NULL : workshop->waiting;
	if (source != NULL) {
		workshop->waiting = NULL;
		workshop->building = policy_source_generation(source);
	}
	pthread_mutex_unlock(&workshop->lock);
	return source;
}

static void work_give(struct policy_workshop *workshop, const struct policy_work *work)
{
	const uint64_t one = 1;

	pthread_mutex_lock(&workshop->lock);
	workshop->work = *work;
	workshop->has_work = true;
	workshop->building = 0;
	pthread_mutex_unlock(&workshop->lock);
	/* It cannot fail but for a full counter, and then it is heard already. */
	if (write(workshop->done_fd, &one, sizeof(one)) != sizeof(one))
		return;
}

static void *workshop_run(void *ctx)
{
	struct policy_workshop *workshop = ctx;
	struct policy_source *source;

	while ((source = order_take(workshop)) != NULL) {
		struct policy_work work = {.source = source,
					   .generation = policy_source_generation(source),
					   .patterns = policy_source_patterns(source)};
		uint64_t begin_ms = clock_steady_ms();

		work.result = policy_source_build(source, &work.compiled, &work.fault);
		work.took_ms = (uint32_t)(clock_steady_ms() - begin_ms);
		work_give(workshop, &work);
	}
	return NULL;
}

static bool work_take(struct policy_workshop *workshop, struct policy_work *work)
{
	bool has_work;

	pthread_mutex_lock(&workshop->lock);
	has_work = workshop->has_work;
	if (has_work)
		*work = workshop->work;
	workshop->has_work = false;
	pthread_cond_signal(&workshop->ordered);
	pthread_mutex_unlock(&workshop->lock);
	return has_work;
}

static void work_done(evutil_socket_t fd, short what, void *ctx)
{
	struct policy_workshop *workshop = ctx;
	struct policy_work work;
	uint64_t count;

	(void)what;
	if (read(fd, &count, sizeof(count)) != sizeof(count))
		return;
	if (work_take(workshop, &work))
		workshop->done(workshop->ctx, &work);
}

/* Signals are the event loop's. */
static enum result thread_start(struct policy_workshop *workshop)
{
	sigset_t all, before;
	int error;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&workshop->thread, NULL, workshop_run, workshop);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	workshop->has_thread = error == 0;
	return error == 0 ? RESULT_OK : RESULT_MEMORY;
}

enum result policy_workshop_create(struct event_base *base, policy_work_done *done, void *ctx,
				   struct policy_workshop **workshop)
{
	struct policy_workshop *made = calloc(1, sizeof(*made));
	enum result result = RESULT_MEMORY;

	if (made == NULL)
		return RESULT_MEMORY;
	made->done = done;
	made->ctx = ctx;
	pthread_mutex_init(&made->lock, NULL);
	pthread_cond_init(&made->ordered, NULL);
	made->done_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (made->done_fd >= 0)
		made->done_event =
			event_new(base, made->done_fd, EV_READ | EV_PERSIST, work_done, made);
	if (made->done_event != NULL && event_add(made->done_event, NULL) == 0)
		result = thread_start(made);
	if (result != RESULT_OK) {
		policy_workshop_destroy(made);
		return result;
	}
	*workshop = made;
	return RESULT_OK;
}

void policy_workshop_destroy(struct policy_workshop *workshop)
{
	if (workshop == NULL)
		return;
	pthread_mutex_lock(&workshop->lock);
	workshop->is_closing = true;
	pthread_cond_signal(&workshop->ordered);
	pthread_mutex_unlock(&workshop->lock);
	if (workshop->has_thread)
		pthread_join(workshop->thread, NULL);
	if (workshop->has_work && workshop->work.result == RESULT_OK)
		policy_compiled_free(&workshop->work.compiled);
	if (workshop->has_work)
		policy_source_free(workshop->work.source);
	policy_source_free(workshop->waiting);
	if (workshop->done_event != NULL)
		event_free(workshop->done_event);
	if (workshop->done_fd >= 0)
		close(workshop->done_fd);
	pthread_cond_destroy(&workshop->ordered);
	pthread_mutex_destroy(&workshop->lock);
	free(workshop);
}

void policy_workshop_order(struct policy_workshop *workshop, struct policy_source *source)
{
	struct policy_source *given_up;

	pthread_mutex_lock(&workshop->lock);
	given_up = workshop->waiting;
	workshop->waiting = source;
	pthread_cond_signal(&workshop->ordered);
	pthread_mutex_unlock(&workshop->lock);
	policy_source_free(given_up);
}

uint64_t policy_workshop_generation(struct policy_workshop *workshop)
{
	uint64_t generation;

	pthread_mutex_lock(&workshop->lock);
	generation = workshop->building;
	if (workshop->waiting != NULL)
		generation = policy_source_generation(workshop->waiting);
	pthread_mutex_unlock(&workshop->lock);
	return generation;
}
