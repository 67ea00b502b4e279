#include "controlplane/keyexchange/exchange.h"

#include "shared/base64url.h"
#include "shared/keyexchange/initiator_state.h"
#include "tests/unit/keyexchange/certified.h"
#include "tests/unit/shared/sip_check.h"

static void both_prove_themselves_and_nobody_reads_who_it_was(void **state)
{
	struct certified *c = *state;
	struct scene *s = c->scene;
	struct initiator *i = certified_terminal(c, c->dave);

	assert_false(certified_holds(initiator_message(i), "user-d"));
	assert_true(certified_holds(initiator_message(i), "<sip:anonymous@abc.com>"));
	assert_false(certified_holds(initiator_message(i), "Authorization"));
	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_CHALLENGED);
	assert_int_equal(s->store_reads, 0);
	assert_false(certified_holds(scene_reply(s), "WWW-Authenticate"));
	assert_true(certified_holds(scene_reply(s), "\r\nGateway-Signature: "));
	assert_true(s->outcome.reply_len <= s->sent_len);
	scene_return(s, i, INITIATOR_SEND);
	assert_false(certified_holds(initiator_message(i), "user-d"));
	assert_true(initiator_message(i).len <= LIMIT_KEYEXCHANGE_MESSAGE_BYTES);
	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_ESTABLISHED);
	assert_string_equal(s->outcome.sa.subscriber, D);
	assert_false(certified_holds(scene_reply(s), "user-d"));
	scene_return(s, i, INITIATOR_ESTABLISHED);
	certified_same_keys(s, i);
	initiator_destroy(i);
}

static void no_sa_outlives_its_certificate(void **state)
{
	struct certified *c = *state;
	struct issue_spec spec = issued_terminal("sip:" D);
	struct signer *brief;
	struct initiator *i;

	spec.until_s = ISSUED_NOW_S + 100;
	brief = issued_signer(&c->issued, &spec);
	i = certified_terminal(c, brief);
	scene_to_message_3(c->scene, i);
	assert_int_equal(scene_give(c->scene, initiator_message(i)), EXCHANGE_ESTABLISHED);
	assert_int_equal(c->scene->outcome.sa.hard_s, 100);
	assert_int_equal(c->scene->outcome.sa.path.until_s, spec.until_s);
	assert_int_not_equal(c->scene->outcome.sa.path.anchor, 0);
	scene_return(c->scene, i, INITIATOR_ESTABLISHED);
	assert_int_equal(initiator_established(i)->hard_s, 100);
	assert_int_equal(initiator_established(i)->soft_s, 75);
	initiator_destroy(i);
	signer_destroy(brief);
	/* the other's is good for longer */
	i = certified_terminal(c, c->dave);
	scene_to_message_3(c->scene, i);
	assert_int_equal(scene_give(c->scene, initiator_message(i)), EXCHANGE_ESTABLISHED);
	assert_int_equal(c->scene->outcome.sa.hard_s, 3600);
	assert_int_equal(c->scene->outcome.sa.soft_s, 2700);
	initiator_destroy(i);
}

static void who_comes_by_certificate_cannot_come_by_password(void **state)
{
	struct certified *c = *state;
	struct scene *s = c->scene;
	struct initiator_settings settings = scene_terminal(SLICE(D), SCENE_PASSWORD);
	struct initiator *i = scene_initiator(&settings);

	scene_to_message_3(s, i);
	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_REFUSED);
	assert_string_equal(s->outcome.reason, "the subscriber attaches by certificate only");
	assert_int_equal(scene_status(s), 403);
	initiator_destroy(i);
}

static void low_order_shares_come_to_nothing(void **state)
{
	struct certified *c = *state;
	struct scene *s = c->scene;
	struct initiator *i = certified_terminal(c, c->dave);
	char share[64], zero[64];
	struct writer w = writer_make(share, sizeof(share));
	struct writer z = writer_make(zero, sizeof(zero));
	static const uint8_t low[X25519_SHARE_BYTES];

	base64url_encode(&w, x25519_share(i->own), X25519_SHARE_BYTES);
	base64url_encode(&z, low, sizeof(low));
	share[w.len] = zero[z.len] = '\0';
	assert_int_equal(scene_give(s, scene_changed(initiator_message(i), share, zero)),
			 EXCHANGE_CHALLENGED);
	/* what the terminal would send, had it sent that share */
	struct slice changed = scene_changed(initiator_message(i), share, zero);

	memcpy(i->message, changed.at, changed.len);
	scene_return(s, i, INITIATOR_SEND);
	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_REFUSED);
	assert_string_equal(s->outcome.reason, "its share is of low order");
	initiator_destroy(i);
}

static void an_early_200_makes_no_sa(void **state)
{
	struct certified *c = *state;
	struct scene *s = c->scene;
	struct initiator *i = certified_terminal(c, c->dave);
	enum initiator_event event;

	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_CHALLENGED);
	assert_int_equal(
		initiator_receive(i, scene_changed(scene_reply(s), "401 Unauthorized", "200 OK"),
				  &event),
		RESULT_OK);
	assert_int_equal(event, INITIATOR_FAILED);
	assert_null(initiator_established(i));
	initiator_destroy(i);
}

static void an_sa_is_rekeyed_by_who_it_belongs_to(void **state)
{
	struct certified *c = *state;
	struct initiator *i = certified_terminal(c, c->dave);
	struct scene *s = c->scene;

	initiator_inside_set(i, true);
	assert_int_equal(initiator_start(i), RESULT_OK);
	s->through = (struct exchange_through){.index = 5,
					       .generation = 1,
					       .mode = KEYEXCHANGE_TRANSPORT,
					       .subscriber = SLICE("user-a@abc.com")};
	scene_to_message_3(s, i);
	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_REFUSED);
	assert_string_equal(s->outcome.reason, "the SA is another subscriber's");
	initiator_destroy(i);
}

static void malformed_offers_are_refused(void **state)
{
	struct certified *c = *state;
	struct initiator *i = certified_terminal(c, c->dave);
	static const struct {
		const char *from, *to;
	} rows[] = {
		{";certificate;", ";certificate=yes;"},
		{";certificate;", ";certificate;certificate;"},
		{";gateway-proof=", ";gateway-proof;gateway-proof="},
		{";gateway-proof=", ";gateway-proof=A"},
		{";gateway-proof=", ";gateway-prove="},
		{"Security-Client: ", "Authorization: x\r\nSecurity-Client: "},
		{"From: <sip:anonymous@abc.com>", "From: <sip:user-d-01@abc.com>"},
		{"To: <sip:anonymous@abc.com>", "To: <sip:anonymous@example.net>"},
	};

	/* room for what the rows add */
	const struct slice shorter =
		scene_changed(initiator_message(i), "00000000000000000000000000000000", "");
	char offer[LIMIT_KEYEXCHANGE_MESSAGE_BYTES];
	const size_t len = shorter.len;

	memcpy(offer, shorter.at, len);
	for (size_t n = 0; n < COUNT(rows); n++) {
		const struct slice changed =
			scene_changed(slice_make(offer, len), rows[n].from, rows[n].to);

		assert_row(rows[n].to, scene_give(c->scene, changed) == EXCHANGE_MALFORMED);
		assert_int_equal(scene_status(c->scene), 400);
	}
	initiator_destroy(i);
}

static void in_a_flood_the_address_is_proved_before_anything_is_signed(void **state)
{
	struct certified *c = *state;
	struct scene *s = c->scene;
	struct initiator *i;

	s->settings.flood_threshold = 0;
	scene_restart(s);
	i = certified_terminal(c, c->dave);
	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_COOKIE_ASKED);
	assert_false(certified_holds(scene_reply(s), "Gateway-Signature"));
	scene_return(s, i, INITIATOR_SEND);
	scene_to_message_3(s, i);
	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_ESTABLISHED);
	initiator_destroy(i);
}

static void verifications_are_bounded_in_all(void **state)
{
	struct certified *c = *state;
	struct scene *s = c->scene;
	struct initiator *i;

	s->settings.certificates_per_second = 1;
	scene_restart(s);
	i = certified_terminal(c, c->dave);
	scene_to_message_3(s, i);
	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_ESTABLISHED);
	assert_int_equal(initiator_start(i), RESULT_OK);
	scene_to_message_3(s, i);
	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_UNAVAILABLE);
	assert_int_equal(scene_status(s), 503);
	assert_string_equal(s->outcome.reason, "as many certificates are verified as may be");
	s->now_ms += 1000;
	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_ESTABLISHED);
	initiator_destroy(i);
}

/* Whether a certificate that names him holds or not: nothing is verified then. */
static void who_fails_by_certificate_too_often_waits_and_nobody_else(void **state)
{
	struct certified *c = *state;
	struct scene *s = c->scene;
	struct issue_spec spec = issued_terminal("sip:nobody@abc.com");
	struct signer *nobody = issued_signer(&c->issued, &spec);
	struct initiator *i;

	certified_start(c);
	for (unsigned n = 0; n < 16; n++)
		certified_refused(c, issued_signer(&c->issued, &spec),
				  "there is no such subscriber");
	i = certified_terminal(c, nobody);
	scene_to_message_3(s, i);
	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_UNAVAILABLE);
	assert_int_equal(scene_status(s), 503);
	assert_string_equal(s->outcome.reason,
			    "its source was wrong about this subscriber too often");
	assert_string_equal(s->outcome.who, "nobody@abc.com");
	initiator_destroy(i);
	i = certified_terminal(c, c->dave);
	scene_to_message_3(s, i);
	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_ESTABLISHED);
	initiator_destroy(i);
	s->now_ms += 4000;
	certified_refused(c, nobody, "there is no such subscriber");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CERTIFIED(both_prove_themselves_and_nobody_reads_who_it_was),
		CERTIFIED(no_sa_outlives_its_certificate),
		CERTIFIED(who_comes_by_certificate_cannot_come_by_password),
		CERTIFIED(low_order_shares_come_to_nothing),
		CERTIFIED(an_early_200_makes_no_sa),
		CERTIFIED(an_sa_is_rekeyed_by_who_it_belongs_to),
		CERTIFIED(malformed_offers_are_refused),
		CERTIFIED(in_a_flood_the_address_is_proved_before_anything_is_signed),
		CERTIFIED(verifications_are_bounded_in_all),
		CERTIFIED(who_fails_by_certificate_too_often_waits_and_nobody_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
