#include "controlplane/store/keeper.h"

#include <event2/event.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "controlplane/store/keeper_state.h"
#include "shared/clock.h"

#define WATCH_EVERY_MS 250

void keeper_ring(int fd)
{
	const uint64_t one = 1;
	ssize_t written = write(fd, &one, sizeof(one));

	(void)written; /* full: it is readable anyway */
}

void keeper_silence(int fd)
{
	uint64_t count;
	ssize_t got = read(fd, &count, sizeof(count));

	(void)got;
}

enum result keeper_do(struct keeper *keeper, keeper_work *work, keeper_done *done, void *arg)
{
	struct job *job = job_make(work, done, arg);
	bool is_full;

	if (job == NULL)
		return RESULT_MEMORY;
	pthread_mutex_lock(&keeper->mutex);
	is_full = keeper->jobs.count >= KEEPER_JOBS_MAX;
	if (!is_full)
		job_list_add(&keeper->jobs, job);
	pthread_mutex_unlock(&keeper->mutex);
	if (is_full) {
		free(job);
		return RESULT_SPACE;
	}
	keeper_ring(keeper->wake);
	return RESULT_OK;
}

static void posts_take(evutil_socket_t fd, short what, void *arg)
{
	struct keeper *keeper = arg;
	struct job_list taken;
	struct job *job;

	(void)fd, (void)what;
	keeper_silence(keeper->ready);
	pthread_mutex_lock(&keeper->mutex);
	job_list_move(&keeper->posts, &taken);
	pthread_cond_signal(&keeper->taken);
	pthread_mutex_unlock(&keeper->mutex);
	while ((job = job_list_take(&taken)) != NULL)
		job_finish(job, job->result);
}

/* The thread cannot say that it is kept waiting. */
static void slowness_look(evutil_socket_t fd, short what, void *arg)
{
	struct keeper *keeper = arg;
	struct keeper_state state;

	(void)fd, (void)what;
	keeper_state_get(keeper, &state);
	if (state.is_slow != keeper->was_slow)
		keeper->settings.slowed(keeper->settings.ctx, state.is_slow ? state.slow_ms : 0);
	keeper->was_slow = state.is_slow;
}

/* Signals are the loop's. */
static bool thread_start(struct keeper *keeper)
{
	sigset_t all, before;
	bool is_started;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	is_started = pthread_create(&keeper->thread, NULL, keeper_run, keeper) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return is_started;
}

static void parts_free(struct keeper *keeper)
{
	if (keeper->event != NULL)
		event_free(keeper->event);
	if (keeper->watch != NULL)
		event_free(keeper->watch);
	if (keeper->wake >= 0)
		close(keeper->wake);
	if (keeper->ready >= 0)
		close(keeper->ready);
	pthread_cond_destroy(&keeper->taken);
	pthread_mutex_destroy(&keeper->mutex);
	free(keeper);
}

static bool events_make(struct keeper *keeper)
{
	const struct timeval every = {WATCH_EVERY_MS / 1000, WATCH_EVERY_MS % 1000 * 1000};
	struct event_base *base = keeper->settings.base;

	if (keeper->wake < 0 || keeper->ready < 0)
		return false;
	keeper->event = event_new(base, keeper->ready, EV_READ | EV_PERSIST, posts_take, keeper);
	keeper->watch = event_new(base, -1, EV_PERSIST, slowness_look, keeper);
	return keeper->event != NULL && keeper->watch != NULL &&
	       event_add(keeper->event, NULL) == 0 && event_add(keeper->watch, &every) == 0;
}

enum result keeper_create(const struct keeper_settings *settings, struct store *store,
			  struct keeper **created)
{
	struct keeper *keeper = calloc(1, sizeof(*keeper));

	if (keeper == NULL)
		return RESULT_MEMORY;
	keeper->settings = *settings;
	keeper->store = store;
	job_list_init(&keeper->jobs);
	job_list_init(&keeper->posts);
	health_init(&keeper->health);
	pthread_mutex_init(&keeper->mutex, NULL);
	pthread_cond_init(&keeper->taken, NULL);
	keeper->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	keeper->ready = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (!events_make(keeper) || !thread_start(keeper)) {
		parts_free(keeper);
		return RESULT_MEMORY;
	}
	*created = keeper;
	return RESULT_OK;
}

void keeper_destroy(struct keeper *keeper)
{
	struct job *job;

	if (keeper == NULL)
		return;
	pthread_mutex_lock(&keeper->mutex);
	keeper->is_ending = true;
	pthread_cond_broadcast(&keeper->taken);
	pthread_mutex_unlock(&keeper->mutex);
	keeper_ring(keeper->wake);
	store_interrupt(keeper->store);
	pthread_join(keeper->thread, NULL);
	posts_take(-1, 0, keeper);
	while ((job = job_list_take(&keeper->jobs)) != NULL)
		job_finish(job, RESULT_IO);
	store_close(keeper->store);
	parts_free(keeper);
}

void keeper_state_get(struct keeper *keeper, struct keeper_state *state)
{
	pthread_mutex_lock(&keeper->mutex);
	health_look(&keeper->health, clock_steady_ms());
	*state = keeper->health.state;
	state->waiting = keeper->jobs.count;
	pthread_mutex_unlock(&keeper->mutex);
}
