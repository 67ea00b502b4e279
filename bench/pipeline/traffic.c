#include "bench/pipeline/traffic.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_common.h>

#include "bench/pipeline/must.h"
#include "bench/pipeline/terminals.h"
#include "dataplane/esp/suite.h"

#define DIALOGS_MAX 262144

/* xorshift32: whose turn it is must not be guessable for the prefetcher. */
uint32_t traffic_any(struct traffic *traffic, uint32_t below)
{
	uint32_t x = traffic->seed;

	x ^= x << 13, x ^= x >> 17, x ^= x << 5;
	traffic->seed = x;
	return x % below;
}

void traffic_job_make(struct traffic *traffic, struct job *job, uint32_t number,
		      enum dialog_message message)
{
	struct dialog *dialog = &traffic->dialogs[number];
	uint32_t sender = dialog_sender(dialog, message);

	job->dialog = number;
	job->message = message;
	job->length =
		wire_seal(traffic->wire, sender, ++traffic->number[sender],
			  slice_make(dialog->text[message], dialog->length[message]), job->frame);
	bench_must(job->length > 0, "a message does not fit a frame");
}

/* Where there is no SIP, what comes out is what went in. */
static const char *change_complaint(const struct dialog *dialog, enum dialog_message message,
				    struct slice text)
{
	return slice_is_equal(text, slice_make(dialog->text[message], dialog->length[message]))
		       ? NULL
		       : "a message has changed on its way";
}

/* What came out is opened, compared with what the job must become, and passed to `use`. */
static void output_check(struct traffic *traffic, struct job *job,
			 void (*use)(struct traffic *, const struct job *, struct slice))
{
	const struct dialog *dialog = &traffic->dialogs[job->dialog];
	const char *complaint;
	uint32_t terminal;
	uint64_t number;
	struct slice text;

	if (!job->taken_length)
		bench_gateway_drops(traffic->gateway);
	bench_must(job->taken_length != 0, "a message did not come out");
	bench_must(
		wire_open(traffic->wire, job->taken, job->taken_length, &terminal, &number, &text),
		"what came out does not open");
	bench_must(terminal == dialog_receiver(dialog, job->message),
		   "it went to another terminal");
	bench_must(traffic->config.is_clear || number > traffic->heard[terminal],
		   "a sequence number came twice");
	traffic->heard[terminal] = number;
	complaint = traffic->config.is_esp_only
			    ? change_complaint(dialog, job->message, text)
			    : dialog_complaint(dialog, job->message, traffic->config.family, text);
	if (complaint)
		fprintf(stderr, "sent:\n%.*s\nreceived:\n%.*s\n", dialog->length[job->message],
			dialog->text[job->message], (int)text.len, text.at);
	bench_must(!complaint, complaint);
	traffic->verified++;
	if (use)
		use(traffic, job, text);
}

/* Kept for the check: its cost must not stand between two walks. */
void traffic_take(struct traffic *traffic, unsigned queue, struct job *job)
{
	bool has_more = true;

	job->taken_length = 0;
	while (has_more) {
		struct rte_mbuf *mbuf = bench_gateway_take(traffic->gateway, queue);

		if (!mbuf)
			bench_must(job->taken_length == 0, "a last fragment did not come out");
		if (!mbuf)
			return;
		bench_must(wire_join(traffic->wire, rte_pktmbuf_mtod(mbuf, uint8_t *),
				     rte_pktmbuf_data_len(mbuf), job->taken, &job->taken_length,
				     &has_more),
			   "a fragment does not fit what came before");
		rte_pktmbuf_free(mbuf);
	}
}

unsigned traffic_queue(const struct traffic *traffic, const struct job *job)
{
	return bench_gateway_owner(traffic->gateway,
				   dialog_sender(&traffic->dialogs[job->dialog], job->message));
}

uint64_t traffic_burst_run(struct traffic *traffic, struct job *jobs, unsigned count)
{
	uint64_t cycles;

	for (unsigned i = 0; i < count; i++)
		bench_gateway_give(traffic->gateway, traffic_queue(traffic, &jobs[i]),
				   jobs[i].frame, (uint16_t)jobs[i].length);
	cycles = bench_gateway_walk(traffic->gateway);
	for (unsigned i = 0; i < count; i++)
		traffic_take(traffic, traffic_queue(traffic, &jobs[i]), &jobs[i]);
	for (unsigned queue = 0; queue < traffic->config.workers; queue++)
		bench_must(bench_gateway_take(traffic->gateway, queue) == NULL,
			   "more came out than went in");
	return cycles;
}

static void next_write(struct traffic *traffic, const struct job *job, struct slice out)
{
	struct dialog *dialog = &traffic->dialogs[job->dialog];
	uint8_t family = traffic->config.family;
	bool is_written = true;

	if (job->message == DIALOG_INVITE)
		is_written = dialog_write(dialog, DIALOG_OK, family, traffic->bytes, out);
	if (job->message == DIALOG_OK)
		is_written = dialog_write(dialog, DIALOG_ACK, family, traffic->bytes, out) &&
			     dialog_write(dialog, DIALOG_BYE, family, traffic->bytes, out);
	bench_must(is_written, "the next message of a dialog cannot be written");
}

/* Sends one kind of message of every dialog, so that the next kind can be written. */
static void everybody_sends(struct traffic *traffic, enum dialog_message message)
{
	for (uint32_t done = 0; done < traffic->dialog_count;) {
		unsigned count = 0;

		for (; count < BENCH_BURST && done < traffic->dialog_count; done++)
			traffic_job_make(traffic, &traffic->jobs[count++], done, message);
		traffic_burst_run(traffic, traffic->jobs, count);
		for (unsigned i = 0; i < count; i++)
			output_check(traffic, &traffic->jobs[i], next_write);
	}
}

uint32_t traffic_receiver(const struct traffic *traffic, const struct job *job)
{
	const uint8_t *spi = job->taken + wire_esp_offset(traffic->wire);

	return ((uint32_t)spi[0] << 24 | (uint32_t)spi[1] << 16 | (uint32_t)spi[2] << 8 | spi[3]) -
	       bench_spi_terminal(0);
}

void traffic_check(struct traffic *traffic, struct job *job)
{
	output_check(traffic, job, NULL);
}

void traffic_begin(struct traffic *traffic)
{
	uint32_t half = traffic->config.terminals / 2;

	traffic->wire = wire_create(traffic->config.family, traffic->config.is_clear
								  ? WIRE_CLEAR
								  : traffic->config.suite);
	bench_must(traffic->wire != NULL, "OpenSSL refuses the cipher");
	traffic->dialog_count = RTE_MAX(1u, RTE_MIN(half, (uint32_t)DIALOGS_MAX));
	traffic->dialogs = calloc(traffic->dialog_count, sizeof(*traffic->dialogs));
	traffic->number = calloc(traffic->config.terminals + 1, sizeof(*traffic->number));
	traffic->heard = calloc(traffic->config.terminals + 1, sizeof(*traffic->heard));
	traffic->jobs = calloc(TRAFFIC_JOBS, sizeof(*traffic->jobs));
	bench_must(traffic->dialogs && traffic->number && traffic->heard && traffic->jobs,
		   "out of memory");
	for (uint32_t i = 0; i < traffic->dialog_count; i++) {
		struct dialog *dialog = &traffic->dialogs[i];

		/* Spread over all terminals, each in one dialog; one alone calls itself. */
		dialog->caller = 1 + i * (uint32_t)(half / traffic->dialog_count);
		dialog->callee = half + dialog->caller;
		dialog->level = traffic->config.is_clear
					? 0
					: esp_suite_get(traffic->config.suite)->level;
		bench_must(dialog_write(dialog, DIALOG_INVITE, traffic->config.family,
					traffic->bytes, slice_make("", 0)) &&
				   dialog_write(dialog, DIALOG_MESSAGE, traffic->config.family,
						traffic->bytes, slice_make("", 0)),
			   "a message is longer than it may be");
	}
	if (traffic->config.is_esp_only)
		return;
	everybody_sends(traffic, DIALOG_INVITE);
	everybody_sends(traffic, DIALOG_OK);
}

enum dialog_message traffic_message_any(struct traffic *traffic)
{
	/* The others follow from what a gateway makes of an INVITE. */
	if (traffic->config.is_esp_only)
		return traffic_any(traffic, 2) == 0 ? DIALOG_INVITE : DIALOG_MESSAGE;
	return (enum dialog_message)traffic_any(traffic, DIALOG_MESSAGES);
}

void traffic_end(struct traffic *traffic)
{
	for (uint32_t i = 0; i < traffic->dialog_count; i++)
		dialog_free(&traffic->dialogs[i]);
	free(traffic->dialogs);
	free(traffic->number);
	free(traffic->heard);
	free(traffic->jobs);
	wire_destroy(traffic->wire);
}
