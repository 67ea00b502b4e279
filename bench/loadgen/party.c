#include "bench/loadgen/party.h"

#include <string.h>

#include "bench/loadgen/lines.h"
#include "bench/loadgen/renewal.h"

/* What came in, and which of the planned it belongs to. */
struct arrival {
	struct frame_in in;
	struct slice text;
	struct message_parties parties;
	struct planned *planned;
	uint64_t due_tsc;
	uint64_t since_ns; /* it was due */
};

static bool is_measured(const struct party *party, const struct arrival *arrival)
{
	return arrival->parties.index >= party->plan->warm;
}

/* The same twice is wrong: a proxy without transactions neither repeats nor loses. */
static const char *event_note(struct planned *planned, enum plan_event event)
{
	if ((planned->seen & event) != 0)
		return "a message came twice";
	planned->seen |= (uint8_t)event;
	return NULL;
}

static void frame_send(struct party *party, uint32_t terminal, struct slice text)
{
	if (!wire_say(party->wire, party->terminals, terminal, party->plan->is_clear, text))
		party->outcome->unanswered++;
}

static const char *ok_send(struct party *party, struct arrival *arrival)
{
	char text[MESSAGE_BYTES_MAX];
	struct writer w = writer_make(text, sizeof(text));
	size_t rest = 0;

	if (message_ok_write(&party->plan->style, &arrival->parties, arrival->text, &w, &rest) !=
	    RESULT_OK)
		return "a request cannot be answered";
	arrival->planned->print = check_print(slice_make(w.at + rest, w.len - rest));
	frame_send(party, arrival->planned->callee, slice_make(w.at, w.len));
	return NULL;
}

static const char *in_dialog_send(struct party *party, const struct arrival *arrival,
				  enum message_kind kind, struct slice route)
{
	char text[MESSAGE_BYTES_MAX];
	struct writer w = writer_make(text, sizeof(text));

	if (message_request_write(&party->plan->style, kind, &arrival->parties, route, &w) !=
	    RESULT_OK)
		return "an ACK or BYE does not fit";
	frame_send(party, arrival->planned->caller, slice_make(w.at, w.len));
	return NULL;
}

/* Holds the call for no time: ACK, and at once BYE. */
static const char *call_end(struct party *party, const struct arrival *arrival)
{
	char lines[512];
	struct writer w = writer_make(lines, sizeof(lines));
	const char *complaint;

	if (message_route_write(arrival->text, &w) != RESULT_OK)
		return "a 200 to an INVITE has no Record-Route";
	complaint = in_dialog_send(party, arrival, MESSAGE_ACK, slice_make(w.at, w.len));
	return complaint ? complaint
			 : in_dialog_send(party, arrival, MESSAGE_BYE, slice_make(w.at, w.len));
}

static enum message_kind method_of(struct slice line)
{
	static const struct {
		struct slice begins;
		enum message_kind kind;
	} methods[] = {{{"MESSAGE ", 8}, MESSAGE_MESSAGE},
		       {{"INVITE ", 7}, MESSAGE_INVITE},
		       {{"ACK ", 4}, MESSAGE_ACK},
		       {{"BYE ", 4}, MESSAGE_BYE},
		       {{"REGISTER ", 9}, MESSAGE_REGISTER}};

	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		if (line_begins(line, methods[i].begins))
			return methods[i].kind;
	return MESSAGE_KINDS;
}

/* What may come to a callee of each kind of planned, and as which event. */
static enum plan_event request_event(enum plan_kind plan, enum message_kind kind)
{
	if (plan == PLAN_MESSAGE && kind == MESSAGE_MESSAGE)
		return PLAN_REQUEST;
	if (plan != PLAN_CALL)
		return 0;
	return kind == MESSAGE_INVITE ? PLAN_REQUEST
	       : kind == MESSAGE_ACK  ? PLAN_ACKED
	       : kind == MESSAGE_BYE  ? PLAN_BYE
				      : 0;
}

/* The request as it was sent, but for the Route of an ACK or BYE. */
static enum result sent_write(const struct party *party, const struct arrival *arrival,
			      enum message_kind kind, struct writer *w)
{
	return message_request_write(&party->plan->style, kind, &arrival->parties,
				     slice_make("", 0), w);
}

static void delivery_note(struct party *party, const struct arrival *arrival)
{
	histogram_add(&party->outcome->delivery, arrival->since_ns);
	if (pauses_spared(&party->pauses, arrival->due_tsc))
		histogram_add(&party->outcome->spared, arrival->since_ns);
}

static const char *request_take(struct party *party, struct arrival *arrival)
{
	enum message_kind kind = method_of(arrival->text);
	enum plan_event event = request_event((enum plan_kind)arrival->planned->kind, kind);
	char text[MESSAGE_BYTES_MAX];
	struct writer w = writer_make(text, sizeof(text));
	const char *complaint;

	if (event == 0) {
		party->outcome->escaped++;
		return "something came through that was never to";
	}
	if (arrival->in.terminal != arrival->planned->callee)
		return "a request went to another terminal";
	if (sent_write(party, arrival, kind, &w) != RESULT_OK)
		return "a request cannot be written again";
	complaint = check_request(&party->check, kind, &arrival->parties, slice_make(w.at, w.len),
				  arrival->text);
	if (!complaint)
		complaint = event_note(arrival->planned, event);
	if (complaint)
		return complaint;
	if (event == PLAN_REQUEST && is_measured(party, arrival))
		delivery_note(party, arrival);
	return kind == MESSAGE_INVITE || kind == MESSAGE_BYE ? ok_send(party, arrival) : NULL;
}

static const char *ok_take(struct party *party, struct arrival *arrival, enum message_kind kind)
{
	bool is_end = kind == MESSAGE_BYE;
	const char *complaint = check_ok(arrival->planned->print, arrival->text);

	if (!complaint)
		complaint = event_note(arrival->planned, is_end ? PLAN_ENDED : PLAN_OK);
	if (complaint || is_end)
		return complaint;
	if (is_measured(party, arrival))
		histogram_add(&party->outcome->answer, arrival->since_ns);
	return call_end(party, arrival);
}

/* An answer that the gateway wrote: to a spoofed request, or to a REGISTER. */
static const char *own_answer_take(struct party *party, struct arrival *arrival,
				   enum message_kind kind)
{
	bool is_spoofed = arrival->planned->kind == PLAN_SPOOFED;
	char text[MESSAGE_BYTES_MAX];
	struct writer w = writer_make(text, sizeof(text));
	const char *complaint;

	if (sent_write(party, arrival, is_spoofed ? MESSAGE_SPOOFED : kind, &w) != RESULT_OK)
		return "a request cannot be written again";
	complaint = is_spoofed ? check_refusal(slice_make(w.at, w.len), arrival->text)
			       : check_registered(slice_make(w.at, w.len), arrival->text);
	if (!complaint)
		complaint = event_note(arrival->planned, is_spoofed ? PLAN_REFUSED : PLAN_OK);
	if (!complaint && !is_spoofed && is_measured(party, arrival))
		histogram_add(&party->outcome->answer, arrival->since_ns);
	return complaint;
}

static const char *response_take(struct party *party, struct arrival *arrival)
{
	struct slice cseq = line_value(arrival->text, SLICE("CSeq: "));
	enum plan_kind plan = (enum plan_kind)arrival->planned->kind;
	enum message_kind kind;
	char method[16] = {0};

	/* "1 INVITE" */
	if (cseq.len < 3 || cseq.len - 2 >= sizeof(method) - 1)
		return "a response has no CSeq of ours";
	memcpy(method, cseq.at + 2, cseq.len - 2);
	method[cseq.len - 2] = ' ';
	kind = method_of(slice_make(method, cseq.len - 1));
	if (arrival->in.terminal != arrival->planned->caller)
		return "a response went to another terminal";
	if (plan == PLAN_SPOOFED || (plan == PLAN_REGISTER && kind == MESSAGE_REGISTER))
		return own_answer_take(party, arrival, kind);
	if (plan == PLAN_CALL && line_begins(arrival->text, SLICE("SIP/2.0 200 ")) &&
	    (kind == MESSAGE_INVITE || kind == MESSAGE_BYE))
		return ok_take(party, arrival, kind);
	party->outcome->refused++;
	return "a request was answered with an error";
}

static const char of_a_renewal[] = "a message is an answer to an exchange of keys";
/* Not wrong, only late: a proxy whose queues a job before this one has filled. */
static const char of_a_job_before[] = "a message is of a job before this one";

/* Whose is it? By its Call-ID. */
static const char *arrival_find(const struct party *party, struct arrival *arrival, uint64_t now)
{
	uint32_t job, index;
	double due;

	if (!message_id_read(line_value(arrival->text, SLICE("Call-ID: ")), &job, &index))
		return "a message is of no job";
	if (job > 0 && job < party->plan->style.job)
		return of_a_job_before;
	if (job != party->plan->style.job || index >= party->plan->count)
		return "a message is of no job";
	arrival->planned = &party->plan->planned[index];
	arrival->parties = (struct message_parties){index, arrival->planned->caller,
						    arrival->planned->callee};
	due = party_due(party, index);
	arrival->due_tsc = (uint64_t)due;
	arrival->since_ns =
		(double)now > due ? (uint64_t)(((double)now - due) * party->ns_per_tsc) : 0;
	return NULL;
}

static const char *arrival_take(struct party *party, struct arrival *arrival, uint8_t *frame,
				size_t length, uint64_t now)
{
	const char *complaint =
		frame_read(party->terminals, party->plan->is_clear, frame, length, &arrival->in);

	if (complaint)
		return complaint;
	if (party->renewal && renewal_take(party->renewal, &arrival->in, now))
		return of_a_renewal;
	party->outcome->overtaken += arrival->in.number == TERMINAL_NUMBER_LATE;
	arrival->text = arrival->in.text;
	complaint = arrival_find(party, arrival, now);
	if (complaint)
		return complaint;
	return line_begins(arrival->text, SLICE("SIP/2.0 ")) ? response_take(party, arrival)
							     : request_take(party, arrival);
}

void party_take(struct party *party, uint8_t *frame, size_t length, uint64_t now_tsc)
{
	struct arrival arrival = {0};
	const char *complaint = arrival_take(party, &arrival, frame, length, now_tsc);

	if (complaint == of_a_renewal)
		return;
	if (complaint == of_a_job_before)
		party->outcome->belated++;
	else if (complaint)
		outcome_complain(party->outcome, complaint);
	else
		party->outcome->delivered++;
}
