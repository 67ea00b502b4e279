#include "bench/loadgen/plan.h"

#include <stdlib.h>
#include <sys/mman.h>

/* What a frame has besides its text, and the shortest text, for the reckoning of memory. */
#define FRAME_MORE 128u
#define TEXT_LEAST 600u
#define ALIGN	   64u

/*
 * Calls of one terminal in a job, on average. INVITEs are sealed beforehand, and what a call needs
 * besides (200s, ACK, BYE: two each of who calls and who is called) has numbers behind all of them:
 * four times as many calls must fit a replay window (LIMIT_ESP_WINDOW), with room for chance.
 */
#define CALLS_EACH 128u

/* While a plan is made. */
struct maker {
	const struct plan_config *config;
	struct plan *plan;
	uint32_t terminals;
	size_t used;
	uint32_t last_message; /* place of the last legitimate one, count if none */
	uint64_t random;
};

uint8_t plan_wanted(enum plan_kind kind)
{
	switch (kind) {
	case PLAN_MESSAGE:
		return PLAN_REQUEST;
	case PLAN_CALL:
		return PLAN_REQUEST | PLAN_OK | PLAN_ACKED | PLAN_BYE | PLAN_ENDED;
	case PLAN_REGISTER:
		return PLAN_OK;
	case PLAN_SPOOFED:
		return PLAN_REFUSED;
	default:
		return 0;
	}
}

/* xorshift64*: whose turn it is must not be guessable for a prefetcher. */
static uint32_t any(struct maker *maker, uint32_t below)
{
	uint64_t x = maker->random;

	x ^= x >> 12, x ^= x << 25, x ^= x >> 27;
	maker->random = x;
	return (uint32_t)(((x * 0x2545f4914f6cdd1dull >> 32) * below) >> 32);
}

static enum plan_kind kind_choose(struct maker *maker)
{
	const struct job *job = maker->config->job;
	uint32_t lot = any(maker, JOB_PER_MILLE);

	for (int i = 0; i < JOB_HOSTILES; i++) {
		if (lot < job->share[i])
			return (enum plan_kind)(PLAN_SPOOFED + i);
		lot -= job->share[i];
	}
	return (enum plan_kind)(PLAN_MESSAGE + (int)job->scenario);
}

static enum message_kind message_of(enum plan_kind kind)
{
	switch (kind) {
	case PLAN_CALL:
		return MESSAGE_INVITE;
	case PLAN_REGISTER:
		return MESSAGE_REGISTER;
	case PLAN_SPOOFED:
		return MESSAGE_SPOOFED;
	case PLAN_SCANNER:
		return MESSAGE_SCANNER;
	default:
		return MESSAGE_MESSAGE;
	}
}

static void parties_choose(struct maker *maker, uint32_t index, struct planned *planned)
{
	planned->caller = 1 + any(maker, maker->terminals);
	if (planned->kind == PLAN_REGISTER)
		planned->caller = 1 + index % maker->terminals;
	planned->callee = 1 + (planned->caller + any(maker, maker->terminals - 1)) %
				      maker->terminals;
}

/* A frame that was sent before, from its own place. */
static void replay(struct maker *maker, struct planned *planned)
{
	const struct planned *before = &maker->plan->planned[maker->last_message];

	planned->frame = before->frame;
	planned->length = before->length;
	planned->caller = before->caller;
	planned->callee = before->callee;
}

size_t plan_frame_write(const struct plan *plan, struct terminals *terminals,
			const struct frame_link *link, uint32_t index,
			uint8_t frame[FRAME_BYTES_MAX])
{
	const struct planned *planned = &plan->planned[index];
	const struct message_parties parties = {index, planned->caller, planned->callee};
	bool is_clear = plan->is_clear || planned->kind == PLAN_SCANNER;
	char text[MESSAGE_BYTES_MAX];
	struct writer w = writer_make(text, sizeof(text));

	if (message_request_write(&plan->style, message_of((enum plan_kind)planned->kind), &parties,
				  slice_make("", 0), &w) != RESULT_OK)
		return 0;
	return frame_write(terminals, link, planned->caller, is_clear, slice_make(w.at, w.len),
			   frame);
}

static enum result frame_make(struct maker *maker, uint32_t index, struct planned *planned)
{
	struct plan *plan = maker->plan;

	planned->frame = maker->used;
	planned->length =
		(uint16_t)plan_frame_write(plan, maker->config->terminals, maker->config->link,
					   index, plan->frames + maker->used);
	if (planned->length == 0)
		return RESULT_SPACE;
	if (planned->kind == PLAN_FORGED)
		plan->frames[maker->used + planned->length - 1u] ^= 1;
	maker->used += (planned->length + ALIGN - 1) & ~(size_t)(ALIGN - 1);
	return RESULT_OK;
}

static enum result one_make(struct maker *maker, uint32_t index)
{
	struct planned *planned = &maker->plan->planned[index];

	planned->kind = (uint8_t)kind_choose(maker);
	if (planned->kind == PLAN_REPLAYED && maker->last_message == maker->plan->count)
		planned->kind = (uint8_t)(PLAN_MESSAGE + (int)maker->config->job->scenario);
	if (planned->kind == PLAN_REPLAYED) {
		replay(maker, planned);
		return RESULT_OK;
	}
	parties_choose(maker, index, planned);
	if (plan_is_legitimate((enum plan_kind)planned->kind))
		maker->last_message = index;
	/* Whoever is to receive has his key ready, so that nothing is expanded in the measured time. */
	if (!maker->plan->is_clear &&
	    (!terminal_way_in(maker->config->terminals, planned->callee) ||
	     !terminal_way_in(maker->config->terminals, planned->caller) ||
	     !terminal_way_out(maker->config->terminals, planned->callee)))
		return RESULT_IO;
	return maker->plan->is_late ? RESULT_OK : frame_make(maker, index, planned);
}

/* How many frames, the measured ones cut down to what there is memory and are numbers for. */
static void count_set(const struct plan_config *config, uint32_t terminals, struct plan *plan)
{
	double warm = config->rate * config->job->warmup;
	double all = warm + config->rate * config->job->seconds;
	uint32_t text = config->job->bytes > TEXT_LEAST ? config->job->bytes : TEXT_LEAST;
	double most = (double)(config->most_bytes /
			       (config->is_late ? sizeof(struct planned) : text + FRAME_MORE));

	if (config->job->scenario == JOB_CALL && !config->is_clear && !config->is_late &&
	    most > (double)CALLS_EACH * terminals)
		most = (double)CALLS_EACH * terminals;
	plan->is_shortened = all > most;
	if (plan->is_shortened) {
		warm = warm < most / 10 ? warm : most / 10;
		all = most;
	}
	plan->warm = (uint32_t)warm;
	plan->count = (uint32_t)all > plan->warm ? (uint32_t)all : plan->warm + 1;
}

static void *memory_take(size_t size)
{
	void *at = mmap(NULL, size, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return at == MAP_FAILED ? NULL : at;
}

enum result plan_create(const struct plan_config *config, struct plan **out)
{
	struct plan *plan = calloc(1, sizeof(*plan));
	const struct job *job = config->job;
	struct maker maker = {.config = config,
			      .plan = plan,
			      .terminals = config->terminals->statics.count,
			      .random = 0x9e3779b97f4a7c15ull + config->number};
	enum result result = RESULT_OK;

	if (!plan)
		return RESULT_MEMORY;
	if (job->terminals > 0 && job->terminals < maker.terminals)
		maker.terminals = job->terminals;
	plan->job = job;
	plan->rate = config->rate;
	plan->is_clear = config->is_clear;
	plan->is_late = config->is_late;
	plan->style = (struct message_style){.terminals = config->terminals,
					     .job = config->number,
					     .bytes = (uint16_t)job->bytes,
					     .is_marked = config->is_marked,
					     .is_direct = config->is_direct};
	count_set(config, maker.terminals, plan);
	maker.last_message = plan->count;
	/* Sealed late, one is for trying whether they fit. */
	plan->frames_size =
		((plan->is_late ? 0 : (size_t)plan->count) + 1) * (FRAME_BYTES_MAX + ALIGN);
	plan->frames = memory_take(plan->frames_size);
	plan->planned = calloc(plan->count, sizeof(*plan->planned));
	if (!plan->frames || !plan->planned || maker.terminals < 2)
		result = maker.terminals < 2 ? RESULT_BAD : RESULT_MEMORY;
	for (uint32_t i = 0; result == RESULT_OK && i < plan->count; i++)
		result = one_make(&maker, i);
	if (result == RESULT_OK && plan->is_late)
		result = frame_make(&maker, 0, &plan->planned[0]);
	if (result != RESULT_OK) {
		plan_destroy(plan);
		return result;
	}
	*out = plan;
	return RESULT_OK;
}

void plan_destroy(struct plan *plan)
{
	if (!plan)
		return;
	if (plan->frames)
		munmap(plan->frames, plan->frames_size);
	free(plan->planned);
	free(plan);
}
