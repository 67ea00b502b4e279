/* The keeper's thread: it alone asks the store, job after job, and follows it in between. */
#include <poll.h>

#include "controlplane/store/keeper_state.h"
#include "shared/clock.h"

#define FOLLOW_EVERY_MS 1000
#define PROBE_EVERY_MS	3000

/* Hands a job to the loop; waits while it has too much to do, unless all is ending. */
static void post(struct keeper *keeper, struct job *job)
{
	pthread_mutex_lock(&keeper->mutex);
	while (keeper->posts.count >= KEEPER_POSTS_MAX && !keeper->is_ending)
		pthread_cond_wait(&keeper->taken, &keeper->mutex);
	job_list_add(&keeper->posts, job);
	pthread_mutex_unlock(&keeper->mutex);
	keeper_ring(keeper->ready);
}

enum result keeper_post(struct keeper *keeper, keeper_done *take, void *arg)
{
	struct job *job = job_make(NULL, take, arg);

	if (job == NULL)
		return RESULT_MEMORY;
	post(keeper, job);
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
		told = keeper_post(keeper, health_is_failure(result) ? tell_bad : tell_good,
				   keeper);
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

void *keeper_run(void *arg)
{
	struct keeper *keeper = arg;

	while (!is_ending(keeper)) {
		struct pollfd fds[] = {{.fd = keeper->wake, .events = POLLIN},
				       {.fd = store_descriptor(keeper->store), .events = POLLIN}};
		int ready = poll(fds, 2, FOLLOW_EVERY_MS);

		if (ready > 0 && fds[0].revents != 0) {
			keeper_silence(keeper->wake);
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
