#include "controlplane/registrar/uas.h"

#include "shared/keyexchange/initiator.h"
#include "tests/unit/shared/sip_check.h"

/* A whole gateway but for its data plane, which is this test; and a terminal. */

#define A	 "user-a@abc.com"
#define SENT_MAX 32

static const char password[] = "correct horse";

struct sent {
	uint16_t id;
	size_t sip_len;
	union {
		struct contract_sa sa;
		struct contract_sa_ref sa_ref;
		struct contract_sip_send sip;
		struct contract_sip_enter enter;
		struct contract_binding binding;
	} m;
	char text[4096]; /* of a SIP_SEND or SIP_ENTER */
};

struct scene {
	struct sa_allocator *allocator;
	struct exchange *exchange;
	struct registrar *registrar;
	struct digest *digest;
	struct uas *uas;
	struct initiator *terminal;
	struct subscriber_credential alice;
	struct sent sent[SENT_MAX];
	unsigned sent_count;
	enum exchange_verdict verdict;
	bool is_silent;		   /* the data plane says nothing of an SA yet */
	enum result sa_result;	   /* else what it says, at once */
	enum digest_verdict unproved;
	char proved[256];
	uint64_t now_ms;
};

static void note(void *context, const struct contract_header *message)
{
	struct scene *s = context;
	struct sent *sent = &s->sent[s->sent_count++];
	size_t fixed = message->length;

	assert_true(s->sent_count <= SENT_MAX);
	assert_int_equal(contract_validate(message, message->length), RESULT_OK);
	sent->id = message->id;
	if (message->id == CONTRACT_SIP_SEND || message->id == CONTRACT_SIP_ENTER) {
		fixed = message->id == CONTRACT_SIP_SEND ? sizeof(struct contract_sip_send)
							 : sizeof(struct contract_sip_enter);
		sent->sip_len = message->length - fixed;
		assert_true(sent->sip_len <= sizeof(sent->text));
		memcpy(sent->text, (const char *)message + fixed, sent->sip_len);
	}
	if (fixed <= sizeof(sent->m))
		memcpy(&sent->m, message, fixed);
	if (message->id == CONTRACT_SA_PUT && !s->is_silent)
		uas_sa_answered(s->uas, sent->m.sa.index, sent->m.sa.generation, s->sa_result,
				s->now_ms);
}

static void exchanged(void *context, const struct exchange_outcome *outcome,
		      const struct contract_address *source)
{
	struct scene *s = context;

	assert_int_equal(source->port, 5060);
	s->verdict = outcome->verdict;
	snprintf(s->proved, sizeof(s->proved), "%s", outcome->sa.subscriber);
}

static enum result credential(void *context, struct slice subscriber,
			      struct subscriber_credential *out)
{
	struct scene *s = context;

	if (!slice_is_equal(subscriber, SLICE(A)))
		return RESULT_NOT_FOUND;
	*out = s->alice;
	return RESULT_OK;
}

static enum result digest_user(void *context, struct slice username, struct digest_user *out)
{
	(void)context;
	if (!slice_is_equal(username, SLICE(A)))
		return RESULT_NOT_FOUND;
	out->identity_count = 1;
	memcpy(out->identity[0], A, sizeof(A));
	return digest_verifier_make(username, SLICE("abc.com"), SLICE(password), out->verifier);
}

static void unproved(void *context, enum digest_verdict verdict,
		     const struct contract_address *source)
{
	struct scene *s = context;

	assert_int_equal(source->port, 5060);
	s->unproved = verdict;
}

static bool is_legacy(void *context, struct slice subscriber)
{
	(void)context, (void)subscriber;
	return false;
}

static enum result identity(void *context, struct slice aor, struct contract_identity *out)
{
	(void)context, (void)aor, (void)out;
	return RESULT_NOT_FOUND;
}

static void released(void *context, uint32_t index, uint8_t generation)
{
	struct scene *s = context;

	assert_int_equal(sa_allocator_release(s->allocator, index, generation, s->now_ms / 1000),
			 RESULT_OK);
}

static void start_gateway(struct scene *s)
{
	struct exchange_settings x = {
		.domains = {SLICE("abc.com")},
		.domain_count = 1,
		.suites = {.suite = {SUITE_AES_128_GCM_16}, .count = 1},
		.soft_s = 2700,
		.hard_s = 3600,
		.cookie_lifetime_ms = 32000,
		.used_cookies = 16,
		.flood_threshold = 100,
		.iterations = 4096,
		.store = {.credential = credential, .context = s},
		.random = random_system(),
	};
	struct registrar_settings r = {
		.domains = {SLICE("abc.com")},
		.domain_count = 1,
		.sa_capacity = 64,
		.binding_capacity = 64,
		.expires_min_s = 60,
		.expires_default_s = 3600,
		.expires_max_s = 7200,
		.attach_s = 30,
		.linger_s = 32,
		.store = x.store,
		.out = {.send = note,
			.identity = identity,
			.is_legacy = is_legacy,
			.sa_released = released,
			.context = s},
	};
	struct uas_settings u = {.send = note,
				 .exchanged = exchanged,
				 .unproved = unproved,
				 .realm = SLICE("abc.com"),
				 .context = s};

	assert_int_equal(sa_allocator_create(64, 1, 3600, &s->allocator), RESULT_OK);
	x.allocator = s->allocator;
	assert_int_equal(exchange_create(&x, &s->exchange), RESULT_OK);
	assert_int_equal(registrar_create(&r, &s->registrar), RESULT_OK);
	assert_int_equal(digest_create(random_system(), digest_user, s, &s->digest), RESULT_OK);
	u.digest = s->digest;
	u.exchange = s->exchange;
	u.registrar = s->registrar;
	assert_int_equal(uas_create(&u, &s->uas), RESULT_OK);
}

static int set_up(void **state)
{
	struct scene *s = calloc(1, sizeof(*s));
	struct initiator_settings t = {
		.domain = SLICE("abc.com"),
		.aor = SLICE(A),
		.password = SLICE(password),
		.suites = {.suite = {SUITE_AES_128_GCM_16}, .count = 1},
		.random = random_system(),
	};

	assert_non_null(s);
	s->now_ms = 1700000000000;
	s->alice.is_enabled = true;
	s->alice.identity_count = 1;
	memcpy(s->alice.identity[0], A, sizeof(A));
	assert_int_equal(scram_verifier_derive(SLICE(password), SLICE("0123456789abcdef"), 4096,
					       &s->alice.verifier),
			 RESULT_OK);
	start_gateway(s);
	assert_int_equal(sip_address_parse_port(SLICE("[2001:1234::10]:5060"), &t.address),
			 RESULT_OK);
	assert_int_equal(initiator_create(&t, &s->terminal), RESULT_OK);
	*state = s;
	return 0;
}

static int tear_down(void **state)
{
	struct scene *s = *state;

	initiator_destroy(s->terminal);
	uas_destroy(s->uas);
	digest_destroy(s->digest);
	registrar_destroy(s->registrar);
	exchange_destroy(s->exchange);
	sa_allocator_destroy(s->allocator);
	free(s);
	return 0;
}

static const struct contract_address terminal_address = {
	.family = 6, .port = 5060, .bytes = {0x20, 0x01, 0x12, 0x34, [15] = 0x10}};
static const struct contract_address gateway_address = {
	.family = 6, .port = 5060, .bytes = {0x20, 0x01, 0x67, 0x89, [14] = 0x50, [15] = 0x60}};

/* Hands a datagram up, in the clear (index 0) or through an SA. */
static void hand_up(struct scene *s, struct slice text, uint32_t index, uint8_t generation)
{
	static _Alignas(8) char buffer[sizeof(struct contract_sip_received) + 4096];
	struct contract_sip_received received = {
		.origin = index ? CONTRACT_ORIGIN_SA : CONTRACT_ORIGIN_CLEAR,
		.port = 1,
		.sa_index = index,
		.sa_generation = generation,
		.source = terminal_address,
		.outer_source = terminal_address,
		.destination = gateway_address,
		.sip_length = (uint32_t)text.len,
	};

	s->sent_count = 0;
	memcpy(buffer, &received, sizeof(received));
	memcpy(buffer + sizeof(received), text.at, text.len);
	uas_receive(s->uas, (const struct contract_sip_received *)(const void *)buffer, s->now_ms);
}

/* The only SIP that went down; the test fails if there was none or more. */
static const struct sent *answer(const struct scene *s)
{
	const struct sent *found = NULL;

	for (unsigned i = 0; i < s->sent_count; i++) {
		if (s->sent[i].id == CONTRACT_SIP_SEND) {
			assert_null(found);
			found = &s->sent[i];
		}
	}
	assert_non_null(found);
	return found;
}

static unsigned status_of(const struct sent *sent)
{
	struct sip_message m;

	assert_int_equal(sip_message_parse(sent->text, sent->sip_len, &m), SIP_VERDICT_OK);
	return m.status;
}

static enum initiator_event give_terminal(struct scene *s)
{
	const struct sent *a = answer(s);
	enum initiator_event event;

	assert_int_equal(initiator_receive(s->terminal, slice_make(a->text, a->sip_len), &event),
			 RESULT_OK);
	return event;
}

/* Messages 1 to 4, in the clear or through the SA at index; gives the new SA's slot. */
static struct contract_sa attach(struct scene *s, uint32_t index, uint8_t generation)
{
	assert_int_equal(initiator_start(s->terminal), RESULT_OK);
	hand_up(s, initiator_message(s->terminal), index, generation);
	assert_int_equal(give_terminal(s), INITIATOR_SEND);
	hand_up(s, initiator_message(s->terminal), index, generation);
	assert_int_equal(s->verdict, EXCHANGE_ESTABLISHED);
	assert_string_equal(s->proved, A);
	/* the SA is there before the answer leaves */
	assert_int_equal(s->sent_count, 2);
	assert_int_equal(s->sent[0].id, CONTRACT_SA_PUT);
	assert_int_equal(s->sent[1].id, CONTRACT_SIP_SEND);
	assert_int_equal(s->sent[1].m.sip.origin,
			 index ? CONTRACT_ORIGIN_SA : CONTRACT_ORIGIN_CLEAR);
	assert_int_equal(s->sent[1].m.sip.sa_index, index);
	assert_int_equal(give_terminal(s), INITIATOR_ESTABLISHED);
	return s->sent[0].m.sa;
}

static struct slice request(const char *method, const char *lines)
{
	static char text[2048];
	int len = snprintf(text, sizeof(text),
			   "%s sip:abc.com SIP/2.0\r\n"
			   "Via: SIP/2.0/UDP [2001:1234::10]:5060;branch=z9hG4bKx;rport\r\n"
			   "Max-Forwards: 70\r\nFrom: <sip:" A ">;tag=1\r\nTo: <sip:" A ">\r\n"
			   "Call-ID: c\r\nCSeq: 10 %s\r\n%sContent-Length: 0\r\n\r\n",
			   method, method, lines);

	return slice_make(text, (size_t)len);
}

#define CONTACT "Contact: <sip:user-a@[2001:1234::10]:5060>;+sip.instance=\"x\"\r\n"

static void a_terminal_attaches_registers_rekeys_and_leaves(void **state)
{
	struct scene *s = *state;
	struct contract_sa first = attach(s, 0, 0), second;

	assert_memory_equal(&first.inner_local, &gateway_address, sizeof(gateway_address));
	assert_memory_equal(&first.inner_remote, &terminal_address, sizeof(terminal_address));
	hand_up(s, request("REGISTER", CONTACT), first.index, first.generation);
	assert_int_equal(status_of(answer(s)), 200);
	assert_int_equal(answer(s)->m.sip.sa_index, first.index);
	second = attach(s, first.index, first.generation);
	assert_int_not_equal(second.index, first.index);
	assert_int_not_equal(second.owner_index, 0);
	hand_up(s, request("REGISTER", CONTACT "Expires: 0\r\n"), second.index, second.generation);
	assert_int_equal(status_of(answer(s)), 200);
	/* the answer, and only then the SAs */
	assert_int_equal(s->sent[s->sent_count - 1].id, CONTRACT_SA_DELETE);
	assert_int_equal(s->sent[s->sent_count - 2].id, CONTRACT_SA_DELETE);
	assert_int_equal(s->sent[s->sent_count - 3].id, CONTRACT_SIP_SEND);
	assert_int_equal(sa_allocator_used(s->allocator), 0);
}

static void a_cookie_given_inside_an_sa_opens_nothing_outside(void **state)
{
	struct scene *s = *state;
	struct contract_sa first = attach(s, 0, 0);

	hand_up(s, request("REGISTER", CONTACT), first.index, first.generation);
	/* message 3 in the clear with a cookie that was given inside */
	assert_int_equal(initiator_start(s->terminal), RESULT_OK);
	hand_up(s, initiator_message(s->terminal), first.index, first.generation);
	assert_int_equal(give_terminal(s), INITIATOR_SEND);
	hand_up(s, initiator_message(s->terminal), 0, 0);
	assert_int_equal(status_of(answer(s)), 401);
	assert_int_equal(s->verdict, EXCHANGE_COOKIE_WRONG);
}

static void options_are_answered_and_the_rest_refused(void **state)
{
	struct scene *s = *state;
	struct contract_sa sa = attach(s, 0, 0);
	static const struct {
		const char *method;
		unsigned status;
	} rows[] = {
		{"OPTIONS", 200}, {"INVITE", 405}, {"MESSAGE", 405},
		{"BYE", 405},	  {"CANCEL", 405}, {"FOO", 405},
	};

	for (size_t n = 0; n < COUNT(rows); n++) {
		hand_up(s, request(rows[n].method, "Route-Security: [2001:1234::10];level=3\r\n"),
			sa.index, sa.generation);
		assert_row(rows[n].method, status_of(answer(s)) == rows[n].status);
		assert_non_null(memmem(answer(s)->text, answer(s)->sip_len,
				       "Route-Security: [2001:1234::10];level=3\r\n", 41));
		assert_non_null(memmem(answer(s)->text, answer(s)->sip_len,
				       "Allow: REGISTER, OPTIONS\r\n", 26));
	}
	hand_up(s, request("ACK", ""), sa.index, sa.generation);
	assert_int_equal(s->sent_count, 0);
}

static void in_the_clear_nothing_is_registered(void **state)
{
	struct scene *s = *state;

	hand_up(s, request("REGISTER", CONTACT "X: 0123456789012345678901234567890123456789\r\n"),
		0, 0);
	assert_int_equal(s->sent_count, 1);
	assert_int_equal(status_of(answer(s)), 403);
	assert_int_equal(registrar_sa_count(s->registrar), 0);
}

/* The nonce of the challenge that went down. */
static void challenge_read(const struct scene *s, char nonce[NONCE_CHARS + 1])
{
	const struct sent *sent = answer(s);
	const char *at = memmem(sent->text, sent->sip_len, "nonce=\"", 7);

	assert_int_equal(status_of(sent), 407);
	assert_int_equal(s->unproved, DIGEST_CHALLENGED);
	assert_non_null(at);
	memcpy(nonce, at + 7, NONCE_CHARS);
	nonce[NONCE_CHARS] = '\0';
}

static void credentials_write(const char *nonce, const char *method, char out[1024])
{
	const struct digest_credentials said = {.nonce = slice_make(nonce, strlen(nonce)),
						.uri = SLICE("sip:abc.com"),
						.nc = SLICE("00000001"),
						.cnonce = SLICE("c")};
	uint8_t verifier[DIGEST_BYTES];
	char response[DIGEST_HEX_CHARS];

	assert_int_equal(
		digest_verifier_make(SLICE(A), SLICE("abc.com"), SLICE(password), verifier),
		RESULT_OK);
	assert_int_equal(
		digest_response_make(&said, slice_make(method, strlen(method)), verifier, response),
		RESULT_OK);
	snprintf(out, 1024,
		 "Proxy-Authorization: Digest username=\"" A "\", realm=\"abc.com\", nonce=\"%s\", "
		 "uri=\"sip:abc.com\", response=\"%.64s\", algorithm=SHA-256, cnonce=\"c\", "
		 "qop=auth, nc=00000001\r\n",
		 nonce, response);
}

static void in_the_clear_a_request_is_proved_by_digest_and_goes_down_again(void **state)
{
	struct scene *s = *state;
	char nonce[NONCE_CHARS + 1], line[1024];
	struct slice proved;

	hand_up(s, request("MESSAGE", ""), 0, 0);
	challenge_read(s, nonce);
	credentials_write(nonce, "MESSAGE", line);
	proved = request("MESSAGE", line);
	hand_up(s, proved, 0, 0);
	assert_int_equal(s->sent_count, 1);
	assert_int_equal(s->sent[0].id, CONTRACT_SIP_ENTER);
	assert_int_equal(s->sent[0].m.enter.origin, CONTRACT_ORIGIN_CLEAR);
	assert_int_equal(s->sent[0].m.enter.port, 1);
	assert_memory_equal(&s->sent[0].m.enter.source, &terminal_address,
			    sizeof(terminal_address));
	assert_memory_equal(&s->sent[0].m.enter.destination, &gateway_address,
			    sizeof(gateway_address));
	assert_int_equal(s->sent[0].sip_len, proved.len);
	assert_memory_equal(s->sent[0].text, proved.at, proved.len);
	/* The same credentials on another request, and an ACK that repeats nothing. */
	hand_up(s, request("OPTIONS", line), 0, 0);
	assert_int_equal(status_of(answer(s)), 407);
	hand_up(s, request("ACK", ""), 0, 0);
	assert_int_equal(s->sent_count, 0);
	assert_int_equal(s->unproved, DIGEST_DROPPED);
}

static void nobody_gets_more_than_he_sent(void **state)
{
	struct scene *s = *state;

	/* the answer would be longer than that, for its tag and received */
	hand_up(s, request("REGISTER", ""), 0, 0);
	assert_int_equal(s->sent_count, 0);
}

static void what_does_not_parse_is_answered_or_dropped(void **state)
{
	struct scene *s = *state;
	struct contract_sa sa = attach(s, 0, 0);
	static const char broken[] =
		"REGISTER sip:abc.com SIP/2.0\r\n"
		"Via: SIP/2.0/UDP [2001:1234::10]:5060;branch=z9hG4bKx;rport\r\n"
		"Call-ID: c\r\nCSeq: 1 REGISTER\r\n\r\n";

	/* no From, no To: nor has the answer */
	hand_up(s, SLICE(broken), sa.index, sa.generation);
	assert_memory_equal(answer(s)->text, "SIP/2.0 400 ", 12);
	hand_up(s, SLICE("hello"), sa.index, sa.generation);
	assert_int_equal(s->sent_count, 0);
	hand_up(s, SLICE(""), sa.index, sa.generation);
	assert_int_equal(s->sent_count, 0);
	hand_up(s, request("REGISTER", CONTACT), sa.index + 1, sa.generation);
	assert_int_equal(s->sent_count, 0);
}

static void message_3_twice_makes_one_sa_and_one_answer(void **state)
{
	struct scene *s = *state;
	struct sent first;

	assert_int_equal(initiator_start(s->terminal), RESULT_OK);
	hand_up(s, initiator_message(s->terminal), 0, 0);
	assert_int_equal(give_terminal(s), INITIATOR_SEND);
	hand_up(s, initiator_message(s->terminal), 0, 0);
	first = *answer(s);
	hand_up(s, initiator_message(s->terminal), 0, 0);
	assert_int_equal(s->verdict, EXCHANGE_REPEATED);
	assert_int_equal(s->sent_count, 1);
	assert_int_equal(answer(s)->sip_len, first.sip_len);
	assert_memory_equal(answer(s)->text, first.text, first.sip_len);
	assert_int_equal(registrar_sa_count(s->registrar), 1);
}

/* Up to message 3, which goes up; what the data plane says of the SA is for the test to say. */
static struct contract_sa ask_for_sa(struct scene *s)
{
	assert_int_equal(initiator_start(s->terminal), RESULT_OK);
	hand_up(s, initiator_message(s->terminal), 0, 0);
	assert_int_equal(give_terminal(s), INITIATOR_SEND);
	s->is_silent = true;
	hand_up(s, initiator_message(s->terminal), 0, 0);
	assert_int_equal(s->sent_count, 1);
	assert_int_equal(s->sent[0].id, CONTRACT_SA_PUT);
	return s->sent[0].m.sa;
}

static void message_4_waits_until_the_data_plane_has_the_sa(void **state)
{
	struct scene *s = *state;
	struct contract_sa sa = ask_for_sa(s);

	hand_up(s, initiator_message(s->terminal), 0, 0);
	assert_int_equal(s->verdict, EXCHANGE_AWAITED);
	assert_int_equal(s->sent_count, 0);
	/* of another SA, and of another life of this one */
	uas_sa_answered(s->uas, sa.index + 1, sa.generation, RESULT_OK, s->now_ms);
	uas_sa_answered(s->uas, sa.index, sa.generation + 1, RESULT_OK, s->now_ms);
	assert_int_equal(s->sent_count, 0);
	uas_sa_answered(s->uas, sa.index, sa.generation, RESULT_OK, s->now_ms);
	assert_int_equal(give_terminal(s), INITIATOR_ESTABLISHED);
	/* once */
	uas_sa_answered(s->uas, sa.index, sa.generation, RESULT_OK, s->now_ms);
	assert_int_equal(s->sent_count, 1);
}

static void an_sa_that_the_data_plane_refuses_is_no_message_4(void **state)
{
	struct scene *s = *state;
	struct contract_sa sa = ask_for_sa(s);

	s->sent_count = 0;
	uas_sa_answered(s->uas, sa.index, sa.generation, RESULT_SPACE, s->now_ms);
	assert_int_equal(status_of(answer(s)), 503);
	assert_non_null(memmem(answer(s)->text, answer(s)->sip_len, "Retry-After: 10", 15));
	registrar_sa_gone(s->registrar, sa.index, sa.generation, s->now_ms / 1000);
	assert_int_equal(sa_allocator_used(s->allocator), 0);
	/* and its message 3 is worth nothing any more */
	hand_up(s, initiator_message(s->terminal), 0, 0);
	assert_int_equal(status_of(answer(s)), 401);
	s->is_silent = false;
	attach(s, 0, 0);
}

static void several_wait_each_for_its_own(void **state)
{
	struct scene *s = *state;
	struct contract_sa sa[3];
	char bytes[3][2048];
	size_t len[3];

	for (int i = 0; i < 3; i++) {
		sa[i] = ask_for_sa(s);
		len[i] = initiator_message(s->terminal).len;
		memcpy(bytes[i], initiator_message(s->terminal).at, len[i]);
	}
	s->sent_count = 0;
	uas_sa_answered(s->uas, sa[1].index, sa[1].generation, RESULT_IO, s->now_ms);
	assert_int_equal(status_of(answer(s)), 503);
	s->sent_count = 0;
	uas_sa_answered(s->uas, sa[2].index, sa[2].generation, RESULT_OK, s->now_ms);
	assert_int_equal(give_terminal(s), INITIATOR_ESTABLISHED);
	hand_up(s, slice_make(bytes[0], len[0]), 0, 0);
	assert_int_equal(s->sent_count, 0);
	uas_sa_answered(s->uas, sa[0].index, sa[0].generation, RESULT_OK, s->now_ms);
	assert_int_equal(status_of(answer(s)), 200);
	/* one that nobody answers goes with the whole */
	ask_for_sa(s);
}

#define SCENE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCENE(a_terminal_attaches_registers_rekeys_and_leaves),
		SCENE(a_cookie_given_inside_an_sa_opens_nothing_outside),
		SCENE(options_are_answered_and_the_rest_refused),
		SCENE(in_the_clear_nothing_is_registered),
		SCENE(in_the_clear_a_request_is_proved_by_digest_and_goes_down_again),
		SCENE(nobody_gets_more_than_he_sent),
		SCENE(what_does_not_parse_is_answered_or_dropped),
		SCENE(message_3_twice_makes_one_sa_and_one_answer),
		SCENE(message_4_waits_until_the_data_plane_has_the_sa),
		SCENE(an_sa_that_the_data_plane_refuses_is_no_message_4),
		SCENE(several_wait_each_for_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
