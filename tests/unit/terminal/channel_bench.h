/* Two terminals negotiating a data channel on a bench: user-a calls user-b. */
#ifndef SEKISHO_TESTS_UNIT_TERMINAL_CHANNEL_BENCH_H
#define SEKISHO_TESTS_UNIT_TERMINAL_CHANNEL_BENCH_H

#include "tests/unit/terminal/cmocka_setup.h"

#include <string.h>

#include "terminal/channel/negotiation.h"

/* A description or body of the other side's, to be bent by a test. */
struct said {
	char text[1024];
	size_t len;
};

static inline struct slice said_slice(const struct said *said)
{
	return slice_make(said->text, said->len);
}

static inline struct negotiation_settings settings_of(struct slice aor)
{
	static const struct sip_address gateway = {.family = 6, .bytes = {0x20, 0x01, [15] = 9}};

	return (struct negotiation_settings){
		.aor = aor,
		.gateways = &gateway,
		.gateway_count = 1,
		.suites = {{SUITE_AES_256_GCM_16, SUITE_AES_128_GCM_16}, 2},
		.random = random_system(),
	};
}

static inline struct ua_parties parties_of(bool is_caller)
{
	return (struct ua_parties){
		.call_id = SLICE("call"),
		.caller_tag = SLICE("a"),
		.callee_tag = SLICE("b"),
		.caller = SLICE("sip:user-a@abc.com"),
		.callee = SLICE("sip:user-b@XYZ.com"),
		.is_caller = is_caller,
	};
}

static inline struct sip_address address_of(uint8_t last)
{
	return (struct sip_address){.family = 6, .bytes = {0x20, 0x01, [15] = last}};
}

/* A terminal without NAT: ESP, and ESP in UDP. */
static inline struct places places_of(uint8_t last)
{
	struct places places = {{address_of(last), address_of(last)}, 2};

	places.place[1].port = 4500;
	return places;
}

/* A whole description round the line that write wrote. */
static inline void said_wrap(struct said *said, const struct writer *line)
{
	struct writer w = writer_make(said->text, sizeof(said->text));

	WRITER_LITERAL(&w, "v=0\r\n");
	writer_bytes(&w, line->at, line->len);
	WRITER_LITERAL(&w, "m=audio 9 RTP/AVP 0\r\n");
	assert_false(w.is_full);
	said->len = w.len;
}

static inline void caller_offers(struct negotiation *caller, struct said *offer)
{
	struct negotiation_settings settings = settings_of(SLICE("user-a@abc.com"));
	struct places own = places_of(1);
	char line[UA_SESSION_LINES_BYTES];
	struct writer w = writer_make(line, sizeof(line));

	assert_int_equal(negotiation_offer(caller, &settings, &own, &w), RESULT_OK);
	said_wrap(offer, &w);
}

static inline void callee_answers(struct negotiation *callee, const struct said *offer,
				  struct said *answer)
{
	struct negotiation_settings settings = settings_of(SLICE("user-b@xyz.com"));
	struct ua_parties parties = parties_of(false);
	struct places own = places_of(2);
	char line[UA_SESSION_LINES_BYTES];
	struct writer w = writer_make(line, sizeof(line));
	const char *why = NULL;

	assert_int_equal(negotiation_take_offer(callee, &settings, &own, said_slice(offer), &why),
			 RESULT_OK);
	assert_int_equal(negotiation_answer(callee, &settings, &parties, &w, &why), RESULT_OK);
	said_wrap(answer, &w);
}

static inline enum result caller_takes(struct negotiation *caller, const struct said *answer,
				       struct said *ack, const char **why)
{
	struct negotiation_settings settings = settings_of(SLICE("user-a@abc.com"));
	struct ua_parties parties = parties_of(true);
	struct writer w = writer_make(ack->text, sizeof(ack->text));
	enum result result =
		negotiation_take_answer(caller, &settings, &parties, said_slice(answer), &w, why);

	ack->len = w.len;
	return result;
}

/* The whole of it, without mishap. */
static inline void agree(struct negotiation *caller, struct negotiation *callee)
{
	struct said offer, answer, ack;
	const char *why = NULL;

	caller_offers(caller, &offer);
	callee_answers(callee, &offer, &answer);
	assert_int_equal(caller_takes(caller, &answer, &ack, &why), RESULT_OK);
	assert_int_equal(negotiation_take_reveal(callee, said_slice(&ack), &why), RESULT_OK);
}

#endif
