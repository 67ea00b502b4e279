#include "shared/keyexchange/initiator.h"

#include "tests/unit/shared/sip_check.h"
#include "shared/limits.h"
#include "shared/sip/message.h"
#include "tests/unit/keyexchange/fixed_random.h"
#include "tests/unit/keyexchange/vectors.h"

/* An initiator that draws what the worked vectors draw. */
struct scene {
	struct vectors *v;
	struct fixed_random random;
	struct initiator_settings settings;
	struct initiator *i;
};

static struct slice counted(uint8_t start)
{
	static uint8_t bytes[256 + 32];

	for (size_t n = 0; n < sizeof(bytes); n++)
		bytes[n] = (uint8_t)n;
	return slice_make(bytes + start, 15);
}

static uint32_t vector_spi(struct scene *s)
{
	const uint8_t *at = (const uint8_t *)vectors_value(s->v, "spi terminal").at;

	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static int set_up(void **state)
{
	static struct scene scene;
	static uint32_t spi;
	struct scene *s = &scene;

	memset(s, 0, sizeof(*s));
	s->v = vectors_create();
	spi = vector_spi(s);
	s->random.part[0] = counted(0x20); /* Call-ID */
	s->random.part[1] = counted(0x30); /* From tag */
	s->random.part[2] = vectors_value(s->v, "scalar terminal");
	s->random.part[3] = vectors_value(s->v, "Ni");
	s->random.part[4] = counted(0x60); /* branches */
	s->random.part[5] = slice_make(&spi, sizeof(spi));
	s->random.part[6] = counted(0x70);
	s->random.count = 7;
	s->settings = (struct initiator_settings){
		.domain = SLICE("abc.com"),
		.aor = SLICE("user-a@abc.com"),
		.password = vectors_value(s->v, "password"),
		.suites = {.suite = {SUITE_AES_128_GCM_16, SUITE_AES_256_GCM_16}, .count = 2},
		.random = fixed_random_source(&s->random),
	};
	assert_int_equal(
		sip_address_parse_port(SLICE("[2001:1234::10]:5060"), &s->settings.address),
		RESULT_OK);
	assert_int_equal(initiator_create(&s->settings, &s->i), RESULT_OK);
	assert_int_equal(initiator_start(s->i), RESULT_OK);
	*state = s;
	return 0;
}

static int tear_down(void **state)
{
	struct scene *s = *state;

	initiator_destroy(s->i);
	vectors_destroy(s->v);
	return 0;
}

static enum result give(struct scene *s, struct slice datagram, enum initiator_event want)
{
	enum initiator_event event;
	enum result result = initiator_receive(s->i, datagram, &event);

	if (result == RESULT_OK)
		assert_int_equal(event, want);
	return result;
}

static void to_message_3(struct scene *s)
{
	assert_int_equal(give(s, vectors_block(s->v, "message-2"), INITIATOR_SEND), RESULT_OK);
}

static void assert_same_bytes(struct slice got, struct slice want)
{
	assert_int_equal(got.len, want.len);
	assert_memory_equal(got.at, want.at, want.len);
}

static void the_exchange_is_that_of_the_page(void **state)
{
	struct scene *s = *state;
	struct slice in = vectors_value(s->v, "SA(2) suite 1");
	struct slice out = vectors_value(s->v, "SA(1) suite 1");
	const struct initiator_sa *sa;

	assert_same_bytes(initiator_message(s->i), vectors_block(s->v, "message-1"));
	to_message_3(s);
	assert_same_bytes(initiator_message(s->i),
			  vectors_message(s->v, "message-3-head", "message 3 body"));
	assert_null(initiator_established(s->i));
	assert_int_equal(give(s, vectors_message(s->v, "message-4-head", "message 4 body"),
			      INITIATOR_ESTABLISHED),
			 RESULT_OK);
	sa = initiator_established(s->i);
	assert_non_null(sa);
	assert_memory_equal(sa->key_in, in.at, in.len);
	assert_memory_equal(sa->key_out, out.at, out.len);
	assert_int_equal(sa->spi_in, 0xa1b2c3d4);
	assert_int_equal(sa->spi_out, 0x01000001);
	assert_int_equal(sa->level, 3);
	assert_int_equal(sa->mode, KEYEXCHANGE_TRANSPORT);
	assert_int_equal(sa->hard_s, 3600);
	assert_int_equal(initiator_status(s->i), 200);
	assert_int_equal(initiator_cseq_next(s->i), 3);
}

/* Message 2 with one text replaced by another of any length; Content-Length is 0 in both. */
static struct slice changed(struct scene *s, const char *block, const char *from, const char *to)
{
	static char buffer[2048];
	struct slice m = vectors_block(s->v, block);
	char *at = memmem(m.at, m.len, from, strlen(from));
	size_t before;

	assert_non_null(at);
	before = (size_t)(at - m.at);
	memcpy(buffer, m.at, before);
	memcpy(buffer + before, to, strlen(to));
	memcpy(buffer + before + strlen(to), at + strlen(from), m.len - before - strlen(from));
	return slice_make(buffer, m.len - strlen(from) + strlen(to));
}

static void what_is_no_answer_is_ignored(void **state)
{
	struct scene *s = *state;

	assert_int_equal(give(s, SLICE("\r\n\r\n"), INITIATOR_IGNORED), RESULT_OK);
	assert_int_equal(give(s, vectors_block(s->v, "message-1"), INITIATOR_IGNORED), RESULT_OK);
	assert_int_equal(give(s, vectors_message(s->v, "message-4-head", "message 4 body"),
			      INITIATOR_IGNORED),
			 RESULT_OK);
	assert_int_equal(give(s, changed(s, "message-2", "branch=z9hG4bKY", "branch=z9hG4bKZ"),
			      INITIATOR_IGNORED),
			 RESULT_OK);
	assert_int_equal(give(s, changed(s, "message-2", "CSeq: 1", "CSeq: 7"), INITIATOR_IGNORED),
			 RESULT_OK);
	assert_int_equal(give(s, changed(s, "message-2", "401 Unauthorized", "100 Trying"),
			      INITIATOR_IGNORED),
			 RESULT_OK);
	to_message_3(s);
	assert_int_equal(give(s, vectors_block(s->v, "message-2"), INITIATOR_IGNORED), RESULT_OK);
}

static void a_dishonest_message_2_is_refused_and_the_honest_one_still_taken(void **state)
{
	struct scene *s = *state;
	struct slice message1 = initiator_message(s->i);

	/* a suite that was not offered; no share; a share of order one; another nonce than SCRAM's
	 */
	assert_int_equal(
		give(s,
		     changed(s, "message-2", "suite=aes-128-gcm-16", "suite=null-hmac-sha-256-128"),
		     INITIATOR_SEND),
		RESULT_DENIED);
	assert_int_equal(give(s, changed(s, "message-2", ";share=", ";chare="), INITIATOR_SEND),
			 RESULT_BAD);
	assert_int_equal(give(s,
			      changed(s, "message-2", "eaYx7t4b-cmPEgMs3q3Q56B5OY_HhriMyEbsia-FpRo",
				      "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
			      INITIATOR_SEND),
			 RESULT_DENIED);
	assert_int_equal(give(s,
			      changed(s, "message-2", "eaYx7t4b-cmPEgMs3q3Q56B5OY_HhriMyEbsia-FpRo",
				      "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
			      INITIATOR_SEND),
			 RESULT_DENIED);
	assert_int_equal(
		give(s, changed(s, "message-2", "nonce=oKGio6", "nonce=oKGio7"), INITIATOR_SEND),
		RESULT_DENIED);
	assert_int_equal(
		give(s,
		     changed(s, "message-2", "WWW-Authenticate: SCRAM", "WWW-Authenticate: SCRUM"),
		     INITIATOR_SEND),
		RESULT_BAD);
	assert_same_bytes(initiator_message(s->i), message1);
	to_message_3(s);
}

/* The server-first with other iterations, in the place of the page's. */
static struct slice with_iterations(struct scene *s, const char *iterations)
{
	static char buffer[2048];
	struct slice m = vectors_block(s->v, "message-2");
	const char *start = memmem(m.at, m.len, "data=\"", 6);
	struct slice scram;
	char decoded[256], first[256];
	struct writer w = writer_make(buffer, sizeof(buffer));
	const char *end, *value;

	value = memmem(m.at, m.len, "SCRAM-SHA-256", 13);
	end = memmem(value, (size_t)(m.at + m.len - value), "\r\n", 2);
	assert_int_equal(scram_data_parse(slice_make(value, (size_t)(end - value)), decoded,
					  sizeof(decoded), &scram),
			 RESULT_OK);
	scram.len -= 4;
	snprintf(first, sizeof(first), "%.*s%s", (int)scram.len, scram.at, iterations);
	writer_bytes(&w, m.at, (size_t)(value - m.at));
	scram_challenge_write(&w, SLICE("abc.com"), text_slice(first));
	writer_bytes(&w, end, (size_t)(m.at + m.len - end));
	assert_non_null(start);
	return slice_make(buffer, w.len);
}

static void iterations_out_of_range_are_refused(void **state)
{
	struct scene *s = *state;

	assert_int_equal(give(s, with_iterations(s, "4095"), INITIATOR_SEND), RESULT_DENIED);
	assert_int_equal(give(s, with_iterations(s, "1000001"), INITIATOR_SEND), RESULT_DENIED);
	assert_int_equal(give(s, with_iterations(s, "1"), INITIATOR_SEND), RESULT_DENIED);
	to_message_3(s);
}

static void a_message_2_that_was_changed_on_the_way_opens_no_message_4(void **state)
{
	struct scene *s = *state;

	/* another legal suite: accepted for now, but H12, K3 and all after it are others */
	assert_int_equal(
		give(s, changed(s, "message-2", "suite=aes-128-gcm-16", "suite=aes-256-gcm-16"),
		     INITIATOR_SEND),
		RESULT_OK);
	assert_int_equal(give(s, vectors_message(s->v, "message-4-head", "message 4 body"),
			      INITIATOR_ESTABLISHED),
			 RESULT_DENIED);
	assert_null(initiator_established(s->i));
}

static void one_bit_of_message_4_is_enough_to_refuse(void **state)
{
	struct scene *s = *state;
	static char buffer[2048];
	struct slice m = vectors_message(s->v, "message-4-head", "message 4 body");

	to_message_3(s);
	for (size_t at = m.len - 217; at < m.len; at += 8) {
		memcpy(buffer, m.at, m.len);
		buffer[at] ^= 1;
		assert_int_equal(give(s, slice_make(buffer, m.len), INITIATOR_ESTABLISHED),
				 RESULT_DENIED);
	}
	assert_int_equal(give(s, m, INITIATOR_ESTABLISHED), RESULT_OK);
}

/* The bare 401 of a flood to what the terminal has sent last. */
static struct slice cookie_asked(const struct initiator *i)
{
	static char buffer[1024];
	struct slice sent = initiator_message(i);
	struct sip_message m;
	int len;

	assert_int_equal(sip_message_parse(sent.at, sent.len, &m), SIP_VERDICT_OK);
	len = snprintf(buffer, sizeof(buffer),
		       "SIP/2.0 401 Unauthorized\r\n"
		       "Via: SIP/2.0/UDP [2001:1234::10]:5060;branch=%.*s;rport\r\n"
		       "From: <sip:user-a@abc.com>;tag=MDEyMzQ1Njc4OTo7PD0-\r\n"
		       "To: <sip:user-a@abc.com>;tag=x\r\n"
		       "Call-ID: ICEiIyQlJicoKSorLC0u\r\n"
		       "CSeq: %u REGISTER\r\n"
		       "Security-Cookie: Zm9v\r\n"
		       "Content-Length: 0\r\n\r\n",
		       (int)m.via.branch.len, m.via.branch.at, m.cseq.number);
	return slice_make(buffer, (size_t)len);
}

static void a_flooded_gateway_gets_message_1_with_its_cookie(void **state)
{
	struct scene *s = *state;
	struct slice m;

	s->random.part[6] = counted(0x70); /* a branch for each message 1 */
	s->random.part[5] = counted(0x80);
	s->random.part[7] = counted(0x90);
	s->random.part[8] = counted(0xa0);
	s->random.count = 9;
	for (int n = 0; n < 4; n++)
		assert_int_equal(give(s, cookie_asked(s->i), INITIATOR_SEND), RESULT_OK);
	m = initiator_message(s->i);
	assert_non_null(memmem(m.at, m.len, "Security-Cookie: Zm9v\r\n", 23));
	assert_null(memmem(m.at, m.len, "Security-Padding", 16));
	assert_int_equal(give(s, cookie_asked(s->i), INITIATOR_SEND), RESULT_BAD);
}

static void an_answer_to_message_1_as_it_was_before_the_cookie_is_ignored(void **state)
{
	struct scene *s = *state;
	struct slice asked = cookie_asked(s->i), m;
	char sent[LIMIT_KEYEXCHANGE_MESSAGE_BYTES];

	s->random.part[5] = counted(0x80);
	assert_int_equal(give(s, asked, INITIATOR_SEND), RESULT_OK);
	m = initiator_message(s->i);
	memcpy(sent, m.at, m.len);
	assert_non_null(memmem(m.at, m.len, "CSeq: 2 REGISTER\r\n", 18));
	assert_int_equal(give(s, asked, INITIATOR_IGNORED), RESULT_OK);
	assert_int_equal(initiator_message(s->i).len, m.len);
	assert_memory_equal(initiator_message(s->i).at, sent, m.len);
}

static struct slice answer_3(const char *status_line)
{
	static char buffer[1024];
	int len = snprintf(buffer, sizeof(buffer),
			   "SIP/2.0 %s\r\n"
			   "Via: SIP/2.0/UDP [2001:1234::10]:5060"
			   ";branch=z9hG4bKcHFyc3R1dnd4eXp7fH1-;rport\r\n"
			   "From: <sip:user-a@abc.com>;tag=MDEyMzQ1Njc4OTo7PD0-\r\n"
			   "To: <sip:user-a@abc.com>;tag=x\r\n"
			   "Call-ID: ICEiIyQlJicoKSorLC0u\r\n"
			   "CSeq: 2 REGISTER\r\n"
			   "Content-Length: 0\r\n\r\n",
			   status_line);

	return slice_make(buffer, (size_t)len);
}

static void a_403_says_refused(void **state)
{
	struct scene *s = *state;

	to_message_3(s);
	assert_int_equal(give(s, answer_3("403 Forbidden"), INITIATOR_REFUSED), RESULT_OK);
	assert_int_equal(initiator_status(s->i), 403);
}

static void a_401_to_message_3_says_start_again(void **state)
{
	struct scene *s = *state;

	to_message_3(s);
	assert_int_equal(give(s, answer_3("401 Unauthorized"), INITIATOR_RESTART), RESULT_OK);
}

static void a_200_without_proof_is_refused(void **state)
{
	struct scene *s = *state;

	to_message_3(s);
	assert_int_equal(give(s, answer_3("200 OK"), INITIATOR_ESTABLISHED), RESULT_BAD);
	assert_null(initiator_established(s->i));
}

static void a_503_says_failed(void **state)
{
	struct scene *s = *state;

	to_message_3(s);
	assert_int_equal(give(s, answer_3("503 Service Unavailable"), INITIATOR_FAILED), RESULT_OK);
	assert_int_equal(initiator_status(s->i), 503);
}

static void settings_that_cannot_be_said_are_refused(void **state)
{
	struct scene *s = *state;
	static const char *const aors[] = {"",
					   "abc.com",
					   "a b@abc.com",
					   "a@abc.com>\r\nX: y",
					   "a@abc.com;user=phone",
					   "a@abc.com?x=y"};
	static const char *const domains[] = {"", "abc com", "abc.com:5060", "a\r\nb"};
	struct initiator *i;

	for (size_t n = 0; n < COUNT(aors); n++) {
		struct initiator_settings settings = s->settings;

		settings.aor = text_slice(aors[n]);
		assert_row(aors[n], initiator_create(&settings, &i) == RESULT_BAD);
	}
	for (size_t n = 0; n < COUNT(domains); n++) {
		struct initiator_settings settings = s->settings;

		settings.domain = text_slice(domains[n]);
		assert_row(domains[n], initiator_create(&settings, &i) == RESULT_BAD);
	}
}

static void message_1_is_never_longer_than_udp_may_carry(void **state)
{
	struct scene *s = *state;
	struct initiator_settings settings = s->settings;
	char aor[200];
	struct initiator *i;

	memset(aor, 'a', sizeof(aor));
	memcpy(aor + sizeof(aor) - 8, "@abc.com", 8);
	settings.random = random_system();
	for (size_t cut = 0; cut < sizeof(aor) - 9; cut++) {
		struct slice m;
		enum result result;

		settings.aor = slice_make(aor + cut, sizeof(aor) - cut);
		assert_int_equal(initiator_create(&settings, &i), RESULT_OK);
		result = initiator_start(i);
		m = initiator_message(i);
		if (result == RESULT_OK)
			assert_in_range(m.len, LIMIT_KEYEXCHANGE_FIRST_BYTES,
					LIMIT_KEYEXCHANGE_MESSAGE_BYTES);
		else
			assert_int_equal(result, RESULT_SPACE);
		if (sizeof(aor) - cut < 100)
			assert_int_equal(result, RESULT_OK);
		initiator_destroy(i);
	}
}

#define SCENE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCENE(the_exchange_is_that_of_the_page),
		SCENE(what_is_no_answer_is_ignored),
		SCENE(a_dishonest_message_2_is_refused_and_the_honest_one_still_taken),
		SCENE(iterations_out_of_range_are_refused),
		SCENE(a_message_2_that_was_changed_on_the_way_opens_no_message_4),
		SCENE(one_bit_of_message_4_is_enough_to_refuse),
		SCENE(a_flooded_gateway_gets_message_1_with_its_cookie),
		SCENE(an_answer_to_message_1_as_it_was_before_the_cookie_is_ignored),
		SCENE(a_403_says_refused),
		SCENE(a_401_to_message_3_says_start_again),
		SCENE(a_200_without_proof_is_refused),
		SCENE(a_503_says_failed),
		SCENE(settings_that_cannot_be_said_are_refused),
		SCENE(message_1_is_never_longer_than_udp_may_carry),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
