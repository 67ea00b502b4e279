#include "bench/pipeline/race.h"

#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <rte_cycles.h>
#include <rte_graph_worker.h>
#include <rte_launch.h>
#include <rte_lcore.h>
#include <rte_pause.h>
#include <rte_rcu_qsbr.h>

#include "bench/pipeline/must.h"
#include "bench/pipeline/wire.h"
#include "dataplane/worker.h"

/* Of a course: what all of it, were it handed to one worker, finds room for. */
#define FRAMES 512

#define SECONDS_MAX 5 /* for a course, whatever else the machine does */

/* Whose dialogs take part, and where their frames come in. */
enum course { COURSE_ONE, COURSE_SEVERAL, COURSE_HANDOFF };

static bool is_in(const struct traffic *traffic, const struct job *job, enum course course)
{
	return course != COURSE_ONE || traffic_queue(traffic, job) == 0;
}

/* Frames of as many dialogs, each once, so that its receiver tells which it was. */
static unsigned jobs_make(struct traffic *traffic, enum course course, unsigned count)
{
	uint32_t at = traffic_any(traffic, traffic->dialog_count);
	unsigned made = 0;

	for (uint32_t i = 0; i < traffic->dialog_count && made < count; i++) {
		struct job *job = &traffic->jobs[made];

		job->dialog = (at + i) % traffic->dialog_count;
		job->message = (enum dialog_message)traffic_any(traffic, DIALOG_MESSAGES);
		if (!is_in(traffic, job, course))
			continue;
		traffic_job_make(traffic, job, job->dialog, job->message);
		made++;
	}
	bench_must(made == count, "a race needs more dialogs");
	return made;
}

static void jobs_give(struct traffic *traffic, enum course course, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		const struct job *job = &traffic->jobs[i];
		unsigned queue = course == COURSE_HANDOFF
					 ? traffic_any(traffic, traffic->config.workers)
					 : traffic_queue(traffic, job);

		bench_gateway_give(traffic->gateway, queue, job->frame, (uint16_t)job->length);
	}
}

static int by_receiver(const void *a, const void *b)
{
	const struct job *const *x = a, *const *y = b;

	return ((*x)->receiver > (*y)->receiver) - ((*x)->receiver < (*y)->receiver);
}

/* What came out of all queues, each found by who got it. */
static void jobs_check(struct traffic *traffic, unsigned count)
{
	static struct job taken;
	struct job **order = malloc(count * sizeof(struct job *));
	unsigned found = 0;

	bench_must(order != NULL, "out of memory");
	for (unsigned i = 0; i < count; i++) {
		struct job *job = order[i] = &traffic->jobs[i];

		job->receiver = dialog_receiver(&traffic->dialogs[job->dialog], job->message);
		job->taken_length = 0;
	}
	qsort(order, count, sizeof(struct job *), by_receiver);
	for (unsigned queue = 0; queue < traffic->config.workers; queue++) {
		for (traffic_take(traffic, queue, &taken); taken.taken_length > 0;
		     traffic_take(traffic, queue, &taken)) {
			struct job *key = &taken, **job;

			taken.receiver = traffic_receiver(traffic, &taken);
			job = bsearch(&key, order, count, sizeof(struct job *), by_receiver);
			bench_must(job && (*job)->taken_length == 0, "it went to somebody else");
			(*job)->taken_length = taken.taken_length;
			memcpy((*job)->taken, taken.taken, taken.taken_length);
			found++;
		}
	}
	bench_must(found == count, "not all came out");
	for (unsigned i = 0; i < count; i++)
		traffic_check(traffic, &traffic->jobs[i]);
	free(order);
}

/* What the threads of a course share; what they write while it runs is apart from what they read. */
struct race {
	struct traffic *traffic;
	uint8_t (*copies)[WIRE_FRAME_BYTES]; /* of its frames, for the floor to spoil */
	atomic_uint ready;    /* workers at the line */
	atomic_uint finished; /* workers behind it */
	atomic_bool is_started;
	unsigned frames;
	uint64_t start, deadline;
	_Alignas(RTE_CACHE_LINE_SIZE) atomic_uint done; /* frames that have come out */
	_Atomic uint64_t end;		      /* when the last frame was seen */
	double per_second[BENCH_WORKERS_MAX]; /* frames, of processor time: each its own */
};

static double processor_seconds(void)
{
	struct timespec used;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
	return (double)used.tv_sec + (double)used.tv_nsec / 1e9;
}

/* Each worker a processor of its own, as far as there are any. */
static void processor_take(unsigned id)
{
	cpu_set_t own;

	CPU_ZERO(&own);
	CPU_SET(id % (unsigned)sysconf(_SC_NPROCESSORS_ONLN), &own);
	(void)sched_setaffinity(0, sizeof(own), &own);
}

/* One walk; frames that came out of it. */
static unsigned walk(const struct race *race, struct worker *worker)
{
	unsigned before = bench_gateway_waiting(race->traffic->gateway, worker->id);

	rte_graph_walk(worker->graph);
	rte_rcu_qsbr_quiescent(worker->rcu, worker->id);
	return bench_gateway_waiting(race->traffic->gateway, worker->id) - before;
}

/* A worker's processor time counts up to the last frame of its own: it does not pay for waiting for
 * the others. */
static int race_worker(void *argument)
{
	struct race *race = argument;
	unsigned id = rte_lcore_id() - 1, all = 0, out;
	struct worker *worker = bench_gateway_worker(race->traffic->gateway, id);
	double start, last;

	processor_take(id);
	atomic_fetch_add(&race->ready, 1);
	while (!atomic_load(&race->is_started))
		rte_pause();
	start = last = processor_seconds();
	while (atomic_load_explicit(&race->done, memory_order_relaxed) < race->frames &&
	       rte_rdtsc() < race->deadline) {
		out = walk(race, worker);
		if (out == 0)
			continue;
		all += out;
		last = processor_seconds();
		if (atomic_fetch_add(&race->done, out) + out == race->frames)
			atomic_store(&race->end, rte_rdtsc());
	}
	race->per_second[id] = last > start ? all / (last - start) : 0;
	atomic_fetch_add(&race->finished, 1);
	return 0;
}

/* Opens and seals the next burst of this worker's own frames, from *at on. How many. */
static unsigned floor_burst(const struct race *race, unsigned id, unsigned *at)
{
	const struct traffic *traffic = race->traffic;
	uint32_t from[BENCH_BURST], to[BENCH_BURST];
	uint16_t length[BENCH_BURST];
	uint8_t *esp[BENCH_BURST];
	unsigned count = 0;

	for (; *at < race->frames && count < BENCH_BURST; (*at)++) {
		const struct job *job = &traffic->jobs[*at];
		const struct dialog *dialog = &traffic->dialogs[job->dialog];

		if (traffic_queue(traffic, job) != id)
			continue;
		from[count] = dialog_sender(dialog, job->message);
		to[count] = dialog_receiver(dialog, job->message);
		esp[count] = race->copies[*at] + wire_esp_offset(traffic->wire);
		length[count++] = (uint16_t)wire_cipher_length(traffic->wire, job->length);
	}
	if (count > 0)
		bench_gateway_floor(traffic->gateway, id, from, to, esp, length, count);
	return count;
}

/* The same line and the same clocks, with nothing but the cryptography to do. */
static int floor_worker(void *argument)
{
	struct race *race = argument;
	unsigned id = rte_lcore_id() - 1, at = 0, all = 0, done;
	double start;

	processor_take(id);
	atomic_fetch_add(&race->ready, 1);
	while (!atomic_load(&race->is_started))
		rte_pause();
	start = processor_seconds();
	while ((done = floor_burst(race, id, &at)) > 0) {
		all += done;
		if (atomic_fetch_add(&race->done, done) + done == race->frames)
			atomic_store(&race->end, rte_rdtsc());
	}
	race->per_second[id] = all > 0 ? all / (processor_seconds() - start) : 0;
	atomic_fetch_add(&race->finished, 1);
	return 0;
}

static void race_run(struct race *race, lcore_function_t *run, unsigned workers)
{
	for (unsigned i = 0; i < workers; i++)
		bench_must(rte_eal_remote_launch(run, race, i + 1) == 0,
			   "a worker is not there");
	while (atomic_load(&race->ready) < workers)
		usleep(100);
	race->start = rte_rdtsc();
	race->deadline = race->start + SECONDS_MAX * rte_get_tsc_hz();
	atomic_store(&race->is_started, true);
	/* DPDK's own waiting spins, which would take a processor from a worker */
	while (atomic_load(&race->finished) < workers)
		usleep(100);
	rte_eal_mp_wait_lcore();
	if (atomic_load(&race->done) != race->frames)
		bench_gateway_drops(race->traffic->gateway);
	bench_must(atomic_load(&race->done) == race->frames, "a race did not end");
}

static void rates_note(const struct race *race, unsigned workers, struct race_rates *rates)
{
	double per_second = 0;

	for (unsigned i = 0; i < workers; i++)
		per_second += race->per_second[i];
	bench_must(samples_add(&rates->by_clock, rte_get_tsc_hz() * race->frames /
							 (atomic_load(&race->end) - race->start)) &&
			   samples_add(&rates->by_processor, (uint64_t)per_second),
		   "out of memory");
}

static unsigned course_workers(const struct traffic *traffic, enum course course)
{
	return course == COURSE_ONE ? 1 : traffic->config.workers;
}

static void course_run(struct traffic *traffic, enum course course, struct race_rates *rates)
{
	unsigned workers = course_workers(traffic, course);
	struct race race = {.traffic = traffic, .frames = jobs_make(traffic, course, FRAMES)};

	jobs_give(traffic, course, race.frames);
	race_run(&race, race_worker, workers);
	rates_note(&race, workers, rates);
	jobs_check(traffic, race.frames);
}

/* What the engine opened and sealed it has said to be right (bench_gateway_floor). */
static void floor_run(struct traffic *traffic, enum course course, struct race_rates *rates)
{
	static _Alignas(64) uint8_t copies[FRAMES][WIRE_FRAME_BYTES];
	unsigned workers = course_workers(traffic, course);
	struct race race = {.traffic = traffic,
			    .frames = jobs_make(traffic, course, FRAMES),
			    .copies = copies};

	for (unsigned i = 0; i < race.frames; i++)
		memcpy(copies[i], traffic->jobs[i].frame, traffic->jobs[i].length);
	race_run(&race, floor_worker, workers);
	rates_note(&race, workers, rates);
}

void race_round(struct traffic *traffic, struct race_samples *samples)
{
	course_run(traffic, COURSE_ONE, &samples->one);
	course_run(traffic, COURSE_SEVERAL, &samples->several);
	course_run(traffic, COURSE_HANDOFF, &samples->handoff);
	floor_run(traffic, COURSE_ONE, &samples->floor_one);
	floor_run(traffic, COURSE_SEVERAL, &samples->floor_several);
}

void race_free(struct race_samples *samples)
{
	struct race_rates *rates[] = {&samples->one, &samples->several, &samples->handoff,
				      &samples->floor_one, &samples->floor_several};

	for (unsigned i = 0; i < RTE_DIM(rates); i++) {
		samples_free(&rates[i]->by_clock);
		samples_free(&rates[i]->by_processor);
	}
}
