/* What is refused of message 3, and that nobody learns who exists. */
#include "controlplane/keyexchange/exchange.h"

#include "tests/unit/shared/sip_check.h"
#include <time.h>

#include "shared/base64url.h"
#include "shared/keyexchange/scram_messages.h"
#include "tests/unit/keyexchange/exchange_scene.h"

/* A copy of a reply with what differs by chance replaced: tag, branch, Call-ID, names. */
static size_t without_chance(const struct scene *s, char *out, size_t cap)
{
	struct sip_message m;
	struct writer w = writer_make(out, cap);

	assert_int_equal(sip_message_parse(s->outcome.reply, s->outcome.reply_len, &m),
			 SIP_VERDICT_OK);
	writer_bytes(&w, s->outcome.reply, m.lines[0].start);
	for (unsigned n = 0; n < m.line_count; n++) {
		writer_slice(&w, sip_message_line_name(&m, n));
		writer_u32(&w, m.lines[n].id == SIP_HEADER_CALL_ID
				       ? 0
				       : (uint32_t)sip_message_line(&m, n).len);
		WRITER_LITERAL(&w, "\n");
	}
	writer_slice(&w, sip_message_body(&m));
	return w.len;
}

static void wrong_unknown_and_disabled_are_answered_alike(void **state)
{
	struct scene *s = *state;
	const struct {
		struct slice aor, subscriber, password;
		bool is_disabled;
	} rows[] = {
		{SCENE_ALICE, SLICE(""), SLICE("wrong horse"), false},
		{SLICE("user-x@abc.com"), SLICE(""), SCENE_PASSWORD, false},
		{SCENE_ALICE, SLICE(""), SCENE_PASSWORD, true},
		{SLICE("user-b@abc.com"), SCENE_ALICE, SCENE_PASSWORD, false}, /* not his name */
	};
	char want[2048], got[2048];
	size_t want_len = 0;

	for (size_t n = 0; n < COUNT(rows); n++) {
		struct initiator_settings settings = scene_terminal(rows[n].aor, rows[n].password);
		struct initiator *i;
		size_t len;

		settings.subscriber = rows[n].subscriber;
		s->alice.is_enabled = !rows[n].is_disabled;
		i = scene_initiator(&settings);
		scene_to_message_3(s, i);
		assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_REFUSED);
		len = without_chance(s, got, sizeof(got));
		if (n == 0) {
			memcpy(want, got, len);
			want_len = len;
		}
		assert_int_equal(len, want_len);
		assert_memory_equal(got, want, len);
		scene_return(s, i, INITIATOR_REFUSED);
		initiator_destroy(i);
	}
	assert_int_equal(sa_allocator_used(s->allocator), 0);
}

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static int compare(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

#define TIMED_RUNS 1000

/* Told, not asserted: the machine is shared. Interleaved, so that both see the same neighbours. */
static void how_long_wrong_and_unknown_take_is_told(void **state)
{
	struct scene *s = *state;
	static uint64_t times[2][TIMED_RUNS];
	struct initiator *who[2] = {scene_started(SCENE_ALICE, SLICE("wrong horse")),
				    scene_started(SLICE("user-x@abc.com"), SLICE("wrong horse"))};

	for (unsigned k = 0; k < 2; k++)
		scene_to_message_3(s, who[k]);
	for (unsigned n = 0; n < TIMED_RUNS; n++) {
		for (unsigned k = 0; k < 2; k++) {
			uint64_t from = now_ns();

			assert_int_equal(scene_give(s, initiator_message(who[k])),
					 EXCHANGE_REFUSED);
			times[k][n] = now_ns() - from;
		}
	}
	for (unsigned k = 0; k < 2; k++)
		qsort(times[k], TIMED_RUNS, sizeof(times[k][0]), compare);
	print_message("403 to message 3, median ns over %d runs: wrong password %llu, unknown "
		      "subscriber %llu\n",
		      TIMED_RUNS, (unsigned long long)times[0][TIMED_RUNS / 2],
		      (unsigned long long)times[1][TIMED_RUNS / 2]);
	initiator_destroy(who[0]);
	initiator_destroy(who[1]);
}

static void what_was_changed_on_the_way_is_refused(void **state)
{
	struct scene *s = *state;
	static const struct {
		const char *from, *to;
	} rows[] = {
		/* weaker suites, and only one of them */
		{"\"aes-128-gcm-16,aes-256-gcm-16\"", "\"null-hmac-sha-256-128\""},
		{"aes-128-gcm-16,aes-256-gcm-16", "aes-256-gcm-16,aes-128-gcm-16"},
		/* another view of the address, another padding, a header more */
		{"address=\"[2001:1234::10]", "address=\"[2001:1234::11]"},
		{"Security-Padding: 0", "Security-Padding: 1"},
		{"Max-Forwards: 70", "Max-Forwards: 69"},
	};

	for (size_t n = 0; n < COUNT(rows); n++) {
		struct initiator *i = scene_started(SCENE_ALICE, SCENE_PASSWORD);
		struct slice m = scene_changed(initiator_message(i), rows[n].from, rows[n].to);
		char padded[4096];
		enum initiator_event event;

		memcpy(padded, m.at, m.len);
		m = scene_changed(slice_make(padded, m.len), "Security-Padding: ",
				  m.len < 1200 ? "Security-Padding: 0000000000"
					       : "Security-Padding: ");
		assert_int_equal(scene_give(s, m), EXCHANGE_CHALLENGED);
		/* a terminal that finds a suite it has not offered stops here */
		if (initiator_receive(i, scene_reply(s), &event) == RESULT_OK) {
			assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_REFUSED);
			assert_int_equal(scene_status(s), 403);
		}
		initiator_destroy(i);
	}
	assert_int_equal(sa_allocator_used(s->allocator), 0);
}

/* The terminal's share replaced by zero, and by points of low order. */
static void low_order_shares_are_refused(void **state)
{
	struct scene *s = *state;
	static const uint8_t points[][32] = {
		{0},
		{1},
		{0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3,
		 0xfa, 0xf1, 0x9f, 0xc4, 0x6a, 0xda, 0x09, 0x8d, 0xeb, 0x9c, 0x32,
		 0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16, 0x5f, 0x49, 0xb8, 0x00},
	};

	for (size_t n = 0; n < COUNT(points); n++) {
		struct initiator *i = scene_started(SCENE_ALICE, SCENE_PASSWORD);
		struct slice m = initiator_message(i);
		const char *at = memmem(m.at, m.len, ";share=", 7);
		char was[64], share[64] = ";share=";
		struct writer w = writer_make(share + 7, sizeof(share) - 7);

		snprintf(was, sizeof(was), "%.50s", at);
		base64url_encode(&w, points[n], 32);
		assert_int_equal(scene_give(s, scene_changed(m, was, share)), EXCHANGE_CHALLENGED);
		scene_return(s, i, INITIATOR_SEND);
		assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_REFUSED);
		assert_int_equal(sa_allocator_used(s->allocator), 0);
		initiator_destroy(i);
	}
}

static void one_bit_of_the_sealed_part_is_enough_to_refuse(void **state)
{
	struct scene *s = *state;
	struct initiator *i = scene_started(SCENE_ALICE, SCENE_PASSWORD);
	struct slice m;
	char changed[2048];

	scene_to_message_3(s, i);
	m = initiator_message(i);
	for (size_t at = m.len - 246; at < m.len; at += 5) {
		memcpy(changed, m.at, m.len);
		changed[at] ^= 1;
		assert_int_equal(scene_give(s, slice_make(changed, m.len)), EXCHANGE_REFUSED);
	}
	/* and of the head, which is sealed along */
	assert_int_equal(scene_give(s, scene_changed(m, "Max-Forwards: 70", "Max-Forwards: 69")),
			 EXCHANGE_REFUSED);
	assert_int_equal(scene_give(s, m), EXCHANGE_ESTABLISHED);
	initiator_destroy(i);
}

static void malformed_messages_get_400(void **state)
{
	struct scene *s = *state;
	static const struct {
		const char *from, *to;
	} rows[] = {
		{"Security-Cookie: ", "Security-Cooky: "},
		{"Security-Cookie: ", "Security-Cookie: x\r\nSecurity-Cookie: "},
		{"Content-Type: ", "Security-Client: x\r\nContent-Type: "},
		{"Content-Type: ", "Authorization: x\r\nContent-Type: "},
		{"To: <sip:user-a@", "To: <sip:user-b@"},
		{"Content-Length: 246", "Content-Length: 245"},
		{"Content-Length: 246", "Content-Length: 15"},
		{"Content-Length: 246", "Content-Length: 0"},
		{"REGISTER sip:abc.com SIP", "\r\nREGISTER sip:abc.com SIP"},
	};
	struct initiator *i = scene_started(SCENE_ALICE, SCENE_PASSWORD);

	scene_to_message_3(s, i);
	for (size_t n = 0; n < COUNT(rows); n++) {
		enum exchange_verdict verdict = scene_give(
			s, scene_changed(initiator_message(i), rows[n].from, rows[n].to));

		assert_row(rows[n].to, verdict == EXCHANGE_MALFORMED);
	}
	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_ESTABLISHED);
	initiator_destroy(i);
}

static void a_password_changed_meanwhile_is_refused(void **state)
{
	struct scene *s = *state;
	struct initiator *i = scene_started(SCENE_ALICE, SCENE_PASSWORD);

	scene_to_message_3(s, i);
	assert_int_equal(scram_verifier_derive(SLICE("new horse"), SLICE("0123456789abcdef"), 4096,
					       &s->alice.verifier),
			 RESULT_OK);
	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_REFUSED);
	initiator_destroy(i);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCENE_TEST(wrong_unknown_and_disabled_are_answered_alike),
		SCENE_TEST(how_long_wrong_and_unknown_take_is_told),
		SCENE_TEST(what_was_changed_on_the_way_is_refused),
		SCENE_TEST(low_order_shares_are_refused),
		SCENE_TEST(one_bit_of_the_sealed_part_is_enough_to_refuse),
		SCENE_TEST(malformed_messages_get_400),
		SCENE_TEST(a_password_changed_meanwhile_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
