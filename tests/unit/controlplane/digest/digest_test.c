#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "controlplane/digest/digest.h"

#define NOW   1000000
#define REALM SLICE("abc.com")

static struct sip_address source; /* 192.0.2.1:5060 unless a test says otherwise */

/* What a request says; the rest is of user-a's. */
struct said {
	const char *method, *from, *branch, *call_id, *more;
	unsigned cseq;
	const char *credentials; /* a whole line, or "" */
};

static char bytes[4096];
static struct sip_message message;
static bool store_is_gone;

static enum result lookup(void *ctx, struct slice username, struct digest_user *out)
{
	(void)ctx;
	if (store_is_gone)
		return RESULT_IO;
	if (!slice_is_equal(username, SLICE("user-a@abc.com")) &&
	    !slice_is_equal(username, SLICE("user-b@abc.com")))
		return RESULT_NOT_FOUND;
	assert_int_equal(digest_verifier_make(username, REALM, SLICE("secret"), out->verifier),
			 RESULT_OK);
	out->identity_count = 2;
	strcpy(out->identity[0], "user-a@abc.com");
	strcpy(out->identity[1], "sales@abc.com");
	return RESULT_OK;
}

static int make(void **state)
{
	struct digest *digest;

	store_is_gone = false;
	source = (struct sip_address){.family = 4, .port = 5060, .bytes = {192, 0, 2, 1}};
	assert_int_equal(digest_create(random_system(), lookup, NULL, &digest), RESULT_OK);
	*state = digest;
	return 0;
}

static int end(void **state)
{
	digest_destroy(*state);
	return 0;
}

static const char *or_else(const char *text, const char *otherwise)
{
	return text != NULL ? text : otherwise;
}

static struct digest_outcome judge(struct digest *digest, const struct said *said, uint64_t now_s)
{
	const char *method = or_else(said->method, "INVITE");
	struct digest_outcome outcome;
	int length =
		snprintf(bytes, sizeof(bytes),
			 "%s sip:user-b@xyz.com SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=%s\r\n"
			 "From: <%s>;tag=a\r\nTo: <sip:user-b@xyz.com>\r\nCall-ID: %s\r\n"
			 "CSeq: %u %s\r\nMax-Forwards: 70\r\n%s%sContent-Length: 0\r\n\r\n",
			 method, or_else(said->branch, "z9hG4bK1"),
			 or_else(said->from, "sip:user-a@abc.com"),
			 or_else(said->call_id, "call-1"), said->cseq != 0 ? said->cseq : 1, method,
			 or_else(said->credentials, ""), or_else(said->more, ""));

	assert_int_equal(sip_message_parse(bytes, (size_t)length, &message), SIP_VERDICT_OK);
	assert_int_equal(digest_judge(digest, &message, &source, REALM, now_s, &outcome),
			 RESULT_OK);
	return outcome;
}

/* The nonce of a challenge, which must be one. */
static void nonce_of(const struct digest_outcome *outcome, char out[NONCE_CHARS + 1])
{
	const char *at = memmem(outcome->challenge, outcome->challenge_len, "nonce=\"", 7);

	assert_int_equal(outcome->verdict, DIGEST_CHALLENGED);
	assert_non_null(at);
	memcpy(out, at + 7, NONCE_CHARS);
	out[NONCE_CHARS] = '\0';
}

static bool is_stale(const struct digest_outcome *outcome)
{
	return memmem(outcome->challenge, outcome->challenge_len, "stale=true", 10) != NULL;
}

struct line {
	char at[1024];
};

/* Credentials as a client makes them, for INVITE unless another method is named. */
static struct line credentials(const char *username, const char *password, const char *nonce,
			       const char *method)
{
	const struct digest_credentials said = {.nonce = slice_make(nonce, strlen(nonce)),
						.uri = SLICE("sip:user-b@xyz.com"),
						.nc = SLICE("00000001"),
						.cnonce = SLICE("c")};
	uint8_t verifier[DIGEST_BYTES];
	char response[DIGEST_HEX_CHARS];
	struct line line;

	assert_int_equal(digest_verifier_make(slice_make(username, strlen(username)), REALM,
					      slice_make(password, strlen(password)), verifier),
			 RESULT_OK);
	assert_int_equal(
		digest_response_make(&said, slice_make(method, strlen(method)), verifier, response),
		RESULT_OK);
	snprintf(line.at, sizeof(line.at),
		 "Proxy-Authorization: Digest username=\"%s\", realm=\"abc.com\", nonce=\"%s\", "
		 "uri=\"sip:user-b@xyz.com\", response=\"%.64s\", algorithm=SHA-256, cnonce=\"c\", "
		 "qop=auth, nc=00000001\r\n",
		 username, nonce, response);
	return line;
}

/* Credentials of user-a for the nonce of a fresh challenge. */
static struct line challenged(struct digest *digest, const char *method)
{
	struct digest_outcome outcome = judge(digest, &(struct said){0}, NOW);
	char nonce[NONCE_CHARS + 1];

	nonce_of(&outcome, nonce);
	return credentials("user-a@abc.com", "secret", nonce, method);
}

static void request_without_credentials_is_challenged(void **state)
{
	struct digest_outcome outcome = judge(*state, &(struct said){0}, NOW);
	static const char before[] = "Proxy-Authenticate: Digest realm=\"abc.com\", nonce=\"";
	static const char after[] = "\", algorithm=SHA-256, qop=\"auth\"\r\n";

	assert_int_equal(outcome.verdict, DIGEST_CHALLENGED);
	assert_int_equal(outcome.challenge_len, strlen(before) + NONCE_CHARS + strlen(after));
	assert_memory_equal(outcome.challenge, before, strlen(before));
	assert_memory_equal(outcome.challenge + strlen(before) + NONCE_CHARS, after, strlen(after));
	outcome = judge(*state,
			&(struct said){.more = "Proxy-Authorization: Digest username=\"u\", "
					       "realm=\"xyz.com\", nonce=\"n\", uri=\"sip:x\", "
					       "response=\"r\", algorithm=SHA-256, cnonce=\"c\", "
					       "qop=auth, nc=00000001\r\n"},
			NOW);
	assert_int_equal(outcome.verdict, DIGEST_CHALLENGED);
}

static void right_credentials_prove_each_identity_of_the_user_and_no_other(void **state)
{
	static const struct {
		const char *from, *more;
		enum digest_verdict verdict;
	} rows[] = {
		{NULL, NULL, DIGEST_PROVED},
		{"SIP:s%61les@ABC.com;x=y", NULL, DIGEST_PROVED},
		{"sip:user-c@abc.com", NULL, DIGEST_WRONG_SENDER},
		{"sip:user-a@xyz.com", NULL, DIGEST_WRONG_SENDER},
		{"tel:+1234", NULL, DIGEST_WRONG_SENDER},
		{"sip:anonymous@anonymous.invalid", NULL, DIGEST_WRONG_SENDER},
		{"sip:anonymous@anonymous.invalid",
		 "P-Preferred-Identity: <sip:user-a@abc.com>\r\n", DIGEST_PROVED},
		{"sip:anonymous@anonymous.invalid",
		 "P-Preferred-Identity: <sip:user-c@abc.com>\r\n", DIGEST_WRONG_SENDER},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct line line = challenged(*state, "INVITE");
		struct digest_outcome outcome = judge(*state,
						      &(struct said){.from = rows[i].from,
								     .more = rows[i].more,
								     .credentials = line.at},
						      NOW);

		assert_int_equal(outcome.verdict, rows[i].verdict);
	}
}

static void one_use_is_one_request_with_its_repetitions_ack_and_cancel(void **state)
{
	struct line line = challenged(*state, "INVITE");
	struct said invite = {.credentials = line.at}, ack = {.method = "ACK"},
		    cancel = {.method = "CANCEL"}, bye = {.method = "BYE", .cseq = 2};

	ack.credentials = cancel.credentials = bye.credentials = line.at;
	ack.branch = "z9hG4bKack"; /* as to a 2xx */
	assert_int_equal(judge(*state, &ack, NOW).verdict, DIGEST_DROPPED);
	assert_int_equal(judge(*state, &invite, NOW).verdict, DIGEST_PROVED);
	assert_int_equal(judge(*state, &invite, NOW + 30).verdict, DIGEST_PROVED);
	assert_int_equal(judge(*state, &ack, NOW + 600).verdict, DIGEST_PROVED);
	assert_int_equal(judge(*state, &cancel, NOW + 600).verdict, DIGEST_PROVED);
	assert_int_equal(judge(*state, &bye, NOW).verdict, DIGEST_CHALLENGED);
	invite.call_id = "call-2";
	assert_int_equal(judge(*state, &invite, NOW).verdict, DIGEST_CHALLENGED);
	ack.cseq = 2;
	assert_int_equal(judge(*state, &ack, NOW).verdict, DIGEST_DROPPED);
}

static void wrong_password_and_unknown_user_are_answered_alike(void **state)
{
	struct digest_outcome outcome = judge(*state, &(struct said){0}, NOW), wrong, unknown;
	char nonce[NONCE_CHARS + 1];
	struct line line;

	nonce_of(&outcome, nonce);
	line = credentials("user-a@abc.com", "guess", nonce, "INVITE");
	wrong = judge(*state, &(struct said){.credentials = line.at}, NOW);
	line = credentials("user-x@abc.com", "guess", nonce, "INVITE");
	unknown = judge(*state, &(struct said){.credentials = line.at}, NOW);
	assert_int_equal(wrong.verdict, DIGEST_CHALLENGED);
	assert_int_equal(unknown.verdict, DIGEST_CHALLENGED);
	assert_int_equal(wrong.challenge_len, unknown.challenge_len);
	assert_false(is_stale(&wrong));
	assert_false(is_stale(&unknown));
	/* A guess that was wrong uses up nothing. */
	line = credentials("user-a@abc.com", "secret", nonce, "INVITE");
	assert_int_equal(judge(*state, &(struct said){.credentials = line.at}, NOW).verdict,
			 DIGEST_PROVED);
}

static void late_but_right_credentials_are_asked_for_again_as_stale(void **state)
{
	struct line line = challenged(*state, "INVITE");
	struct digest_outcome outcome =
		judge(*state, &(struct said){.credentials = line.at}, NOW + NONCE_LIFETIME_S + 1);

	assert_int_equal(outcome.verdict, DIGEST_CHALLENGED);
	assert_true(is_stale(&outcome));
}

static void credentials_of_another_method_or_uri_prove_nothing(void **state)
{
	struct line line = challenged(*state, "INVITE");
	char *uri;

	assert_int_equal(
		judge(*state, &(struct said){.method = "MESSAGE", .credentials = line.at}, NOW)
			.verdict,
		DIGEST_CHALLENGED);
	line = challenged(*state, "INVITE");
	uri = strstr(line.at, "uri=\"sip:user-b");
	uri[14] = 'c';
	assert_int_equal(judge(*state, &(struct said){.credentials = line.at}, NOW).verdict,
			 DIGEST_CHALLENGED);
}

static void malformed_credentials_and_a_store_that_is_gone_are_told(void **state)
{
	struct line line = challenged(*state, "INVITE");
	struct said said = {.credentials = "Proxy-Authorization: Digest username\r\n"};

	assert_int_equal(judge(*state, &said, NOW).verdict, DIGEST_MALFORMED);
	said.method = "ACK";
	assert_int_equal(judge(*state, &said, NOW).verdict, DIGEST_DROPPED);
	store_is_gone = true;
	assert_int_equal(judge(*state, &(struct said){.credentials = line.at}, NOW).verdict,
			 DIGEST_UNAVAILABLE);
}

static void nonce_make(struct digest *digest, char out[NONCE_CHARS + 1])
{
	const struct digest_outcome outcome = judge(digest, &(struct said){0}, NOW);

	nonce_of(&outcome, out);
}

static struct digest_outcome tried(struct digest *digest, const char *user, const char *password,
				   uint64_t now_s)
{
	char nonce[NONCE_CHARS + 1];
	struct line line;

	nonce_make(digest, nonce);
	line = credentials(user, password, nonce, "INVITE");
	return judge(digest, &(struct said){.from = "sip:sales@abc.com", .credentials = line.at},
		     now_s);
}

static void guess(struct digest *digest, const char *user, unsigned times)
{
	for (unsigned n = 0; n < times; n++) {
		const struct digest_outcome outcome = tried(digest, user, "guess", NOW);

		assert_int_equal(outcome.verdict, DIGEST_CHALLENGED);
		assert_string_equal(outcome.reason,
				    "a request in the clear had a wrong password, or "
				    "is of a user who has none");
	}
}

/* As in failure_limit_test.c: 16 of one user. */
static void who_guesses_waits_and_nobody_else(void **state)
{
	struct digest_outcome outcome;

	guess(*state, "user-a@abc.com", 16);
	outcome = tried(*state, "user-a@abc.com", "secret", NOW);
	assert_int_equal(outcome.verdict, DIGEST_UNAVAILABLE);
	assert_string_equal(
		outcome.reason,
		"a request in the clear: its source was wrong about this user too often");
	outcome = tried(*state, "USER%2Da@abc.com", "guess", NOW); /* another user, by RFC 3261 */
	assert_int_equal(outcome.verdict, DIGEST_CHALLENGED);
	outcome = tried(*state, "user%2Da@ABC.com", "guess", NOW); /* the same one */
	assert_int_equal(outcome.verdict, DIGEST_UNAVAILABLE);
	assert_int_equal(tried(*state, "user-b@abc.com", "secret", NOW).verdict, DIGEST_PROVED);
	source.bytes[3]++;
	assert_int_equal(tried(*state, "user-a@abc.com", "secret", NOW).verdict, DIGEST_PROVED);
	source.bytes[3]--;
	assert_int_equal(tried(*state, "user-a@abc.com", "secret", NOW + 4).verdict, DIGEST_PROVED);
}

static void who_guesses_for_many_users_waits_as_a_whole(void **state)
{
	struct digest_outcome outcome;

	for (unsigned n = 0; n < 256; n++) {
		char user[32];

		snprintf(user, sizeof(user), "user-%u@abc.com", n);
		guess(*state, user, 1);
	}
	outcome = tried(*state, "user-a@abc.com", "secret", NOW);
	assert_int_equal(outcome.verdict, DIGEST_UNAVAILABLE);
	assert_string_equal(outcome.reason,
			    "a request in the clear: its source was wrong too often in all");
	assert_int_equal(tried(*state, "user-a@abc.com", "secret", NOW + 1).verdict, DIGEST_PROVED);
}

static void a_request_sent_again_is_one_guess(void **state)
{
	char nonce[NONCE_CHARS + 1];
	struct line line;

	nonce_make(*state, nonce);
	line = credentials("user-a@abc.com", "guess", nonce, "INVITE");
	for (unsigned n = 0; n < 100; n++)
		assert_int_equal(judge(*state, &(struct said){.credentials = line.at}, NOW).verdict,
				 DIGEST_CHALLENGED);
	assert_int_equal(tried(*state, "user-a@abc.com", "secret", NOW).verdict, DIGEST_PROVED);
}

#define DIGEST_TEST(name) cmocka_unit_test_setup_teardown(name, make, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		DIGEST_TEST(request_without_credentials_is_challenged),
		DIGEST_TEST(right_credentials_prove_each_identity_of_the_user_and_no_other),
		DIGEST_TEST(one_use_is_one_request_with_its_repetitions_ack_and_cancel),
		DIGEST_TEST(wrong_password_and_unknown_user_are_answered_alike),
		DIGEST_TEST(late_but_right_credentials_are_asked_for_again_as_stale),
		DIGEST_TEST(credentials_of_another_method_or_uri_prove_nothing),
		DIGEST_TEST(who_guesses_waits_and_nobody_else),
		DIGEST_TEST(who_guesses_for_many_users_waits_as_a_whole),
		DIGEST_TEST(a_request_sent_again_is_one_guess),
		DIGEST_TEST(malformed_credentials_and_a_store_that_is_gone_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
