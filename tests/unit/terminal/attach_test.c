/*
 * Attaching against the gateway's own exchange, in memory: what one sends the other answers, and
 * the channel made of it carries a message both ways.
 */
#include "tests/unit/terminal/cmocka_setup.h"

#include <stdlib.h>
#include <string.h>

#include "controlplane/keyexchange/exchange.h"
#include "terminal/attach/attach.h"
#include "terminal/esp/channel.h"
#include "terminal/ua/timers.h"

#define NOW_UNIX_MS UINT64_C(1800000000000)

struct fixture {
	struct exchange *exchange;
	struct sa_allocator *allocator;
	struct exchange_sa sa; /* the gateway's, once established */
	unsigned established, repeated, refused;
	struct initiator *initiator;
	struct attach attach;
	uint64_t now_ms;
	char *sent[64];
	unsigned sent_count;
	struct sip_address sent_to[64];
};

static struct sip_address address(const char *text)
{
	struct sip_address out;

	assert_int_equal(sip_address_parse_port(slice_make(text, strlen(text)), &out), RESULT_OK);
	return out;
}

static enum result credential(void *context, struct slice subscriber,
			      struct subscriber_credential *out)
{
	(void)context;
	if (!slice_is_equal(subscriber, SLICE("user-a@abc.com")))
		return RESULT_NOT_FOUND;
	memset(out, 0, sizeof(*out));
	out->is_enabled = true;
	out->identity_count = 1;
	strcpy(out->identity[0], "user-a@abc.com");
	return scram_verifier_derive(SLICE("right"), SLICE("0123456789abcdef"),
				     LIMIT_SCRAM_ITERATIONS_MIN, &out->verifier);
}

static void keep(void *context, const struct sip_address *gateway, bool is_rekey,
		 struct slice message)
{
	struct fixture *f = context;

	(void)is_rekey;
	assert_true(f->sent_count < 64);
	f->sent_to[f->sent_count] = *gateway;
	f->sent[f->sent_count++] = strndup(message.at, message.len);
}

static void gateway_make(struct fixture *f)
{
	struct exchange_settings settings = {
		.domains = {SLICE("abc.com")},
		.domain_count = 1,
		.suites = {{SUITE_AES_128_GCM_16, SUITE_AES_256_GCM_16}, 2},
		.soft_s = 2700,
		.hard_s = 3600,
		.soft_packets = 1000000,
		.soft_bytes = 1000000000,
		.cookie_lifetime_ms = 60000,
		.used_cookies = 100,
		.flood_threshold = 1000,
		.iterations = LIMIT_SCRAM_ITERATIONS_MIN,
		.persistent = {1},
		.store = {credential, NULL},
		.random = random_system(),
	};

	assert_int_equal(sa_allocator_create(64, 1, 3600, &f->allocator), RESULT_OK);
	settings.allocator = f->allocator;
	assert_int_equal(exchange_create(&settings, &f->exchange), RESULT_OK);
}

static void fixture_make(struct fixture *f, const char *password, unsigned gateways)
{
	struct initiator_settings settings = {
		.domain = SLICE("abc.com"),
		.aor = SLICE("user-a@abc.com"),
		.password = slice_make(password, strlen(password)),
		.address = address("[2001:1234::10]:5060"),
		.suites = {{SUITE_AES_256_GCM_16, SUITE_AES_128_GCM_16}, 2},
		.random = random_system(),
	};

	memset(f, 0, sizeof(*f));
	gateway_make(f);
	assert_int_equal(initiator_create(&settings, &f->initiator), RESULT_OK);
	f->attach.port.context = f;
	f->attach.port.send = keep;
	f->attach.initiator = f->initiator;
	f->attach.gateways[0] = address("[2001:6789::5060]:5060");
	f->attach.gateways[1] = address("[2001:6789::5061]:5060");
	f->attach.gateway_count = gateways;
}

static void forget(struct fixture *f)
{
	for (unsigned i = 0; i < f->sent_count; i++)
		free(f->sent[i]);
	f->sent_count = 0;
}

static void fixture_end(struct fixture *f)
{
	forget(f);
	initiator_destroy(f->initiator);
	exchange_destroy(f->exchange);
	sa_allocator_destroy(f->allocator);
}

/* Has the gateway answer a message of the terminal; the length of its reply, 0 if none. */
static size_t gateway_answer(struct fixture *f, const char *bytes,
			     char reply[LIMIT_KEYEXCHANGE_MESSAGE_BYTES], size_t len)
{
	struct sip_message message;
	struct exchange_input input = {
		.datagram = slice_make(bytes, len),
		.message = &message,
		.source = address("[2001:1234::10]:5060"),
		.now_ms = NOW_UNIX_MS,
	};
	struct exchange_outcome outcome;

	assert_int_equal(sip_message_parse(bytes, len, &message), SIP_VERDICT_OK);
	assert_int_equal(exchange_receive(f->exchange, &input, &outcome), RESULT_OK);
	if (outcome.verdict == EXCHANGE_ESTABLISHED) {
		f->established++;
		f->sa = outcome.sa;
		exchange_settle(f->exchange, outcome.cookie_id, true);
	}
	f->repeated += outcome.verdict == EXCHANGE_REPEATED;
	f->refused += outcome.verdict == EXCHANGE_REFUSED;
	memcpy(reply, outcome.reply, outcome.reply_len);
	return outcome.reply_len;
}

/* What the terminal sent last goes to the gateway, its answer back. */
static enum attach_event turn(struct fixture *f)
{
	char reply[LIMIT_KEYEXCHANGE_MESSAGE_BYTES];
	struct slice message = initiator_message(f->initiator);
	size_t len = gateway_answer(f, message.at, reply, message.len);
	bool is_taken;

	if (len == 0)
		return ATTACH_NOTHING;
	return attach_receive(&f->attach, f->now_ms, slice_make(reply, len), &is_taken);
}

static void four_messages_make_a_channel_that_carries_both_ways(void **state)
{
	const struct initiator_sa *sa;
	struct esp_outbound *ours, *theirs;
	struct esp_inbound *our_in, *their_in;
	const struct esp_suite *suite;
	struct esp_opened opened;
	uint8_t packet[256];
	struct fixture f;
	size_t len;

	(void)state;
	fixture_make(&f, "right", 1);
	attach_begin(&f.attach, f.now_ms);
	assert_true(strlen(f.sent[0]) >= LIMIT_KEYEXCHANGE_FIRST_BYTES);
	assert_int_equal(turn(&f), ATTACH_NOTHING);
	assert_int_equal(f.sent_count, 2);
	assert_int_equal(turn(&f), ATTACH_ESTABLISHED);
	assert_int_equal(attach_deadline(&f.attach), TIMER_NEVER);
	sa = initiator_established(f.initiator);
	assert_int_equal(sa->suite, SUITE_AES_256_GCM_16);
	assert_int_equal(sa->level, 3);
	assert_int_equal(sa->spi_out, sa_slot_spi(&f.sa.slot));
	assert_int_equal(sa->spi_in, f.sa.spi_out);

	suite = esp_suite_by_number(sa->suite);
	assert_int_equal(esp_outbound_create(suite, sa->spi_out, sa->key_out, &ours), RESULT_OK);
	assert_int_equal(esp_inbound_create(suite, sa->spi_in, sa->key_in, &our_in), RESULT_OK);
	assert_int_equal(esp_outbound_create(suite, f.sa.spi_out, f.sa.key_out, &theirs),
			 RESULT_OK);
	assert_int_equal(esp_inbound_create(suite, sa_slot_spi(&f.sa.slot), f.sa.key_in, &their_in),
			 RESULT_OK);
	assert_int_equal(esp_outbound_seal(ours, ESP_NEXT_UDP, (const uint8_t *)"to", 2, packet,
					   sizeof(packet), &len),
			 RESULT_OK);
	assert_int_equal(esp_inbound_open(their_in, packet, len, &opened), RESULT_OK);
	assert_int_equal(esp_outbound_seal(theirs, ESP_NEXT_UDP, (const uint8_t *)"fro", 3, packet,
					   sizeof(packet), &len),
			 RESULT_OK);
	assert_int_equal(esp_inbound_open(our_in, packet, len, &opened), RESULT_OK);
	assert_memory_equal(opened.payload, "fro", 3);
	esp_outbound_destroy(ours);
	esp_outbound_destroy(theirs);
	esp_inbound_destroy(our_in);
	esp_inbound_destroy(their_in);
	fixture_end(&f);
}

static void unanswered_message_comes_again_byte_for_byte(void **state)
{
	struct fixture f;

	(void)state;
	fixture_make(&f, "right", 1);
	attach_begin(&f.attach, f.now_ms);
	for (f.now_ms = 100; f.now_ms < ATTACH_LIFE_MS; f.now_ms += 100)
		assert_int_equal(attach_tick(&f.attach, f.now_ms), ATTACH_NOTHING);
	assert_int_equal(f.sent_count, 5); /* 0, 0.5, 1.5, 3.5, 7.5 s */
	for (unsigned i = 1; i < f.sent_count; i++)
		assert_string_equal(f.sent[0], f.sent[i]);
	fixture_end(&f);
}

static void message_3_sent_twice_makes_one_sa(void **state)
{
	char first[LIMIT_KEYEXCHANGE_MESSAGE_BYTES], again[LIMIT_KEYEXCHANGE_MESSAGE_BYTES];
	struct slice message;
	struct fixture f;
	bool is_taken;
	size_t len;

	(void)state;
	fixture_make(&f, "right", 1);
	attach_begin(&f.attach, f.now_ms);
	assert_int_equal(turn(&f), ATTACH_NOTHING);
	message = initiator_message(f.initiator);
	len = gateway_answer(&f, message.at, first, message.len);
	/* Message 4 is lost; the retransmission gets the same one. */
	attach_tick(&f.attach, 500);
	message = initiator_message(f.initiator);
	assert_int_equal(gateway_answer(&f, message.at, again, message.len), len);
	assert_memory_equal(first, again, len);
	assert_int_equal(f.established, 1);
	assert_int_equal(f.repeated, 1);
	assert_int_equal(attach_receive(&f.attach, 600, slice_make(again, len), &is_taken),
			 ATTACH_ESTABLISHED);
	/* and message 4 a second time is nothing */
	assert_int_equal(attach_receive(&f.attach, 600, slice_make(first, len), &is_taken),
			 ATTACH_NOTHING);
	fixture_end(&f);
}

static void wrong_password_fails_and_waits_before_it_tries_again(void **state)
{
	struct fixture f;

	(void)state;
	fixture_make(&f, "wrong", 2);
	attach_begin(&f.attach, f.now_ms);
	assert_int_equal(turn(&f), ATTACH_NOTHING);
	assert_int_equal(turn(&f), ATTACH_FAILED);
	assert_int_equal(initiator_status(f.initiator), 403);
	assert_int_equal(f.established, 0);
	assert_int_equal(f.refused, 1);
	/* A half to one and a half of the wait, and not at the next gateway at once. */
	assert_true(attach_deadline(&f.attach) >= ATTACH_WAIT_REFUSED_MS / 2);
	assert_true(attach_deadline(&f.attach) <= ATTACH_WAIT_REFUSED_MS * 3 / 2);
	assert_int_equal(f.sent_count, 2);
	fixture_end(&f);
}

static void answer_changed_on_its_way_is_passed_over(void **state)
{
	char reply[LIMIT_KEYEXCHANGE_MESSAGE_BYTES], spoilt[LIMIT_KEYEXCHANGE_MESSAGE_BYTES];
	struct slice message;
	struct fixture f;
	bool is_taken;
	size_t len;

	(void)state;
	fixture_make(&f, "right", 1);
	attach_begin(&f.attach, f.now_ms);
	assert_int_equal(turn(&f), ATTACH_NOTHING);
	message = initiator_message(f.initiator);
	len = gateway_answer(&f, message.at, reply, message.len);
	for (size_t at = len - 200; at < len; at += 7) {
		memcpy(spoilt, reply, len);
		spoilt[at] ^= 1;
		assert_int_equal(
			attach_receive(&f.attach, f.now_ms, slice_make(spoilt, len), &is_taken),
			ATTACH_NOTHING);
	}
	assert_int_equal(attach_receive(&f.attach, f.now_ms, slice_make(reply, len), &is_taken),
			 ATTACH_ESTABLISHED);
	fixture_end(&f);
}

static void silent_gateway_is_left_for_the_next_then_all_later(void **state)
{
	struct fixture f;

	(void)state;
	fixture_make(&f, "right", 2);
	attach_begin(&f.attach, 0);
	assert_int_equal(attach_tick(&f.attach, ATTACH_LIFE_MS), ATTACH_FAILED);
	assert_int_equal(f.sent_count, 2);
	assert_true(sip_address_is_same_host(&f.sent_to[1], &f.attach.gateways[1]));
	assert_string_not_equal(f.sent[0], f.sent[1]);
	assert_int_equal(attach_tick(&f.attach, 2 * ATTACH_LIFE_MS), ATTACH_FAILED);
	assert_int_equal(f.attach.state, ATTACH_WAITING);
	assert_int_equal(f.sent_count, 2);
	assert_int_equal(attach_tick(&f.attach, attach_deadline(&f.attach)), ATTACH_NOTHING);
	assert_int_equal(f.sent_count, 3);
	assert_true(sip_address_is_same_host(&f.sent_to[2], &f.attach.gateways[0]));
	fixture_end(&f);
}

static void terminals_of_a_lost_gateway_come_to_the_next_one_by_one(void **state)
{
	uint64_t first = UINT64_MAX, last = 0;
	struct fixture f;

	(void)state;
	fixture_make(&f, "secret", 2);
	for (unsigned i = 0; i < 50; i++) {
		f.attach.gateway = 0;
		attach_begin_elsewhere(&f.attach, 1000);
		assert_int_equal(f.attach.gateway, 1);
		assert_in_range(attach_deadline(&f.attach), 1000, 1000 + ATTACH_SPREAD_MS);
		first = timer_earlier(first, attach_deadline(&f.attach));
		last = attach_deadline(&f.attach) > last ? attach_deadline(&f.attach) : last;
	}
	assert_true(last - first > ATTACH_SPREAD_MS / 4);
	attach_tick(&f.attach, attach_deadline(&f.attach));
	assert_int_equal(f.attach.state, ATTACH_ASKING);
	fixture_end(&f);
}

static void waits_grow_up_to_their_limit(void **state)
{
	uint64_t now = 0, longest = 0;
	struct fixture f;

	(void)state;
	fixture_make(&f, "right", 1);
	attach_begin(&f.attach, now);
	for (unsigned i = 0; i < 30; i++) {
		uint64_t wait;

		now = f.attach.end_ms;
		assert_int_equal(attach_tick(&f.attach, now), ATTACH_FAILED);
		wait = attach_deadline(&f.attach) - now;
		longest = wait > longest ? wait : longest;
		now = attach_deadline(&f.attach);
		assert_int_equal(attach_tick(&f.attach, now), ATTACH_NOTHING);
		forget(&f);
	}
	assert_true(longest > ATTACH_WAIT_MOST_MS / 2);
	assert_true(longest <= ATTACH_WAIT_MOST_MS * 3 / 2);
	fixture_end(&f);
}

static void failed_rekey_is_told_once_and_not_tried_elsewhere(void **state)
{
	struct fixture f;

	(void)state;
	fixture_make(&f, "right", 2);
	attach_begin_rekey(&f.attach, 0);
	assert_int_equal(attach_tick(&f.attach, ATTACH_LIFE_MS), ATTACH_FAILED);
	assert_int_equal(f.attach.state, ATTACH_IDLE);
	assert_int_equal(f.attach.gateway, 0);
	assert_int_equal(attach_deadline(&f.attach), TIMER_NEVER);
	fixture_end(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(four_messages_make_a_channel_that_carries_both_ways),
		cmocka_unit_test(unanswered_message_comes_again_byte_for_byte),
		cmocka_unit_test(message_3_sent_twice_makes_one_sa),
		cmocka_unit_test(wrong_password_fails_and_waits_before_it_tries_again),
		cmocka_unit_test(answer_changed_on_its_way_is_passed_over),
		cmocka_unit_test(silent_gateway_is_left_for_the_next_then_all_later),
		cmocka_unit_test(terminals_of_a_lost_gateway_come_to_the_next_one_by_one),
		cmocka_unit_test(waits_grow_up_to_their_limit),
		cmocka_unit_test(failed_rekey_is_told_once_and_not_tried_elsewhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
