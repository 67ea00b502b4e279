/* controlplane/registrar/uas.c: what is handed up, answered, refused or handed down again. */
#include "controlplane/registrar/uas.h"

#include "tests/unit/registrar/uas_scene.h"

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

/* What cannot be used is told with its reason: of a request refused, with its status; of the rest without. */
static void what_is_refused_is_told_with_its_reason(void **state)
{
	static const char long_line[] = "X: 0123456789012345678901234567890123456789\r\n";
	struct scene *s = *state;
	struct contract_sa sa = attach(s, 0, 0);
	static const struct {
		const char *method, *lines, *reason;
		bool is_by_sa;
		unsigned status;
	} rows[] = {
		{"INVITE", "", "a method that the gateway itself has no use for", true, 405},
		{"REGISTER", "Call-ID: d\r\n", "a header twice that may stand once", true, 400},
		/* the answer would be longer than it */
		{"REGISTER", "Call-ID: d\r\n", "a header twice that may stand once", false, 0},
		{"REGISTER", long_line,
		 "a REGISTER outside any SA that is no message 1 or 3 of a key exchange", false, 403},
		{"ACK", "", "an ACK to the gateway itself, which has asked for none", true, 0},
	};

	for (size_t n = 0; n < COUNT(rows); n++) {
		hand_up(s, request(rows[n].method, rows[n].lines), rows[n].is_by_sa ? sa.index : 0,
			rows[n].is_by_sa ? sa.generation : 0);
		assert_non_null(s->refused);
		assert_string_equal(s->refused, rows[n].reason);
		assert_int_equal(s->refused_status, rows[n].status);
		assert_int_equal(s->sent_count, rows[n].status != 0);
	}
	hand_up(s, request("OPTIONS", ""), sa.index, sa.generation);
	assert_null(s->refused);
}

static void responses_and_what_has_no_via_are_told_and_not_answered(void **state)
{
	struct scene *s = *state;
	struct contract_sa sa = attach(s, 0, 0);

	hand_up(s,
		SLICE("SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP h;branch=z9hG4bKx\r\n"
		      "From: <sip:" A ">;tag=1\r\nTo: <sip:" A ">\r\nCall-ID: c\r\n"
		      "CSeq: 1 REGISTER\r\nContent-Length: 0\r\n\r\n"),
		sa.index, sa.generation);
	assert_int_equal(s->sent_count, 0);
	assert_string_equal(s->refused, "a response that nobody has asked for");
	hand_up(s, SLICE("REGISTER sip:abc.com SIP/2.0\r\n\r\n"), 0, 0);
	assert_int_equal(s->sent_count, 0);
	assert_string_equal(s->refused, "no top Via that can be trusted");
	hand_up(s, SLICE("\r\n\r\n"), 0, 0);
	assert_int_equal(s->sent_count, 0);
	assert_null(s->refused);
	hand_up(s, request("OPTIONS", ""), sa.index + 7, sa.generation);
	assert_int_equal(s->sent_count, 0);
	assert_string_equal(s->refused, "it came by an SA that nobody has");
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
	assert_null(s->unproved);
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

	assert_int_equal(digest_verifier_make(SLICE(A), SLICE("abc.com"), UAS_PASSWORD, verifier),
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
	assert_string_equal(s->unproved, "an ACK in the clear proved nothing");
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCENE(a_terminal_attaches_registers_rekeys_and_leaves),
		SCENE(a_cookie_given_inside_an_sa_opens_nothing_outside),
		SCENE(options_are_answered_and_the_rest_refused),
		SCENE(what_is_refused_is_told_with_its_reason),
		SCENE(responses_and_what_has_no_via_are_told_and_not_answered),
		SCENE(in_the_clear_nothing_is_registered),
		SCENE(in_the_clear_a_request_is_proved_by_digest_and_goes_down_again),
		SCENE(nobody_gets_more_than_he_sent),
		SCENE(what_does_not_parse_is_answered_or_dropped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
