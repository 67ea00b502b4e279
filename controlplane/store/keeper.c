#include "controlplane/store/keeper.h"

#include <event2/event.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "shared/clock.h"

#define FOLLOW_EVERY_MS 1000
#define PROBE_EVERY_MS	3000

struct job {
	struct job *next;
	keeper_work *work; /* NULL: a post, already what it is to be */
	keeper_done *done;
	void *arg;
	enum result result;
};

struct job_list {
	struct job *first, **last;
	uint32_t count;
};

struct keeper {
	struct keeper_settings settings;
	struct store *store; /* the thread's, like what follows */
	bool has_refused;    /* a job failed for the store's sake, and no change has passed since */
	uint64_t probe_due_ms;
	pthread_t thread;
	pthread_mutex_t mutex; /* over what follows; never held while the store is asked */
	pthread_cond_t taken;  /* the loop has emptied the posts */
	struct job_list jobs, posts;
	struct keeper_state state;
	bool is_ending;
	int wake, ready; /* eventfds: for the thread, for the loop */
	struct event *event;
};

static void list_add(struct job_list *list, struct job *job)
{
	job->next = NULL;
	*list->last = job;
	list->last = &job->next;
	list->count++;
}

static struct job *list_take(struct job_list *list)
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

static struct job *job_make(keeper_work *work, keeper_done *done, void *arg)
{
	struct job *job = calloc(1, sizeof(*job));

	if (job != NULL) {
		job->work = work;
		job->done = done;
		job->arg = arg;
	}
	return job;
}

/* Hands a job to the loop; waits while it has too much to do, unless all is ending. */
static void post(struct keeper *keeper, struct job *job)
{
	pthread_mutex_lock(&keeper->mutex);
	while (keeper->posts.count >= KEEPER_POSTS_MAX && !keeper->is_ending)
		pthread_cond_wait(&keeper->taken, &keeper->mutex);
	list_add(&keeper->posts, job);
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
		list_add(&keeper->jobs, job);
	pthread_mutex_unlock(&keeper->mutex);
	if (is_full) {
		free(job);
		return RESULT_SPACE;
	}
	ring(keeper->wake);
	return RESULT_OK;
}

/* The store is to blame for these; the others speak of what was asked. */
static bool is_failure(enum result result)
{
	return result == RESULT_IO || result == RESULT_STALE || result == RESULT_SPACE ||
	       result == RESULT_VERSION || result == RESULT_MEMORY;
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

/* How the store took what was asked of it, and whether that is news. */
static void note(struct keeper *keeper, enum result result, uint64_t begun_ms)
{
	struct keeper_state *state = &keeper->state;
	uint32_t took_ms = (uint32_t)(clock_steady_ms() - begun_ms);
	bool is_good = !is_failure(result), is_news;
	enum result told = RESULT_OK;

	pthread_mutex_lock(&keeper->mutex);
	is_news = is_good != state->is_good;
	if (is_news)
		state->since_s = (uint64_t)time(NULL);
	state->is_good = is_good;
	state->done += is_good;
	state->failed += !is_good;
	if (took_ms > state->longest_ms)
		state->longest_ms = took_ms;
	if (!is_good)
		snprintf(state->sentence, sizeof(state->sentence), "%s",
			 store_message(keeper->store));
	pthread_mutex_unlock(&keeper->mutex);
	if (is_news)
		told = keeper_post(keeper, is_good ? tell_good : tell_bad, keeper);
	(void)told; /* without memory the state still says it */
}

/* A store that refused a change is not in order because it can be read. */
static void probe(struct keeper *keeper)
{
	uint64_t begun_ms = clock_steady_ms();
	enum result result = store_probe(keeper->store);

	keeper->has_refused = is_failure(result);
	note(keeper, result, begun_ms);
}

static void follow(struct keeper *keeper)
{
	uint64_t begun_ms = clock_steady_ms();

	if (keeper->has_refused && begun_ms >= keeper->probe_due_ms) {
		keeper->probe_due_ms = begun_ms + PROBE_EVERY_MS;
		probe(keeper);
	}
	if (keeper->has_refused)
		return;
	note(keeper, keeper->settings.follow(keeper->settings.follow_ctx, keeper, keeper->store),
	     begun_ms);
}

/* False: there was none. */
static bool job_work(struct keeper *keeper)
{
	uint64_t begun_ms = clock_steady_ms();
	struct job *job;

	pthread_mutex_lock(&keeper->mutex);
	job = keeper->is_ending ? NULL : list_take(&keeper->jobs);
	keeper->state.waiting = keeper->jobs.count;
	pthread_mutex_unlock(&keeper->mutex);
	if (job == NULL)
		return false;
	job->result = job->work(keeper->store, job->arg);
	keeper->has_refused = keeper->has_refused || is_failure(job->result);
	note(keeper, job->result, begun_ms);
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
	struct job_list taken = {.last = &taken.first};
	struct job *job;

	(void)fd, (void)what;
	silence(keeper->ready);
	pthread_mutex_lock(&keeper->mutex);
	if (keeper->posts.count > 0) {
		taken = keeper->posts;
		keeper->posts = (struct job_list){.last = &keeper->posts.first};
	}
	pthread_cond_signal(&keeper->taken);
	pthread_mutex_unlock(&keeper->mutex);
	while ((job = list_take(&taken)) != NULL) {
		job->done(job->arg, job->result);
		free(job);
	}
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
	if (keeper->wake >= 0)
		close(keeper->wake);
	if (keeper->ready >= 0)
		close(keeper->ready);
	pthread_cond_destroy(&keeper->taken);
	pthread_mutex_destroy(&keeper->mutex);
	free(keeper);
}

enum result keeper_create(const struct keeper_settings *settings, struct store *store,
			  struct keeper **created)
{
	struct keeper *keeper = calloc(1, sizeof(*keeper));

	if (keeper == NULL)
		return RESULT_MEMORY;
	keeper->settings = *settings;
	keeper->store = store;
	keeper->jobs.last = &keeper->jobs.first;
	keeper->posts.last = &keeper->posts.first;
	keeper->state.is_good = true;
	keeper->state.since_s = (uint64_t)time(NULL);
	pthread_mutex_init(&keeper->mutex, NULL);
	pthread_cond_init(&keeper->taken, NULL);
	keeper->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	keeper->ready = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (keeper->wake >= 0 && keeper->ready >= 0)
		keeper->event = event_new(settings->base, keeper->ready, EV_READ | EV_PERSIST,
					  posts_take, keeper);
	if (keeper->event == NULL || event_add(keeper->event, NULL) != 0 ||
	    !thread_start(keeper)) {
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
	while ((job = list_take(&keeper->jobs)) != NULL) {
		job->done(job->arg, RESULT_IO);
		free(job);
	}
	store_close(keeper->store);
	parts_free(keeper);
}

void keeper_state_get(struct keeper *keeper, struct keeper_state *state)
{
	pthread_mutex_lock(&keeper->mutex);
	*state = keeper->state;
	state->waiting = keeper->jobs.count;
	pthread_mutex_unlock(&keeper->mutex);
}
