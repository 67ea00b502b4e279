/*
 * A job made ready: each frame that is to be sent, sealed and in order, and what must become of it.
 * Everything costly is done here, before the clock runs; each frame is sent once.
 */
#ifndef SEKISHO_BENCH_LOADGEN_PLAN_H
#define SEKISHO_BENCH_LOADGEN_PLAN_H

#include "bench/loadgen/frame.h"
#include "bench/loadgen/job.h"
#include "bench/loadgen/message.h"

enum plan_kind {
	PLAN_MESSAGE,
	PLAN_CALL,
	PLAN_REGISTER,
	PLAN_SPOOFED,
	PLAN_REPLAYED,
	PLAN_FORGED,
	PLAN_SCANNER,
	PLAN_KINDS,
};

/* What has been seen of one, as bits. */
enum plan_event {
	PLAN_REQUEST = 1, /* the first request is where it belongs */
	PLAN_OK = 2,	  /* its 200 is back */
	PLAN_ACKED = 4,
	PLAN_BYE = 8,
	PLAN_ENDED = 16, /* the 200 to the BYE is back */
	PLAN_REFUSED = 32,
};

struct planned {
	uint64_t frame; /* where it begins */
	uint32_t caller, callee;
	uint32_t print;	 /* of the last 200 (check_print) */
	uint16_t length; /* of the frame */
	uint8_t kind;	 /* enum plan_kind */
	uint8_t seen;	 /* enum plan_event */
};

struct plan {
	const struct job *job;
	struct message_style style;
	bool is_clear;
	bool is_late; /* frames are sealed when they are sent */
	double rate;
	uint32_t count, warm; /* frames, and those of them in the warm-up */
	struct planned *planned;
	uint8_t *frames;
	size_t frames_size;
	bool is_shortened; /* the measured time, for want of memory, or of numbers */
};

/*
 * number: of the job, another each time; rate: a second; most_bytes: of frames; is_marked: with
 * Route-Security; is_late: keys change meanwhile, so each frame is sealed when it is sent. RESULT_MEMORY, RESULT_SPACE (a message is too long), RESULT_IO.
 */
struct plan_config {
	struct terminals *terminals;
	const struct frame_link *link;
	const struct job *job;
	uint32_t number;
	double rate;
	size_t most_bytes;
	bool is_clear, is_marked, is_direct, is_late;
};
SEKISHO_MUST_USE enum result plan_create(const struct plan_config *config, struct plan **plan);
void plan_destroy(struct plan *plan);

/* Write the frame of one, with its sender's next number: its length, 0 if it cannot be. */
size_t plan_frame_write(const struct plan *plan, struct terminals *terminals,
			const struct frame_link *link, uint32_t index,
			uint8_t frame[FRAME_BYTES_MAX]);

/* What must have been seen of one of this kind in the end; 0 for what nothing may come of. */
uint8_t plan_wanted(enum plan_kind kind);

/* Not hostile. */
static inline bool plan_is_legitimate(enum plan_kind kind)
{
	return kind <= PLAN_REGISTER;
}

#endif
