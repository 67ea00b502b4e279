#include "bench/loadgen/renewal.h"

#include <inttypes.h>
#include <rte_cycles.h>
#include <string.h>

#include "bench/loadgen/lines.h"

#define SWEEP_MS 5    /* how often it is looked who is due */
#define LATER_MS 1000 /* an exchange that came to nothing is begun anew after so long */

static void message_send(struct renewal *renewal, uint32_t number,
			 const struct applicant *applicant)
{
	const struct renewal_settings *settings = &renewal->settings;

	/* What finds no room is sent again when its time has come. */
	(void)wire_say(settings->wire, settings->terminals, number, false,
		       initiator_message(applicant->initiator));
}

static void exchange_begin(struct renewal *renewal, uint32_t number, struct applicant *applicant,
			   uint64_t now)
{
	initiator_inside_set(applicant->initiator, true);
	if (initiator_start(applicant->initiator) != RESULT_OK) {
		outcome_complain(renewal->outcome, "an exchange of keys cannot be begun");
		applicant->step = APPLICANT_REFUSED;
		return;
	}
	applicant->step = APPLICANT_ASKING;
	applicant_wait(applicant, now, renewal->hz);
	message_send(renewal, number, applicant);
}

static void later(struct renewal *renewal, struct applicant *applicant, uint64_t now)
{
	applicant->step = APPLICANT_WAITING;
	applicant->again_tsc = now + renewal->hz / 1000 * LATER_MS;
}

/* By its sender's count, or by that of the gateway, whichever is further. */
static bool is_used_up(const struct renewal *renewal, uint32_t number,
		       const struct applicant *applicant)
{
	const struct initiator_sa *sa = initiator_established(applicant->initiator);
	const struct terminals *terminals = renewal->settings.terminals;

	return sa && (terminals->out[number].number >= sa->packets ||
		      terminals->in[number].number >= sa->packets);
}

static bool is_due(const struct renewal *renewal, uint32_t number,
		   const struct applicant *applicant, uint64_t now)
{
	if (renewal->settings.times == 0)
		return is_used_up(renewal, number, applicant);
	return applicant->renewals < renewal->settings.times &&
	       (double)(now - renewal->begin_tsc) > (applicant->renewals + 1) * renewal->apart_tsc;
}

static void look_after(struct renewal *renewal, uint32_t number, struct applicant *applicant,
		       uint64_t now)
{
	if (applicant->step == APPLICANT_DONE) {
		if (!is_due(renewal, number, applicant, now))
			return;
		applicant->renewals++;
		applicant->begun_tsc = now;
		renewal->begun++;
		exchange_begin(renewal, number, applicant, now);
		return;
	}
	if (applicant->step == APPLICANT_REFUSED || now < applicant->again_tsc)
		return;
	if (applicant->step == APPLICANT_WAITING ||
	    applicant_is_unheard(applicant, now, renewal->hz)) {
		renewal->begun_again++;
		exchange_begin(renewal, number, applicant, now);
		return;
	}
	applicant_wait_on(applicant, now, renewal->hz);
	message_send(renewal, number, applicant);
	renewal->sent_again++;
}

/* As far as there is room for what they send, the rest at the next turn. */
void renewal_go_on(struct renewal *renewal, uint64_t now)
{
	const struct renewal_settings *settings = &renewal->settings;

	if (now < renewal->sweep_tsc)
		return;
	for (unsigned i = 0; i < WIRE_BURST && renewal->swept < settings->count; i++) {
		if (wire_waiting(settings->wire) > WIRE_ROW / 2)
			return;
		renewal->swept++;
		look_after(renewal, renewal->swept, &settings->applicants[renewal->swept - 1], now);
	}
	if (renewal->swept < settings->count)
		return;
	renewal->swept = 0;
	renewal->sweep_tsc = now + renewal->hz / 1000 * SWEEP_MS;
}

static void established(struct renewal *renewal, uint32_t number, struct applicant *applicant,
			uint64_t now)
{
	const struct initiator_sa *sa = initiator_established(applicant->initiator);
	const struct terminal_keys keys = {.spi_out = sa->spi_out,
					   .spi_in = sa->spi_in,
					   .key_out = sa->key_out,
					   .key_in = sa->key_in};

	if (terminal_renew(renewal->settings.terminals, number, &keys) != RESULT_OK) {
		outcome_complain(renewal->outcome, "new keys cannot be made ready");
		applicant->step = APPLICANT_REFUSED;
		return;
	}
	applicant->step = APPLICANT_DONE;
	renewal->done++;
	histogram_add(&renewal->each,
		      (uint64_t)((double)(now - applicant->begun_tsc) * 1e9 / (double)renewal->hz));
}

bool renewal_take(struct renewal *renewal, const struct frame_in *in, uint64_t now)
{
	enum initiator_event event = INITIATOR_IGNORED;
	struct applicant *applicant;

	if (in->terminal > renewal->settings.count)
		return false;
	applicant = &renewal->settings.applicants[in->terminal - 1];
	if (!slice_is_equal(line_value(in->text, SLICE("Call-ID: ")),
			    initiator_call_id(applicant->initiator)))
		return false;
	if (applicant->step != APPLICANT_ASKING)
		return true; /* an answer to what was repeated */
	if (initiator_receive(applicant->initiator, in->text, &event) != RESULT_OK) {
		outcome_complain(renewal->outcome, "an answer to an exchange of keys is not right");
		return true;
	}
	switch (event) {
	case INITIATOR_IGNORED:
		break;
	case INITIATOR_SEND:
		applicant_wait(applicant, now, renewal->hz);
		message_send(renewal, in->terminal, applicant);
		break;
	case INITIATOR_ESTABLISHED:
		established(renewal, in->terminal, applicant, now);
		break;
	case INITIATOR_RESTART:
	case INITIATOR_FAILED:
		later(renewal, applicant, now);
		break;
	default:
		outcome_complain(renewal->outcome, "an exchange of keys was refused");
		applicant->step = APPLICANT_REFUSED;
		break;
	}
	return true;
}

bool renewal_is_complete(const struct renewal *renewal)
{
	return renewal->done == renewal->begun && renewal->begun >= renewal_wanted(renewal);
}

void renewal_begin(struct renewal *renewal, const struct plan *plan, struct outcome *outcome)
{
	const struct renewal_settings settings = renewal->settings;
	double hz = (double)rte_get_tsc_hz();

	memset(renewal, 0, sizeof(*renewal));
	renewal->settings = settings;
	renewal->outcome = outcome;
	renewal->hz = (uint64_t)hz;
	renewal->begin_tsc = rte_rdtsc();
	renewal->apart_tsc = hz * plan->count / plan->rate / (settings.times + 1);
	settings.terminals->by_old = 0;
	for (uint32_t i = 0; i < settings.count; i++)
		settings.applicants[i].renewals = 0;
}

json_t *renewal_json(const struct renewal *renewal)
{
	json_t *json = json_object();

	json_object_set_new(json, "terminals", json_integer(renewal->settings.count));
	json_object_set_new(json, "wanted", json_integer((json_int_t)renewal_wanted(renewal)));
	json_object_set_new(json, "begun", json_integer((json_int_t)renewal->begun));
	json_object_set_new(json, "done", json_integer((json_int_t)renewal->done));
	json_object_set_new(json, "sent_again", json_integer((json_int_t)renewal->sent_again));
	json_object_set_new(json, "begun_again", json_integer((json_int_t)renewal->begun_again));
	json_object_set_new(json, "by_old_sa", json_integer((json_int_t)renewal->settings.terminals->by_old));
	json_object_set_new(json, "each", outcome_times_json(&renewal->each));
	return json;
}

void renewal_print(const struct renewal *renewal, FILE *to)
{
	fprintf(to,
		"  %" PRIu64 " exchanges of keys inside the SA begun, %" PRIu64
		" done, p99 %.1f us;"
		" %" PRIu64 " packets came by an SA that had a successor\n",
		renewal->begun, renewal->done,
		(double)histogram_quantile(&renewal->each, 990000) / 1e3,
		renewal->settings.terminals->by_old);
}
