/*
 * What the terminals send, and the judge of what comes out: every frame is fresh (made with
 * OpenSSL, sent once; in the clear there is nothing to make), every frame that comes out is opened
 * with OpenSSL and compared with what it must be. One that is not ends the process with a sentence.
 */
#ifndef SEKISHO_BENCH_PIPELINE_TRAFFIC_H
#define SEKISHO_BENCH_PIPELINE_TRAFFIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bench/pipeline/bench_gateway.h"
#include "bench/pipeline/dialog.h"
#include "bench/pipeline/wire.h"

#define TRAFFIC_JOBS 2048 /* frames made at a time */

/* One message on its way. */
struct job {
	uint32_t dialog;
	enum dialog_message message;
	uint32_t receiver;   /* race.h: who got it */
	size_t length;	     /* of the frame given */
	size_t taken_length; /* of the frame that came out, 0: none did */
	uint8_t frame[WIRE_FRAME_BYTES];
	uint8_t taken[WIRE_FRAME_BYTES];
};

struct traffic {
	struct bench_gateway_config config;
	struct bench_gateway *gateway;
	uint32_t bytes; /* of a message */
	uint32_t seed;
	struct wire *wire;
	struct dialog *dialogs;
	uint32_t dialog_count;
	uint64_t *number; /* last one sent, by terminal */
	uint64_t *heard;  /* highest one received, by terminal */
	struct job *jobs; /* [TRAFFIC_JOBS] */
	uint64_t verified;
};

/* config, gateway, bytes and seed are set: brings all dialogs to where every kind of message can be
 * sent. */
void traffic_begin(struct traffic *traffic);
void traffic_end(struct traffic *traffic);

/* A number below `below` that no prefetcher guesses. */
uint32_t traffic_any(struct traffic *traffic, uint32_t below);

/* One of the messages that can be sent. */
enum dialog_message traffic_message_any(struct traffic *traffic);

/* A fresh frame of this dialog. */
void traffic_job_make(struct traffic *traffic, struct job *job, uint32_t dialog,
		      enum dialog_message message);

/* One burst (at most BENCH_BURST) through the graph; everything that must come out has. Cycles. */
uint64_t traffic_burst_run(struct traffic *traffic, struct job *jobs, unsigned count);

/* The queue at the worker that owns the sender's SA. */
unsigned traffic_queue(const struct traffic *traffic, const struct job *job);

/* The next frame of that queue, fragments put together; taken_length 0: there is none. */
void traffic_take(struct traffic *traffic, unsigned queue, struct job *job);

/* Who got the frame that came out, as its outer header says. */
uint32_t traffic_receiver(const struct traffic *traffic, const struct job *job);

/* Is what came out what the job must become? */
void traffic_check(struct traffic *traffic, struct job *job);

#endif
