#include "bench/loadgen/storm.h"

#include <rte_cycles.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/loadgen/lines.h"
#include "bench/loadgen/run.h"
#include "shared/sip/host.h"

#define LATER_MS   10000 /* what a gateway that is too busy asks for (Retry-After) */
#define TRIES_MAX  10	 /* exchanges that a terminal begins before it counts as refused */
#define SWEEP_MS  50 /* how often somebody who waits too long is looked for */
#define TEXT_BYTES 1024
#define ROW_ROOM  8 /* frames that one answer may lead to, and some */

struct storm {
	struct terminals *terminals;
	struct wire *wire;
	const struct storm_settings *settings;
	struct storm_outcome *outcome;
	struct running calls;
	uint32_t begun, ended;
	uint64_t hz;
};

static uint32_t number_of(const struct storm *storm, const struct applicant *applicant)
{
	return storm->settings->first + (uint32_t)(applicant - storm->settings->applicants);
}

static void complain(struct storm *storm, const char *sentence)
{
	storm->outcome->complaints++;
	storm->outcome->last_complaint = sentence;
}

static void text_send(struct storm *storm, const struct applicant *applicant, bool is_clear,
		      struct slice text)
{
	/* What finds no room is sent again when its time has come. */
	(void)wire_say(storm->wire, storm->terminals, number_of(storm, applicant), is_clear, text);
}

/* An ordinary REGISTER through the new channel. */
static struct slice register_write(struct storm *storm, struct applicant *applicant,
				   char text[TEXT_BYTES])
{
	uint32_t number = number_of(storm, applicant);
	const char *domain = storm->terminals->statics.domain;
	char host[TERMINAL_HOST_BYTES];
	int length;

	terminal_host_write(storm->terminals, number, host);
	length = snprintf(text, TEXT_BYTES,
			  "REGISTER sip:%s SIP/2.0\r\n"
			  "Via: SIP/2.0/UDP %s:5060;branch=z9hG4bKstorm%u;rport\r\n"
			  "Max-Forwards: 70\r\nFrom: <sip:t%u@%s>;tag=storm\r\n"
			  "To: <sip:t%u@%s>\r\nCall-ID: storm%u\r\nCSeq: 1 REGISTER\r\n"
			  "Contact: <sip:t%u@%s:5060>\r\nExpires: %u\r\n"
			  "Content-Length: 0\r\n\r\n",
			  domain, host, number, number, domain, number, domain, number, number,
			  host, storm->settings->expires);
	return slice_make(text, (size_t)length);
}

static void current_send(struct storm *storm, struct applicant *applicant)
{
	char text[TEXT_BYTES];

	if (applicant->step == APPLICANT_ASKING)
		text_send(storm, applicant, true, initiator_message(applicant->initiator));
	else
		text_send(storm, applicant, false, register_write(storm, applicant, text));
}

static void step_begin(struct storm *storm, struct applicant *applicant, enum applicant_step step,
		       uint64_t now)
{
	applicant->step = (uint8_t)step;
	applicant_wait(applicant, now, storm->hz);
	current_send(storm, applicant);
}

static void end(struct storm *storm, struct applicant *applicant, enum applicant_step step, uint64_t now)
{
	applicant->step = (uint8_t)step;
	storm->ended++;
	if (step != APPLICANT_DONE) {
		storm->outcome->refused++;
		return;
	}
	storm->outcome->registered++;
	histogram_add(&storm->outcome->each,
		      (uint64_t)((double)(now - applicant->begun_tsc) * 1e9 / (double)storm->hz));
}

/* A new exchange, as a terminal makes it whose last one came to nothing. */
static void anew_begin(struct storm *storm, struct applicant *applicant, uint64_t now)
{
	if (applicant->tries++ == TRIES_MAX || initiator_start(applicant->initiator) != RESULT_OK) {
		complain(storm, "a terminal tried too often");
		end(storm, applicant, APPLICANT_REFUSED, now);
		return;
	}
	storm->outcome->begun_again++;
	step_begin(storm, applicant, APPLICANT_ASKING, now);
}

/* Any final answer but a 403, which is a gateway's word on who it is: later. */
static void later_begin(struct storm *storm, struct applicant *applicant, uint64_t now)
{
	storm->outcome->put_off++;
	storm->outcome->last_put_off = initiator_status(applicant->initiator);
	applicant->step = APPLICANT_WAITING;
	applicant->again_tsc = now + storm->hz / 1000 * LATER_MS;
}

/* The channel that the exchange has made is the terminal's from here on. */
static bool channel_take(struct storm *storm, const struct applicant *applicant)
{
	const struct initiator_sa *sa = initiator_established(applicant->initiator);
	const struct terminal_keys keys = {sa->spi_out, sa->spi_in, sa->key_out, sa->key_in};

	return terminal_keys_set(storm->terminals, number_of(storm, applicant), &keys) == RESULT_OK;
}

static void exchange_take(struct storm *storm, struct applicant *applicant, struct slice text,
			  uint64_t now)
{
	enum initiator_event event;

	if (applicant->step != APPLICANT_ASKING)
		return; /* an answer to what was repeated */
	if (initiator_receive(applicant->initiator, text, &event) != RESULT_OK) {
		complain(storm, "an answer of the key exchange is not right");
		return;
	}
	switch (event) {
	case INITIATOR_IGNORED:
		break;
	case INITIATOR_SEND:
		step_begin(storm, applicant, APPLICANT_ASKING, now);
		break;
	case INITIATOR_ESTABLISHED:
		if (channel_take(storm, applicant))
			step_begin(storm, applicant, APPLICANT_REGISTERING, now);
		break;
	case INITIATOR_RESTART:
		anew_begin(storm, applicant, now);
		break;
	case INITIATOR_FAILED:
		later_begin(storm, applicant, now);
		break;
	default:
		complain(storm, "a key exchange was refused");
		end(storm, applicant, APPLICANT_REFUSED, now);
		break;
	}
}

static void registered_take(struct storm *storm, struct applicant *applicant, struct slice text,
			    uint64_t now)
{
	char call_id[32];
	int length = snprintf(call_id, sizeof(call_id), "storm%u", number_of(storm, applicant));

	if (applicant->step != APPLICANT_REGISTERING)
		return;
	if (!slice_is_equal(line_value(text, SLICE("Call-ID: ")),
			    slice_make(call_id, (size_t)length))) {
		complain(storm, "an answer is not to this terminal's REGISTER");
		return;
	}
	if (line_begins(text, SLICE("SIP/2.0 200 "))) {
		end(storm, applicant, APPLICANT_DONE, now);
		return;
	}
	complain(storm, "a REGISTER was refused");
	end(storm, applicant, APPLICANT_REFUSED, now);
}

static void frame_take(struct storm *storm, uint8_t *frame, size_t length, uint64_t now)
{
	bool is_clear = frame_is_udp(frame, length);
	uint32_t terminal = frame_terminal(storm->terminals, frame, length);
	struct applicant *applicant;
	struct frame_in in;
	const char *complaint;

	if (storm->settings->calls && terminal > 0 && terminal < storm->settings->first) {
		party_take(&storm->calls.party, frame, length, now);
		return;
	}
	complaint = frame_read(storm->terminals, is_clear, frame, length, &in);
	if (complaint) {
		complain(storm, complaint);
		return;
	}
	if (in.terminal < storm->settings->first ||
	    in.terminal - storm->settings->first >= storm->settings->count) {
		complain(storm, "a message is for a terminal that does not take part");
		return;
	}
	applicant = &storm->settings->applicants[in.terminal - storm->settings->first];
	if (is_clear)
		exchange_take(storm, applicant, in.text, now);
	else
		registered_take(storm, applicant, in.text, now);
}

static void arrived_take(struct storm *storm)
{
	struct rte_mbuf *mbufs[WIRE_BURST];
	uint16_t count = wire_take(storm->wire, mbufs);
	uint64_t now = rte_rdtsc();

	for (uint16_t i = 0; i < count; i++)
		frame_take(storm, rte_pktmbuf_mtod(mbufs[i], uint8_t *),
			   rte_pktmbuf_data_len(mbufs[i]), now);
	rte_pktmbuf_free_bulk(mbufs, count);
}

static bool is_waiting(const struct applicant *applicant)
{
	return applicant->step == APPLICANT_ASKING || applicant->step == APPLICANT_REGISTERING ||
	       applicant->step == APPLICANT_WAITING;
}

/* Whoever has waited too long sends once more, or begins anew. */
static void again_send(struct storm *storm, uint64_t now)
{
	for (uint32_t i = 0; i < storm->begun; i++) {
		struct applicant *applicant = &storm->settings->applicants[i];

		if (!is_waiting(applicant) || now < applicant->again_tsc)
			continue;
		if (wire_waiting(storm->wire) + ROW_ROOM > WIRE_ROW)
			return;
		if (applicant->step == APPLICANT_WAITING ||
		    applicant_is_unheard(applicant, now, storm->hz)) {
			anew_begin(storm, applicant, now);
			continue;
		}
		applicant_wait_on(applicant, now, storm->hz);
		current_send(storm, applicant);
		storm->outcome->sent_again++;
	}
}

static void new_begin(struct storm *storm, uint64_t now)
{
	uint32_t window = storm->settings->window;
	unsigned burst = 0;

	while (storm->begun < storm->settings->count && burst++ < WIRE_BURST &&
	       wire_waiting(storm->wire) + ROW_ROOM < WIRE_ROW / 2 &&
	       (window == 0 || storm->begun - storm->ended < window)) {
		struct applicant *applicant = &storm->settings->applicants[storm->begun++];

		applicant->begun_tsc = now;
		step_begin(storm, applicant, APPLICANT_ASKING, now);
	}
}

/* The last calls have a second to come to their end. */
static void calls_end(struct storm *storm)
{
	uint64_t last = rte_rdtsc() + storm->hz;

	while (!running_is_complete(&storm->calls) && rte_rdtsc() < last) {
		wire_flush(storm->wire);
		arrived_take(storm);
	}
	running_end(&storm->calls);
}

static void carry_out(struct storm *storm)
{
	uint64_t begin = rte_rdtsc(), now = begin, sweep = begin;
	uint64_t last = begin + (uint64_t)(storm->settings->seconds * (double)storm->hz);

	while (storm->ended < storm->settings->count && now < last) {
		now = rte_rdtsc();
		new_begin(storm, now);
		if (storm->settings->calls)
			(void)running_send(&storm->calls, now);
		if (now > sweep) {
			again_send(storm, now);
			sweep = now + storm->hz / 1000 * SWEEP_MS;
		}
		wire_flush(storm->wire);
		arrived_take(storm);
	}
	storm->outcome->seconds = (double)(rte_rdtsc() - begin) / (double)storm->hz;
	if (storm->settings->calls)
		calls_end(storm);
}

void storm_run(struct terminals *terminals, struct wire *wire,
	       const struct storm_settings *settings, struct storm_outcome *outcome)
{
	struct storm storm = {.terminals = terminals,
			      .wire = wire,
			      .settings = settings,
			      .outcome = outcome,
			      .hz = rte_get_tsc_hz()};

	memset(outcome, 0, sizeof(*outcome));
	if (settings->calls)
		running_begin(&storm.calls, terminals, wire, settings->calls, CHECK_SEKISHO,
			      &outcome->calls);
	carry_out(&storm);
}
