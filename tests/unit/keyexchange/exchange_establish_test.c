#include "controlplane/keyexchange/exchange.h"

#include "tests/unit/shared/sip_check.h"
#include <time.h>

#include "shared/base64url.h"
#include "shared/keyexchange/scram_messages.h"
#include "tests/unit/keyexchange/exchange_scene.h"

#define A SLICE("user-a@abc.com")

/* A 503 that tells the operator why. */
static void assert_unavailable(const struct scene *s, const char *reason)
{
	assert_int_equal(s->outcome.verdict, EXCHANGE_UNAVAILABLE);
	assert_string_equal(s->outcome.reason, reason);
	assert_int_equal(scene_status(s), 503);
}

static struct initiator *terminal(struct slice aor, struct slice password)
{
	struct initiator_settings settings = scene_terminal(aor, password);

	return scene_initiator(&settings);
}

static void the_same_message_3_gets_identical_bytes_and_makes_one_sa(void **state)
{
	struct scene *s = *state;
	struct initiator *i = terminal(A, SCENE_PASSWORD);
	char first[2048];
	size_t first_len;

	scene_to_message_3(s, i);
	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_ESTABLISHED);
	first_len = s->outcome.reply_len;
	memcpy(first, s->outcome.reply, first_len);
	for (unsigned n = 0; n < 10; n++) {
		s->now_ms += 3000;
		assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_REPEATED);
		assert_int_equal(s->outcome.reply_len, first_len);
		assert_memory_equal(s->outcome.reply, first, first_len);
		assert_int_equal(s->outcome.sa.slot.index, 0);
	}
	assert_int_equal(sa_allocator_used(s->allocator), 1);
	s->now_ms += 3000;
	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_COOKIE_WRONG);
	assert_int_equal(scene_status(s), 401);
	assert_int_equal(sa_allocator_used(s->allocator), 1);
	initiator_destroy(i);
}

static void message_3_again_waits_with_the_first_for_the_sa(void **state)
{
	struct scene *s = *state;
	struct initiator *i = terminal(A, SCENE_PASSWORD);
	uint8_t cookie_id[COOKIE_ID_BYTES];

	s->is_unsettled = true;
	scene_to_message_3(s, i);
	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_ESTABLISHED);
	memcpy(cookie_id, s->outcome.cookie_id, sizeof(cookie_id));
	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_AWAITED);
	assert_int_equal(s->outcome.reply_len, 0);
	exchange_settle(s->gateway, cookie_id, true);
	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_REPEATED);
	scene_return(s, i, INITIATOR_ESTABLISHED);
	initiator_destroy(i);
}

static void message_3_whose_sa_came_to_nothing_is_told_to_start_anew(void **state)
{
	struct scene *s = *state;
	struct initiator *i = terminal(A, SCENE_PASSWORD);

	s->is_unsettled = true;
	scene_to_message_3(s, i);
	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_ESTABLISHED);
	exchange_settle(s->gateway, s->outcome.cookie_id, false);
	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_COOKIE_WRONG);
	assert_int_equal(scene_status(s), 401);
	scene_return(s, i, INITIATOR_RESTART);
	/* long after, of what nobody knows any more */
	s->now_ms += 60000;
	exchange_tick(s->gateway, s->now_ms);
	exchange_settle(s->gateway, s->outcome.cookie_id, true);
	initiator_destroy(i);
}

static void another_message_3_on_a_used_cookie_is_refused(void **state)
{
	struct scene *s = *state;
	struct initiator *i = terminal(A, SCENE_PASSWORD);

	scene_to_message_3(s, i);
	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_ESTABLISHED);
	assert_int_equal(scene_give(s, scene_changed(initiator_message(i), "Max-Forwards: 70",
						     "Max-Forwards: 71")),
			 EXCHANGE_COOKIE_WRONG);
	assert_int_equal(scene_status(s), 401);
	assert_null(memmem(s->outcome.reply, s->outcome.reply_len, "Security-Cookie", 15));
	assert_int_equal(sa_allocator_used(s->allocator), 1);
	initiator_destroy(i);
}

static void a_cookie_from_another_address_opens_nothing(void **state)
{
	struct scene *s = *state;
	struct initiator *i = terminal(A, SCENE_PASSWORD);

	scene_to_message_3(s, i);
	s->source.bytes[15] ^= 1;
	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_COOKIE_WRONG);
	s->source.bytes[15] ^= 1;
	s->source.port++;
	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_COOKIE_WRONG);
	s->source.port--;
	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_ESTABLISHED);
	initiator_destroy(i);
}

static void an_expired_cookie_opens_nothing(void **state)
{
	struct scene *s = *state;
	struct initiator *i = terminal(A, SCENE_PASSWORD);

	scene_to_message_3(s, i);
	s->now_ms += s->settings.cookie_lifetime_ms;
	exchange_tick(s->gateway, s->now_ms);
	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_COOKIE_WRONG);
	assert_int_equal(scene_status(s), 401);
	scene_return(s, i, INITIATOR_RESTART);
	initiator_destroy(i);
}

static void a_cookie_of_another_name_opens_nothing(void **state)
{
	struct scene *s = *state;
	struct initiator *i = terminal(A, SCENE_PASSWORD);
	char changed[2048];
	struct slice m;

	scene_to_message_3(s, i);
	m = scene_changed(initiator_message(i), "From: <sip:user-a@", "From: <sip:user-b@");
	memcpy(changed, m.at, m.len);
	m = scene_changed(slice_make(changed, m.len), "To: <sip:user-a@", "To: <sip:user-b@");
	assert_int_equal(scene_give(s, m), EXCHANGE_COOKIE_WRONG);
	m = scene_changed(initiator_message(i), "REGISTER sip:abc.com", "REGISTER sip:example.net");
	assert_int_equal(scene_give(s, m), EXCHANGE_COOKIE_WRONG);
	initiator_destroy(i);
}

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
		{A, SLICE(""), SLICE("wrong horse"), false},
		{SLICE("user-x@abc.com"), SLICE(""), SCENE_PASSWORD, false},
		{A, SLICE(""), SCENE_PASSWORD, true},
		{SLICE("user-b@abc.com"), A, SCENE_PASSWORD, false}, /* not his name */
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
	struct initiator *who[2] = {terminal(A, SLICE("wrong horse")),
				    terminal(SLICE("user-x@abc.com"), SLICE("wrong horse"))};

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
		struct initiator *i = terminal(A, SCENE_PASSWORD);
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
		struct initiator *i = terminal(A, SCENE_PASSWORD);
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
	struct initiator *i = terminal(A, SCENE_PASSWORD);
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
	struct initiator *i = terminal(A, SCENE_PASSWORD);

	scene_to_message_3(s, i);
	for (size_t n = 0; n < COUNT(rows); n++) {
		enum exchange_verdict verdict = scene_give(
			s, scene_changed(initiator_message(i), rows[n].from, rows[n].to));

		assert_row(rows[n].to, verdict == EXCHANGE_MALFORMED);
	}
	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_ESTABLISHED);
	initiator_destroy(i);
}

static void cookies_of_any_bytes_are_refused(void **state)
{
	struct scene *s = *state;
	static const char *const cookies[] = {
		"Security-Cookie: A\r\nX: ",
		"Security-Cookie: \r\nX: ",
		"Security-Cookie: =\r\nX: ",
		"Security-Cookie: a b c\r\nX: ",
		"Security-Cookie: AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\r\nX: ",
	};
	struct initiator *i = terminal(A, SCENE_PASSWORD);

	scene_to_message_3(s, i);
	for (size_t n = 0; n < COUNT(cookies); n++)
		assert_int_equal(scene_give(s, scene_changed(initiator_message(i),
							     "Security-Cookie: ", cookies[n])),
				 EXCHANGE_COOKIE_WRONG);
	initiator_destroy(i);
}

static void a_difference_of_addresses_selects_the_tunnel(void **state)
{
	struct scene *s = *state;
	struct initiator *i = terminal(A, SCENE_PASSWORD);
	const struct initiator_sa *sa;

	s->source.bytes[15] = 0x99;
	s->source.port = 40000;
	scene_to_message_3(s, i);
	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_ESTABLISHED);
	scene_return(s, i, INITIATOR_ESTABLISHED);
	sa = initiator_established(i);
	assert_int_equal(sa->mode, KEYEXCHANGE_UDP_TUNNEL);
	/* Its inner address is the gateway's to give, whatever it said of itself. */
	assert_memory_equal(sa->inner.bytes, ((uint8_t[16]){0xfd, 0, 0, 1, [15] = 1}), 16);
	assert_int_equal(sa->inner.port, 5060);
	assert_true(sip_address_is_same_host(&sa->inner, &s->outcome.sa.inner));
	assert_int_equal(s->outcome.sa.mode, KEYEXCHANGE_UDP_TUNNEL);
	assert_int_equal(s->outcome.sa.outer.bytes[15], 0x99);
	initiator_destroy(i);
}

/* Two terminals claim the same address: each gets one of its own, a third none. */
static void no_two_tunnels_have_one_inner_address(void **state)
{
	struct scene *s = *state;
	struct sip_address given[2];

	s->source.bytes[15] = 0x99;
	for (unsigned n = 0; n < 3; n++) {
		struct initiator *i = terminal(A, SCENE_PASSWORD);

		scene_to_message_3(s, i);
		assert_int_equal(scene_give(s, initiator_message(i)),
				 n < 2 ? EXCHANGE_ESTABLISHED : EXCHANGE_UNAVAILABLE);
		if (n < 2) {
			given[n] = s->outcome.sa.inner;
			inner_pool_hold(s->pool, &given[n]);
		}
		initiator_destroy(i);
	}
	assert_false(sip_address_is_same_host(&given[0], &given[1]));
	assert_int_equal(sa_allocator_used(s->allocator), 2);
}

static void a_terminal_that_wants_udp_gets_it(void **state)
{
	struct scene *s = *state;
	struct initiator_settings settings = scene_terminal(A, SCENE_PASSWORD);
	struct initiator *i;

	settings.wants_encap = true;
	i = scene_initiator(&settings);
	scene_to_message_3(s, i);
	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_ESTABLISHED);
	scene_return(s, i, INITIATOR_ESTABLISHED);
	assert_int_equal(initiator_established(i)->mode, KEYEXCHANGE_UDP_TUNNEL);
	initiator_destroy(i);
}

static void a_rekey_keeps_mode_and_subscriber(void **state)
{
	struct scene *s = *state;
	struct initiator *i = terminal(A, SCENE_PASSWORD);
	struct initiator_settings other = scene_terminal(SLICE("user-c@abc.com"), SCENE_PASSWORD);

	s->through = (struct exchange_through){
		.index = 5, .generation = 1, .mode = KEYEXCHANGE_UDP_TUNNEL, .subscriber = A};
	scene_to_message_3(s, i);
	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_ESTABLISHED);
	scene_return(s, i, INITIATOR_ESTABLISHED);
	assert_int_equal(initiator_established(i)->mode, KEYEXCHANGE_UDP_TUNNEL);
	assert_int_equal(s->outcome.sa.replaces.index, 5);
	assert_int_equal(s->outcome.sa.replaces.generation, 1);
	assert_true(sip_address_is_same_host(&s->outcome.sa.inner, &s->source));
	initiator_destroy(i);
	/* through the SA of another he proves himself in vain */
	other.subscriber = SLICE("carol");
	i = scene_initiator(&other);
	scene_to_message_3(s, i);
	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_REFUSED);
	initiator_destroy(i);
}

static void level_2_is_what_integrity_alone_is_worth(void **state)
{
	struct scene *s = *state;
	struct initiator_settings settings = scene_terminal(A, SCENE_PASSWORD);
	struct initiator *i;

	settings.suites = (struct suite_list){.suite = {SUITE_NULL_HMAC_SHA_256_128}, .count = 1};
	i = scene_initiator(&settings);
	scene_to_message_3(s, i);
	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_ESTABLISHED);
	scene_return(s, i, INITIATOR_ESTABLISHED);
	assert_int_equal(initiator_established(i)->level, 2);
	assert_int_equal(s->outcome.sa.level, 2);
	initiator_destroy(i);
}

static void when_anything_is_full_it_is_503_and_nothing_leaks(void **state)
{
	struct scene *s = *state;
	struct initiator *i = terminal(A, SCENE_PASSWORD);

	s->settings.used_cookies = 3;
	scene_restart(s);
	for (unsigned n = 0; n < 3; n++) {
		assert_int_equal(initiator_start(i), RESULT_OK);
		scene_to_message_3(s, i);
		assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_ESTABLISHED);
	}
	assert_int_equal(initiator_start(i), RESULT_OK);
	scene_to_message_3(s, i);
	(void)scene_give(s, initiator_message(i));
	assert_unavailable(s, "no more SAs may be opened within a cookie's lifetime");
	assert_int_equal(sa_allocator_used(s->allocator), 3);
	s->now_ms += s->settings.cookie_lifetime_ms - 1;
	exchange_tick(s->gateway, s->now_ms + 1);
	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_ESTABLISHED);
	initiator_destroy(i);
}

static void when_every_sa_is_in_use_or_rests_it_is_503_until_there_is_one(void **state)
{
	struct scene *s = *state;
	struct initiator *i = terminal(A, SCENE_PASSWORD);
	struct sa_slot slot[1023];

	for (unsigned n = 0; n < 1023; n++)
		assert_int_equal(sa_allocator_take(s->allocator, s->now_ms / 1000, &slot[n]),
				 RESULT_OK);
	scene_to_message_3(s, i);
	(void)scene_give(s, initiator_message(i));
	assert_unavailable(s, "every SA is in use or rests");
	assert_int_equal(sa_allocator_used(s->allocator), 1023);
	assert_int_equal(sa_allocator_release(s->allocator, slot[0].index, slot[0].generation,
					      s->now_ms / 1000),
			 RESULT_OK);
	/* which rests yet */
	(void)scene_give(s, initiator_message(i));
	assert_unavailable(s, "every SA is in use or rests");
	initiator_destroy(i);
}

#define RATE_PLACES 4096

/* Random enough, and the same each time: SplitMix64 of a count. */
static enum result counted_fill(void *context, void *out, size_t len)
{
	uint64_t *count = context;
	uint8_t *at = out;

	for (size_t i = 0; i < len; i++) {
		uint64_t z = (*count)++ * 0x9e3779b97f4a7c15u;

		z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
		z = (z ^ z >> 27) * 0x94d049bb133111ebu;
		at[i] = (uint8_t)(z >> 56);
	}
	return RESULT_OK;
}

static void one_subscriber_cannot_use_up_the_sa_table(void **state)
{
	uint64_t counted = 1;
	struct scene *s = *state;
	struct initiator *i = terminal(A, SCENE_PASSWORD);
	struct initiator_settings other = scene_terminal(SLICE("user-c@abc.com"), SCENE_PASSWORD);
	unsigned established = 0;

	/* so many places of the rate, by a seed of its own, that no two of them meet in one */
	s->settings.used_cookies = RATE_PLACES;
	s->settings.random = (struct random_source){.fill = counted_fill, .context = &counted};
	scene_restart(s);
	for (unsigned n = 0; n < 50; n++) {
		assert_int_equal(initiator_start(i), RESULT_OK);
		scene_to_message_3(s, i);
		if (scene_give(s, initiator_message(i)) == EXCHANGE_ESTABLISHED)
			established++;
		else
			assert_unavailable(s, "the subscriber opens SAs too often");
	}
	assert_int_equal(established, 16);
	assert_int_equal(sa_allocator_used(s->allocator), 16);
	initiator_destroy(i);
	/* others are served */
	other.subscriber = SLICE("carol");
	i = scene_initiator(&other);
	scene_to_message_3(s, i);
	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_ESTABLISHED);
	initiator_destroy(i);
}

static void while_the_store_is_locked_it_is_503(void **state)
{
	struct scene *s = *state;
	struct initiator *i = terminal(A, SCENE_PASSWORD);

	scene_to_message_3(s, i);
	s->store_result = RESULT_STALE;
	(void)scene_give(s, initiator_message(i));
	assert_unavailable(s, "the store cannot tell");
	assert_string_equal(s->outcome.who, "user-a@abc.com");
	s->store_result = RESULT_OK;
	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_ESTABLISHED);
	initiator_destroy(i);
}

static void a_password_changed_meanwhile_is_refused(void **state)
{
	struct scene *s = *state;
	struct initiator *i = terminal(A, SCENE_PASSWORD);

	scene_to_message_3(s, i);
	assert_int_equal(scram_verifier_derive(SLICE("new horse"), SLICE("0123456789abcdef"), 4096,
					       &s->alice.verifier),
			 RESULT_OK);
	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_REFUSED);
	initiator_destroy(i);
}

#define SCENE(test) cmocka_unit_test_setup_teardown(test, scene_set_up, scene_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCENE(the_same_message_3_gets_identical_bytes_and_makes_one_sa),
		SCENE(message_3_again_waits_with_the_first_for_the_sa),
		SCENE(message_3_whose_sa_came_to_nothing_is_told_to_start_anew),
		SCENE(another_message_3_on_a_used_cookie_is_refused),
		SCENE(a_cookie_from_another_address_opens_nothing),
		SCENE(an_expired_cookie_opens_nothing),
		SCENE(a_cookie_of_another_name_opens_nothing),
		SCENE(wrong_unknown_and_disabled_are_answered_alike),
		SCENE(how_long_wrong_and_unknown_take_is_told),
		SCENE(what_was_changed_on_the_way_is_refused),
		SCENE(low_order_shares_are_refused),
		SCENE(one_bit_of_the_sealed_part_is_enough_to_refuse),
		SCENE(malformed_messages_get_400),
		SCENE(cookies_of_any_bytes_are_refused),
		SCENE(a_difference_of_addresses_selects_the_tunnel),
		SCENE(no_two_tunnels_have_one_inner_address),
		SCENE(a_terminal_that_wants_udp_gets_it),
		SCENE(a_rekey_keeps_mode_and_subscriber),
		SCENE(level_2_is_what_integrity_alone_is_worth),
		SCENE(when_anything_is_full_it_is_503_and_nothing_leaks),
		SCENE(when_every_sa_is_in_use_or_rests_it_is_503_until_there_is_one),
		SCENE(one_subscriber_cannot_use_up_the_sa_table),
		SCENE(while_the_store_is_locked_it_is_503),
		SCENE(a_password_changed_meanwhile_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
