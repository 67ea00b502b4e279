#include "controlplane/keyexchange/exchange.h"

#include "shared/base64url.h"
#include "tests/unit/keyexchange/certified.h"
#include "tests/unit/shared/sip_check.h"

static void a_terminal_that_does_not_know_the_certificate_is_shown_it(void **state)
{
	struct certified *c = *state;
	struct scene *s = c->scene;
	struct initiator_settings settings = certified_settings(c, c->dave);
	struct initiator *i;

	settings.gateway = SLICE("");
	i = scene_initiator(&settings);
	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_CERTIFICATE_SHOWN);
	assert_true(s->outcome.reply_len <= s->sent_len);
	scene_return(s, i, INITIATOR_SEND);
	scene_to_message_3(s, i);
	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_ESTABLISHED);
	scene_return(s, i, INITIATOR_ESTABLISHED);
	certified_same_keys(s, i);
	/* it stays known: a rekey has four messages */
	initiator_inside_set(i, true);
	s->through = (struct exchange_through){
		.index = 5, .generation = 1, .mode = KEYEXCHANGE_TRANSPORT, .subscriber = SLICE(D)};
	assert_int_equal(initiator_start(i), RESULT_OK);
	assert_true(certified_holds(initiator_message(i), "<sip:" D ">"));
	scene_to_message_3(s, i);
	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_ESTABLISHED);
	assert_int_equal(s->outcome.sa.replaces.index, 5);
	scene_return(s, i, INITIATOR_ESTABLISHED);
	initiator_destroy(i);
}

static void the_gateway_proves_itself_before_a_password_is_proved(void **state)
{
	struct certified *c = *state;
	struct scene *s = c->scene;
	struct initiator_settings settings =
		scene_terminal(SLICE("user-a@abc.com"), SCENE_PASSWORD);
	struct initiator *i;

	settings.trust = c->trust;
	settings.now_s = certified_now_s;
	i = scene_initiator(&settings);
	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_CERTIFICATE_SHOWN);
	scene_return(s, i, INITIATOR_SEND);
	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_CHALLENGED);
	assert_true(certified_holds(scene_reply(s), "\r\nWWW-Authenticate: SCRAM"));
	assert_true(certified_holds(scene_reply(s), "\r\nGateway-Signature: "));
	assert_true(s->outcome.reply_len <= LIMIT_KEYEXCHANGE_MESSAGE_BYTES);
	scene_return(s, i, INITIATOR_SEND);
	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_ESTABLISHED);
	scene_return(s, i, INITIATOR_ESTABLISHED);
	certified_same_keys(s, i);
	initiator_destroy(i);
}

/* Gives the terminal a reply that it must not believe: nothing changes, an honest one still works.
 */
static void assert_disbelieved(struct initiator *i, struct slice reply, const char *reason)
{
	enum initiator_event event;
	char before[LIMIT_KEYEXCHANGE_MESSAGE_BYTES];
	size_t len = initiator_message(i).len;

	memcpy(before, initiator_message(i).at, len);
	assert_int_equal(initiator_receive(i, reply, &event), RESULT_DENIED);
	assert_int_equal(event, INITIATOR_IGNORED);
	assert_string_equal(initiator_reason(i), reason);
	assert_int_equal(initiator_message(i).len, len);
	assert_memory_equal(initiator_message(i).at, before, len);
}

static void a_gateway_that_signs_wrong_or_not_is_told_nothing(void **state)
{
	struct certified *c = *state;
	struct scene *s = c->scene;
	struct initiator *i = certified_terminal(c, c->dave);
	struct initiator *another = certified_terminal(c, c->dave);
	char signature[128];
	const char *line;
	size_t len;

	assert_int_equal(scene_give(s, initiator_message(another)), EXCHANGE_CHALLENGED);
	line = memmem(s->outcome.reply, s->outcome.reply_len, "Gateway-Signature: ", 19);
	assert_non_null(line);
	len = 19 + BASE64URL_CHARS(CERTIFICATE_SIGNATURE_BYTES);
	memcpy(signature, line, len);
	signature[len] = '\0';

	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_CHALLENGED);
	struct slice reply = scene_reply(s);
	char own[128];

	line = memmem(reply.at, reply.len, "Gateway-Signature: ", 19);
	assert_non_null(line);
	memcpy(own, line, len);
	own[len] = '\0';
	assert_disbelieved(i, scene_changed(reply, own, signature), "its signature does not hold");
	assert_disbelieved(i, scene_changed(reply, own, "X: y"), "it did not sign");
	assert_disbelieved(i, scene_changed(reply, "Gateway-Signature: ", "Gateway-Signature: A"),
			   "it did not sign");
	/* anything else in message 2 changed */
	assert_disbelieved(i, scene_changed(reply, "401 Unauthorized", "401 unauthorized"),
			   "its signature does not hold");
	assert_disbelieved(i, scene_changed(reply, "suite=aes-128-gcm-16", "suite=aes-256-gcm-16"),
			   "its signature does not hold");
	assert_disbelieved(
		i, scene_changed(reply, "address=\"[2001:1234::10]", "address=\"[2001:1234::11]"),
		"its signature does not hold");
	scene_return(s, i, INITIATOR_SEND);
	initiator_destroy(another);
	initiator_destroy(i);
}

static void the_certificate_of_a_wrong_gateway_is_not_taken(void **state)
{
	struct certified *c = *state;
	struct scene *s = c->scene;
	struct initiator_settings settings = certified_settings(c, c->dave);
	struct issue_spec spec = issued_gateway("xyz.com"), expired = issued_gateway("abc.com");
	struct issue_spec client = issued_terminal("sip:abc.com"), good = issued_gateway("abc.com");
	struct issued other;

	issued_make(&other, NULL);
	expired.until_s = (int64_t)ISSUED_NOW_S - 1;
	const struct {
		struct signer *signer;
		const char *reason;
	} rows[] = {
		{issued_signer(&c->issued, &spec), "the certificate is not one of the domain's"},
		{issued_signer(&c->issued, &expired), "certificate has expired"},
		{issued_signer(&c->issued, &client), "unsuitable certificate purpose"},
		{issued_signer(&other, &good), "unable to get local issuer certificate"},
		{issued_by_itself(&c->issued, &good), "self-signed certificate"},
	};
	settings.gateway = SLICE("");
	for (size_t n = 0; n < COUNT(rows); n++) {
		const struct exchange_certificates certificates = {rows[n].signer, c->trust};
		struct initiator *i = scene_initiator(&settings);

		exchange_certificates_set(s->gateway, &certificates);
		assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_CERTIFICATE_SHOWN);
		s->is_stream = strcmp(rows[n].reason, TRUST_NO_ISSUER) == 0;
		if (s->is_stream) {
			/* the CA may come by TCP; it does not */
			scene_return(s, i, INITIATOR_RESTART);
			assert_int_equal(initiator_start(i), RESULT_OK);
			assert_int_equal(scene_give(s, initiator_message(i)),
					 EXCHANGE_CERTIFICATE_SHOWN);
		}
		assert_disbelieved(i, scene_reply(s), rows[n].reason);
		initiator_destroy(i);
		signer_destroy(rows[n].signer);
	}
	issued_remove(&other);
	scene_restart(s);
}

static void a_gateway_without_certificates_says_so(void **state)
{
	struct certified *c = *state;
	struct scene *s = c->scene;
	struct initiator *i = certified_terminal(c, c->dave);
	const struct exchange_certificates none = {0}, own_only = {.signer = c->gateway};

	exchange_certificates_set(s->gateway, &none);
	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_NO_CERTIFICATE);
	assert_int_equal(scene_status(s), 488);
	exchange_certificates_set(s->gateway, &own_only);
	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_NO_CERTIFICATE);
	scene_return(s, i, INITIATOR_FAILED);
	assert_int_equal(initiator_status(i), 488);
	initiator_destroy(i);
	/* taken away between messages 2 and 3 */
	scene_restart(s);
	i = certified_terminal(c, c->dave);
	scene_to_message_3(s, i);
	exchange_certificates_set(s->gateway, &none);
	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_REFUSED);
	initiator_destroy(i);
	scene_restart(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CERTIFIED(a_terminal_that_does_not_know_the_certificate_is_shown_it),
		CERTIFIED(the_gateway_proves_itself_before_a_password_is_proved),
		CERTIFIED(a_gateway_that_signs_wrong_or_not_is_told_nothing),
		CERTIFIED(the_certificate_of_a_wrong_gateway_is_not_taken),
		CERTIFIED(a_gateway_without_certificates_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
