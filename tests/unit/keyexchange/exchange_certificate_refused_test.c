#include "controlplane/keyexchange/exchange.h"

#include "shared/keyexchange/initiator_state.h"
#include "shared/keyexchange/seal.h"
#include "shared/keyexchange/statement.h"
#include "tests/unit/keyexchange/certified.h"
#include "tests/unit/shared/sip_check.h"

static void certificates_that_do_not_hold_are_refused_alike(void **state)
{
	struct certified *c = *state;
	struct issue_spec good = issued_terminal("sip:" D), spec;
	struct signer *revoked = issued_signer(&c->issued, &good);
	struct issued other;

	issued_revoke(&c->issued, revoked);
	trust_destroy(c->trust);
	c->trust = issued_trust(&c->issued, true);
	certified_start(c);
	certified_refused(c, revoked, "certificate revoked");

	spec = good;
	spec.until_s = (int64_t)ISSUED_NOW_S - 1;
	certified_refused(c, issued_signer(&c->issued, &spec), "certificate has expired");
	spec = good;
	spec.usage = "serverAuth";
	certified_refused(c, issued_signer(&c->issued, &spec), "unsuitable certificate purpose");
	certified_refused(c, issued_by_itself(&c->issued, &good), "self-signed certificate");
	issued_make(&other, NULL);
	certified_refused(c, issued_signer(&other, &good),
			  "unable to get local issuer certificate");
	issued_remove(&other);
	spec = issued_terminal("sip:nobody@abc.com");
	certified_refused(c, issued_signer(&c->issued, &spec), "there is no such subscriber");
	spec = issued_terminal("sip:user-a@abc.com");
	certified_refused(c, issued_signer(&c->issued, &spec),
			  "the subscriber attaches by password");
	spec = issued_terminal("sip:abc.com");
	certified_refused(c, issued_signer(&c->issued, &spec),
			  "the certificate does not name one subscriber by a sip: URI");
	spec = good;
	spec.second_uri = "sip:user-a@abc.com";
	certified_refused(c, issued_signer(&c->issued, &spec),
			  "the certificate does not name one subscriber by a sip: URI");
	c->scene->dave.is_enabled = false;
	certified_refused(c, issued_signer(&c->issued, &good), "the subscriber is disabled");
	c->scene->dave.is_enabled = true;
}

static void a_name_outside_the_ca_s_constraints_is_refused(void **state)
{
	struct certified *c = *state;
	struct issue_spec spec = issued_terminal("sip:" D);
	struct issued narrow;
	struct trust *trust;

	issued_make(&narrow, "critical,permitted;URI:xyz.com");
	trust = issued_trust(&narrow, true);
	const struct exchange_certificates certificates = {c->gateway, trust};

	exchange_certificates_set(c->scene->gateway, &certificates);
	certified_refused(c, issued_signer(&narrow, &spec), "permitted subtree violation");
	scene_restart(c->scene);
	trust_destroy(trust);
	issued_remove(&narrow);
}

/* Message 3 anew, with that sealed in it. */
static struct slice forged(struct initiator *i, struct slice plain)
{
	static char message[2048];
	uint8_t sealed[KEYEXCHANGE_SEALED_BYTES + SEAL_TAG_BYTES];
	struct slice now = initiator_message(i);
	const char *body = (const char *)memmem(now.at, now.len, "\r\n\r\n", 4) + 4;
	const char *length = memmem(now.at, now.len, "Content-Length: ", 16);
	struct secret k3;
	int len;

	assert_true(plain.len <= KEYEXCHANGE_SEALED_BYTES && body > length);
	len = snprintf(message, sizeof(message), "%.*sContent-Length: %zu\r\n\r\n",
		       (int)(length - now.at), now.at, plain.len + SEAL_TAG_BYTES);
	assert_int_equal(schedule_k3(&i->prk, i->h12, &k3), RESULT_OK);
	assert_int_equal(
		seal_close(&k3, seal_nonce_zero, slice_make(message, (size_t)len), plain, sealed),
		RESULT_OK);
	memcpy(message + len, sealed, plain.len + SEAL_TAG_BYTES);
	return slice_make(message, (size_t)len + plain.len + SEAL_TAG_BYTES);
}

static void assert_forgery_refused(struct certified *c, struct initiator *i, struct slice plain,
				   const char *reason)
{
	assert_int_equal(scene_give(c->scene, forged(i, plain)), EXCHANGE_REFUSED);
	assert_string_equal(c->scene->outcome.reason, reason);
	assert_int_equal(scene_status(c->scene), 403);
}

static struct slice plain_of(const struct sealed_certificate *sealed)
{
	static char buffer[KEYEXCHANGE_SEALED_BYTES];
	struct writer w = writer_make(buffer, sizeof(buffer));
	struct slice text;

	sealed_certificate_write(&w, sealed);
	assert_int_equal(writer_finish(&w, &text), RESULT_OK);
	return text;
}

static void signatures_by_or_over_something_else_are_refused(void **state)
{
	struct certified *c = *state;
	struct scene *s = c->scene;
	const char *reason = "the signature is not by the certificate's key";
	const struct certificate *own = signer_certificate(c->dave);
	struct initiator *i = certified_terminal(c, c->dave);
	struct sealed_certificate sealed = {.spi = 0x1000, .certificate = certificate_der(own)};
	struct statement st;

	scene_to_message_3(s, i);
	/* another's key under this certificate */
	st = statement_of_terminal(i->h12, certificate_hash(own), 0x1000);
	assert_int_equal(signer_sign(c->gateway, statement_slice(&st), sealed.signature),
			 RESULT_OK);
	assert_forgery_refused(c, i, plain_of(&sealed), reason);
	/* a signature over another exchange, another SPI, another certificate, as a gateway */
	uint8_t h12[KDF_HASH_BYTES] = {1};

	st = statement_of_terminal(h12, certificate_hash(own), 0x1000);
	assert_int_equal(signer_sign(c->dave, statement_slice(&st), sealed.signature), RESULT_OK);
	assert_forgery_refused(c, i, plain_of(&sealed), reason);
	st = statement_of_terminal(i->h12, certificate_hash(own), 0x1001);
	assert_int_equal(signer_sign(c->dave, statement_slice(&st), sealed.signature), RESULT_OK);
	assert_forgery_refused(c, i, plain_of(&sealed), reason);
	st = statement_of_terminal(i->h12, certificate_hash(signer_certificate(c->gateway)),
				   0x1000);
	assert_int_equal(signer_sign(c->dave, statement_slice(&st), sealed.signature), RESULT_OK);
	assert_forgery_refused(c, i, plain_of(&sealed), reason);
	st = statement_of_gateway(i->h12);
	assert_int_equal(signer_sign(c->dave, statement_slice(&st), sealed.signature), RESULT_OK);
	assert_forgery_refused(c, i, plain_of(&sealed), reason);
	/* and the honest one still gets in: nothing of the forgeries used the cookie up */
	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_ESTABLISHED);
	initiator_destroy(i);
}

static void what_is_sealed_must_be_of_the_one_form(void **state)
{
	struct certified *c = *state;
	struct initiator *i = certified_terminal(c, c->dave);
	const char *closed = "what is sealed in it does not open";
	struct sealed_certificate sealed = {.spi = 0x1000, .certificate = SLICE("no certificate")};

	scene_to_message_3(c->scene, i);
	assert_forgery_refused(c, i, SLICE(""), closed);
	assert_forgery_refused(c, i, SLICE("scram=x\r\nspi=00000101\r\n"), closed);
	assert_forgery_refused(c, i, SLICE("signature=AAAA\r\nspi=00000101\r\n\r\nx"), closed);
	assert_forgery_refused(c, i, plain_of(&sealed),
			       "the certificate is malformed, or of a key that is not used here");
	initiator_destroy(i);
}

static void a_message_3_opens_one_sa(void **state)
{
	struct certified *c = *state;
	struct scene *s = c->scene;
	struct initiator *i = certified_terminal(c, c->dave);
	const struct sealed_certificate sealed = {
		.spi = 0x1000, .certificate = certificate_der(signer_certificate(c->dave))};
	char first[2048];
	size_t len;

	scene_to_message_3(s, i);
	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_ESTABLISHED);
	len = s->outcome.reply_len;
	memcpy(first, s->outcome.reply, len);
	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_REPEATED);
	assert_int_equal(s->outcome.reply_len, len);
	assert_memory_equal(s->outcome.reply, first, len);
	assert_int_equal(scene_give(s, forged(i, plain_of(&sealed))), EXCHANGE_COOKIE_WRONG);
	assert_int_equal(sa_allocator_used(s->allocator), 1);
	initiator_destroy(i);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CERTIFIED(certificates_that_do_not_hold_are_refused_alike),
		CERTIFIED(a_name_outside_the_ca_s_constraints_is_refused),
		CERTIFIED(signatures_by_or_over_something_else_are_refused),
		CERTIFIED(what_is_sealed_must_be_of_the_one_form),
		CERTIFIED(a_message_3_opens_one_sa),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
