#include "controlplane/store/keeper.h"

#include <event2/event.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "controlplane/store/keeper_health.h"
#include "controlplane/store/keeper_jobs.h"
#include "shared/clock.h"

#define FOLLOW_EVERY_MS 1000
#define PROBE_EVERY_MS	3000
#define WATCH_EVERY_MS	250

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
	int wake, ready; /* eventfds: for the thread, for the loop */
	struct event *event, *watch; /* the loop's, like what it has told */
	bool was_slow;
};

static void ring(int fd)
{
	const uint64_t one = 1;
	ssize_t written = write(fd, &one, sizeof(one));

	(void)written; /* full: it is readable anyway */
}

static void silence(int fd)
{
	uint64_t count;
	ssize_t got = read(fd, &count, sizeof(count));

	(void)got;
}

/* Hands a job to the loop; waits while it has too much to do, unless all is ending. */
static void post(struct keeper *keeper, struct job *job)
{
	pthread_mutex_lock(&keeper->mutex);
	while (keeper->posts.count >= KEEPER_POSTS_MAX && !keeper->is_ending)
		pthread_cond_wait(&keeper->taken, &keeper->mutex);
	job_list_add(&keeper->posts, job);
	pthread_mutex_unlock(&keeper->mutex);
	ring(keeper->ready);
}

enum result keeper_post(struct keeper *keeper, keeper_done *take, void *arg)
{
	struct job *job = job_make(NULL, take, arg);

	if (job == NULL)
		return RESULT_MEMORY;
	post(keeper, job);
	return RESULT_OK;
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
	ring(keeper->wake);
	return RESULT_OK;
}

static void tell_good(void *arg, enum result result)
{
	struct keeper *keeper = arg;

	(void)result;
	keeper->settings.changed(keeper->settings.ctx, NULL);
}

static void tell_bad(void *arg, enum result result)
{
	struct keeper *keeper = arg;
	struct keeper_state state;

	(void)result;
	keeper_state_get(keeper, &state);
	keeper->settings.changed(keeper->settings.ctx, state.sentence);
}

static void begin(struct keeper *keeper)
{
	pthread_mutex_lock(&keeper->mutex);
	health_begin(&keeper->health, clock_steady_ms());
	pthread_mutex_unlock(&keeper->mutex);
}

/* How the store took what was asked of it, and whether that is news. */
static void end(struct keeper *keeper, enum result result)
{
	enum result told = RESULT_OK;
	bool is_news;

	pthread_mutex_lock(&keeper->mutex);
	is_news = health_end(&keeper->health, result, store_message(keeper->store),
			     clock_steady_ms());
	pthread_mutex_unlock(&keeper->mutex);
	if (is_news)
		told = keeper_post(keeper, health_is_failure(result) ? tell_bad : tell_good, keeper);
	(void)told; /* without memory the state still says it */
}

/* A store that refused a change is not in order because it can be read. */
static void probe(struct keeper *keeper)
{
	enum result result;

	begin(keeper);
	result = store_probe(keeper->store);
	keeper->has_refused = health_is_failure(result);
	end(keeper, result);
}

static void follow(struct keeper *keeper)
{
	uint64_t now_ms = clock_steady_ms();

	if (keeper->has_refused && now_ms >= keeper->probe_due_ms) {
		keeper->probe_due_ms = now_ms + PROBE_EVERY_MS;
		probe(keeper);
	}
	if (keeper->has_refused)
		return;
	begin(keeper);
	end(keeper, keeper->settings.follow(keeper->settings.follow_ctx, keeper, keeper->store));
}

/* False: there was none. */
static bool job_work(struct keeper *keeper)
{
	struct job *job;

	pthread_mutex_lock(&keeper->mutex);
	job = keeper->is_ending ? NULL : job_list_take(&keeper->jobs);
	pthread_mutex_unlock(&keeper->mutex);
	if (job == NULL)
		return false;
	begin(keeper);
	job->result = job->work(keeper->store, job->arg);
	keeper->has_refused = keeper->has_refused || health_is_failure(job->result);
	end(keeper, job->result);
	/* what it has changed is known in the loop before its answer is */
	if (job->result == RESULT_OK)
		follow(keeper);
	post(keeper, job);
	return true;
}

static bool is_ending(struct keeper *keeper)
{
	bool is_so;

	pthread_mutex_lock(&keeper->mutex);
	is_so = keeper->is_ending;
	pthread_mutex_unlock(&keeper->mutex);
	return is_so;
}

static void *run(void *arg)
{
	struct keeper *keeper = arg;

	while (!is_ending(keeper)) {
		struct pollfd fds[] = {{.fd = keeper->wake, .events = POLLIN},
				       {.fd = store_descriptor(keeper->store), .events = POLLIN}};
		int ready = poll(fds, 2, FOLLOW_EVERY_MS);

		if (ready > 0 && fds[0].revents != 0) {
			silence(keeper->wake);
			while (job_work(keeper))
				continue;
		}
		if (fds[1].revents != 0)
			store_descriptor_take(keeper->store);
		if (ready == 0 || fds[1].revents != 0)
			follow(keeper);
	}
	return NULL;
}

static void posts_take(evutil_socket_t fd, short what, void *arg)
{
	struct keeper *keeper = arg;
	struct job_list taken;
	struct job *job;

	(void)fd, (void)what;
	silence(keeper->ready);
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
		keeper->settings.slowed(keeper->settings.ctx,
					state.is_slow ? state.slow_ms : 0);
	keeper->was_slow = state.is_slow;
}

/* Signals are the loop's. */
static bool thread_start(struct keeper *keeper)
{
	sigset_t all, before;
	bool is_started;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	is_started = pthread_create(&keeper->thread, NULL, run, keeper) == 0;
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
	ring(keeper->wake);
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
