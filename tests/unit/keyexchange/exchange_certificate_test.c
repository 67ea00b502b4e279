#include "controlplane/keyexchange/exchange.h"

#include <openssl/pem.h>

#include "shared/base64url.h"
#include "shared/keyexchange/initiator_state.h"
#include "shared/keyexchange/seal.h"
#include "shared/keyexchange/statement.h"
#include "shared/keyexchange/transcript.h"
#include "tests/unit/keyexchange/exchange_scene.h"
#include "tests/unit/keyexchange/issued.h"
#include "tests/unit/shared/sip_check.h"

#define D "user-d@abc.com"

/* A gateway of abc.com with a certificate, and user-d@abc.com, who has one too. */
struct certified {
	struct scene *scene;
	struct issued issued;
	struct signer *gateway;
	struct signer *dave;
	struct trust *trust; /* of both sides, with a list */
};

static uint64_t now_s(void)
{
	return ISSUED_NOW_S;
}

static void certify(struct certified *c)
{
	c->scene->settings.certificates.signer = c->gateway;
	c->scene->settings.certificates.trust = c->trust;
	c->scene->settings.certificates_per_second = 1000;
	scene_restart(c->scene);
}

static int set_up(void **state)
{
	struct certified *c = calloc(1, sizeof(*c));
	const struct issue_spec gateway = issued_gateway("abc.com");
	const struct issue_spec dave = issued_terminal("sip:" D);

	assert_non_null(c);
	assert_int_equal(scene_set_up(state), 0);
	c->scene = *state;
	issued_make(&c->issued, NULL);
	c->gateway = issued_signer(&c->issued, &gateway);
	c->dave = issued_signer(&c->issued, &dave);
	c->trust = issued_trust(&c->issued, true);
	certify(c);
	*state = c;
	return 0;
}

static int tear_down(void **state)
{
	struct certified *c = *state;

	*state = c->scene;
	scene_tear_down(state);
	trust_destroy(c->trust);
	signer_destroy(c->dave);
	signer_destroy(c->gateway);
	issued_remove(&c->issued);
	free(c);
	return 0;
}

static struct initiator_settings settings_of(const struct certified *c, const struct signer *signer)
{
	struct initiator_settings settings = scene_terminal(SLICE(D), SLICE(""));

	settings.signer = signer;
	settings.trust = c->trust;
	settings.gateway = certificate_der(signer_certificate(c->gateway));
	settings.now_s = now_s;
	return settings;
}

/* A terminal that knows the gateway's certificate. */
static struct initiator *terminal(const struct certified *c, const struct signer *signer)
{
	const struct initiator_settings settings = settings_of(c, signer);

	return scene_initiator(&settings);
}

static void assert_same_keys(const struct scene *s, const struct initiator *i)
{
	const struct initiator_sa *sa = initiator_established(i);

	assert_non_null(sa);
	assert_int_equal(sa->spi_out, sa_slot_spi(&s->outcome.sa.slot));
	assert_int_equal(sa->spi_in, s->outcome.sa.spi_out);
	assert_memory_equal(sa->key_out, s->outcome.sa.key_in, SUITE_KEY_BYTES);
	assert_memory_equal(sa->key_in, s->outcome.sa.key_out, SUITE_KEY_BYTES);
}

static bool holds(struct slice message, const char *text)
{
	return memmem(message.at, message.len, text, strlen(text)) != NULL;
}

static void both_prove_themselves_and_nobody_reads_who_it_was(void **state)
{
	struct certified *c = *state;
	struct scene *s = c->scene;
	struct initiator *i = terminal(c, c->dave);

	assert_false(holds(initiator_message(i), "user-d"));
	assert_true(holds(initiator_message(i), "<sip:anonymous@abc.com>"));
	assert_false(holds(initiator_message(i), "Authorization"));
	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_CHALLENGED);
	assert_int_equal(s->store_reads, 0);
	assert_false(holds(scene_reply(s), "WWW-Authenticate"));
	assert_true(holds(scene_reply(s), "\r\nGateway-Signature: "));
	assert_true(s->outcome.reply_len <= s->sent_len);
	scene_return(s, i, INITIATOR_SEND);
	assert_false(holds(initiator_message(i), "user-d"));
	assert_true(initiator_message(i).len <= LIMIT_KEYEXCHANGE_MESSAGE_BYTES);
	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_ESTABLISHED);
	assert_string_equal(s->outcome.sa.subscriber, D);
	assert_false(holds(scene_reply(s), "user-d"));
	scene_return(s, i, INITIATOR_ESTABLISHED);
	assert_same_keys(s, i);
	initiator_destroy(i);
}

static void a_terminal_that_does_not_know_the_certificate_is_shown_it(void **state)
{
	struct certified *c = *state;
	struct scene *s = c->scene;
	struct initiator_settings settings = settings_of(c, c->dave);
	struct initiator *i;

	settings.gateway = SLICE("");
	i = scene_initiator(&settings);
	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_CERTIFICATE_SHOWN);
	assert_true(s->outcome.reply_len <= s->sent_len);
	scene_return(s, i, INITIATOR_SEND);
	scene_to_message_3(s, i);
	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_ESTABLISHED);
	scene_return(s, i, INITIATOR_ESTABLISHED);
	assert_same_keys(s, i);
	/* it stays known: a rekey has four messages */
	initiator_inside_set(i, true);
	s->through = (struct exchange_through){
		.index = 5, .generation = 1, .mode = KEYEXCHANGE_TRANSPORT, .subscriber = SLICE(D)};
	assert_int_equal(initiator_start(i), RESULT_OK);
	assert_true(holds(initiator_message(i), "<sip:" D ">"));
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
	settings.now_s = now_s;
	i = scene_initiator(&settings);
	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_CERTIFICATE_SHOWN);
	scene_return(s, i, INITIATOR_SEND);
	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_CHALLENGED);
	assert_true(holds(scene_reply(s), "\r\nWWW-Authenticate: SCRAM"));
	assert_true(holds(scene_reply(s), "\r\nGateway-Signature: "));
	assert_true(s->outcome.reply_len <= LIMIT_KEYEXCHANGE_MESSAGE_BYTES);
	scene_return(s, i, INITIATOR_SEND);
	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_ESTABLISHED);
	scene_return(s, i, INITIATOR_ESTABLISHED);
	assert_same_keys(s, i);
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
	struct initiator *i = terminal(c, c->dave), *another = terminal(c, c->dave);
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
	struct initiator_settings settings = settings_of(c, c->dave);
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

/* Takes the signer over: his attachment is refused, for that reason, and told no more than this. */
static void assert_refused_take(struct certified *c, struct signer *signer, const char *reason)
{
	struct scene *s = c->scene;
	struct initiator *i = terminal(c, signer);
	uint32_t used = sa_allocator_used(s->allocator);

	scene_to_message_3(s, i);
	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_REFUSED);
	assert_string_equal(s->outcome.reason, reason);
	assert_int_equal(sa_allocator_used(s->allocator), used);
	/* the same answer for all, whatever the reason */
	assert_memory_equal(s->outcome.reply, "SIP/2.0 403 Forbidden\r\n", 23);
	assert_false(holds(scene_reply(s), "Security"));
	assert_false(holds(scene_reply(s), "Warning"));
	assert_true(holds(scene_reply(s), "Content-Length: 0\r\n\r\n"));
	scene_return(s, i, INITIATOR_REFUSED);
	initiator_destroy(i);
	signer_destroy(signer);
}

static void certificates_that_do_not_hold_are_refused_alike(void **state)
{
	struct certified *c = *state;
	struct issue_spec good = issued_terminal("sip:" D), spec;
	struct signer *revoked = issued_signer(&c->issued, &good);
	struct issued other;

	issued_revoke(&c->issued, revoked);
	trust_destroy(c->trust);
	c->trust = issued_trust(&c->issued, true);
	certify(c);
	assert_refused_take(c, revoked, "certificate revoked");

	spec = good;
	spec.until_s = (int64_t)ISSUED_NOW_S - 1;
	assert_refused_take(c, issued_signer(&c->issued, &spec), "certificate has expired");
	spec = good;
	spec.usage = "serverAuth";
	assert_refused_take(c, issued_signer(&c->issued, &spec), "unsuitable certificate purpose");
	assert_refused_take(c, issued_by_itself(&c->issued, &good), "self-signed certificate");
	issued_make(&other, NULL);
	assert_refused_take(c, issued_signer(&other, &good),
			    "unable to get local issuer certificate");
	issued_remove(&other);
	spec = issued_terminal("sip:nobody@abc.com");
	assert_refused_take(c, issued_signer(&c->issued, &spec), "there is no such subscriber");
	spec = issued_terminal("sip:user-a@abc.com");
	assert_refused_take(c, issued_signer(&c->issued, &spec),
			    "the subscriber attaches by password");
	spec = issued_terminal("sip:abc.com");
	assert_refused_take(c, issued_signer(&c->issued, &spec),
			    "the certificate does not name one subscriber by a sip: URI");
	spec = good;
	spec.second_uri = "sip:user-a@abc.com";
	assert_refused_take(c, issued_signer(&c->issued, &spec),
			    "the certificate does not name one subscriber by a sip: URI");
	c->scene->dave.is_enabled = false;
	assert_refused_take(c, issued_signer(&c->issued, &good), "the subscriber is disabled");
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
	assert_refused_take(c, issued_signer(&narrow, &spec), "permitted subtree violation");
	scene_restart(c->scene);
	trust_destroy(trust);
	issued_remove(&narrow);
}

static void no_sa_outlives_its_certificate(void **state)
{
	struct certified *c = *state;
	struct issue_spec spec = issued_terminal("sip:" D);
	struct signer *brief;
	struct initiator *i;

	spec.until_s = ISSUED_NOW_S + 100;
	brief = issued_signer(&c->issued, &spec);
	i = terminal(c, brief);
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
	i = terminal(c, c->dave);
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
	struct initiator *i = terminal(c, c->dave);
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
	struct initiator *i = terminal(c, c->dave);
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
	struct initiator *i = terminal(c, c->dave);
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

/* With the longest addresses and this domain; each letter more of it costs three bytes. */
static void certificates_of_420_bytes_fit_and_longer_ones_go_by_tcp(void **state)
{
	struct certified *c = *state;
	struct scene *s = c->scene;
	char name[300] = "sip:user-d";
	bool is_told = false;

	assert_int_equal(
		sip_address_parse_port(SLICE("[2001:1234:5678:9abc:def0:1234:5678:9abc]:50600"),
				       &s->source),
		RESULT_OK);
	for (size_t len = strlen(name); !is_told; len += 4) {
		struct initiator_settings settings;
		struct issue_spec spec;
		struct signer *signer;
		struct initiator *i;
		enum initiator_event event;
		size_t der;

		assert_true(len + 16 < sizeof(name));
		memset(name + 10, 'x', len - 10);
		strcpy(name + len, "@abc.com");
		spec = issued_terminal(name);
		signer = issued_signer(&c->issued, &spec);
		der = certificate_der(signer_certificate(signer)).len;
		settings = settings_of(c, signer);
		settings.address = s->source;
		i = scene_initiator(&settings);
		assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_CHALLENGED);
		assert_int_equal(initiator_receive(i, scene_reply(s), &event), RESULT_OK);
		assert_int_equal(initiator_is_stream(i), event == INITIATOR_RESTART);
		if (event == INITIATOR_RESTART) {
			is_told = true;
			assert_true(der > 420);
			assert_int_equal(initiator_start(i), RESULT_OK);
			assert_true(holds(initiator_message(i), "SIP/2.0/TCP "));
			assert_false(holds(initiator_message(i), "Security-Padding"));
		}
		initiator_destroy(i);
		signer_destroy(signer);
	}
}

/* Three CAs between the root and a leaf, each of which comes along with it. */
struct chained {
	EVP_PKEY *key[4];
	X509 *x509[4];
	char path[128], crl[128];
	struct signer *signer;
};

static void chain_make(struct certified *c, struct issue_spec leaf, struct chained *out)
{
	static const char *const names[] = {"of the country", "of the city", "of the street"};
	X509 *issuer = c->issued.ca;
	EVP_PKEY *issuer_key = c->issued.key;
	FILE *file;

	for (int n = 0; n < 4; n++) {
		struct issue_spec ca = {.common_name = n < 3 ? names[n] : NULL,
					.is_ca = true,
					.from_s = ISSUED_NOW_S - 3600,
					.until_s = ISSUED_NOW_S + 86400};

		out->key[n] = issue_key();
		out->x509[n] = issue_certificate(n < 3 ? &ca : &leaf, out->key[n], issuer, issuer_key);
		assert_non_null(out->x509[n]);
		issuer = out->x509[n];
		issuer_key = out->key[n];
	}
	snprintf(out->path, sizeof(out->path), "%s/chain.pem", c->issued.folder);
	file = fopen(out->path, "we");
	assert_non_null(file);
	for (int n = 3; n >= 0; n--)
		assert_int_equal(PEM_write_X509(file, out->x509[n]), 1);
	fclose(file);
	assert_int_equal(signer_read(out->path,
				     issued_write_key(&c->issued, "chain.key", out->key[3]),
				     &out->signer),
			 RESULT_OK);
}

/* What all of them, and the root, have revoked: `revoked`, if it is not NULL, by the last of them. */
static struct trust *chain_trust(struct certified *c, struct chained *chained, const X509 *revoked)
{
	FILE *file;
	struct trust *trust;
	char message[256];

	snprintf(chained->crl, sizeof(chained->crl), "%s/chain.crl", c->issued.folder);
	file = fopen(chained->crl, "we");
	assert_non_null(file);
	assert_int_equal(PEM_write_X509_CRL(file, c->issued.crl), 1);
	for (int n = 0; n < 3; n++) {
		X509_CRL *crl = issue_crl(NULL, n == 2 ? revoked : NULL, chained->x509[n],
					  chained->key[n], ISSUED_NOW_S - 3600,
					  ISSUED_NOW_S + 3600);

		assert_non_null(crl);
		assert_int_equal(PEM_write_X509_CRL(file, crl), 1);
		X509_CRL_free(crl);
	}
	fclose(file);
	assert_int_equal(trust_read(issued_write_certificate(&c->issued, "ca.pem", c->issued.ca),
				    chained->crl, &trust, message, sizeof(message)),
			 RESULT_OK);
	return trust;
}

static void chain_free(struct chained *chained)
{
	signer_destroy(chained->signer);
	for (int n = 0; n < 4; n++) {
		X509_free(chained->x509[n]);
		EVP_PKEY_free(chained->key[n]);
	}
}

static void chain_by_tcp_ends_at_the_root_that_is_believed(void **state)
{
	struct certified *c = *state;
	struct scene *s = c->scene;
	struct chained chained;
	struct trust *trust, *later;
	struct initiator *i;
	struct exchange_certificates certificates = {.signer = c->gateway};
	const struct trust_path *path = &s->outcome.sa.path;

	chain_make(c, issued_terminal("sip:" D), &chained);
	trust = chain_trust(c, &chained, NULL);
	certificates.trust = trust;
	exchange_certificates_set(s->gateway, &certificates);
	i = terminal(c, chained.signer);
	assert_true(initiator_is_stream(i));
	/* in a datagram it is neither asked nor answered */
	s->is_stream = true;
	scene_to_message_3(s, i);
	assert_true(initiator_message(i).len > LIMIT_KEYEXCHANGE_MESSAGE_BYTES);
	s->is_stream = false;
	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_DROPPED_SHORT);
	s->is_stream = true;
	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_ESTABLISHED);
	assert_int_equal(s->outcome.sa.mode, KEYEXCHANGE_TRANSPORT);
	assert_int_equal(s->outcome.sa.inner.port, 5060);
	assert_int_equal(path->until_s, ISSUED_NOW_S + 86400);
	assert_int_not_equal(path->certificate[3], 0);
	assert_int_equal(path->certificate[4], 0);
	later = chain_trust(c, &chained, chained.x509[3]);
	assert_string_equal(trust_path_fault(later, path), "its certificate is revoked");
	trust_destroy(later);
	scene_return(s, i, INITIATOR_ESTABLISHED);
	assert_same_keys(s, i);
	initiator_destroy(i);
	exchange_certificates_set(s->gateway, &s->settings.certificates);
	trust_destroy(trust);
	chain_free(&chained);
}

static void chain_that_is_broken_revoked_or_too_long_is_refused(void **state)
{
	struct certified *c = *state;
	struct scene *s = c->scene;
	struct exchange_certificates certificates = {.signer = c->gateway};
	struct chained chained;
	struct trust *trust;

	s->is_stream = true;
	/* without a list of each CA that comes along nobody is let in */
	chain_make(c, issued_terminal("sip:" D), &chained);
	assert_refused_take(c, chained.signer, "unable to get certificate CRL");
	trust = chain_trust(c, &chained, chained.x509[3]);
	certificates.trust = trust;
	exchange_certificates_set(s->gateway, &certificates);
	assert_int_equal(signer_read(chained.path,
				     issued_write_key(&c->issued, "chain.key", chained.key[3]),
				     &chained.signer),
			 RESULT_OK);
	assert_refused_take(c, chained.signer, "certificate revoked");
	/* the one in the middle is missing */
	FILE *file = fopen(chained.path, "we");

	assert_int_equal(PEM_write_X509(file, chained.x509[3]), 1);
	assert_int_equal(PEM_write_X509(file, chained.x509[2]), 1);
	assert_int_equal(PEM_write_X509(file, chained.x509[0]), 1);
	fclose(file);
	assert_int_equal(signer_read(chained.path,
				     issued_write_key(&c->issued, "chain.key", chained.key[3]),
				     &chained.signer),
			 RESULT_OK);
	assert_refused_take(c, chained.signer, "unable to get local issuer certificate");
	/* more than may come along are not even read */
	file = fopen(chained.path, "we");
	for (int n = 0; n < 6; n++)
		assert_int_equal(PEM_write_X509(file, chained.x509[n < 4 ? 3 - n : 0]), 1);
	fclose(file);
	assert_int_equal(signer_read(chained.path,
				     issued_write_key(&c->issued, "chain.key", chained.key[3]),
				     &chained.signer),
			 RESULT_BAD);
	chained.signer = NULL;
	exchange_certificates_set(s->gateway, &s->settings.certificates);
	trust_destroy(trust);
	chain_free(&chained);
}

static void gateway_shows_its_chain_by_tcp(void **state)
{
	struct certified *c = *state;
	struct scene *s = c->scene;
	struct initiator_settings settings = settings_of(c, c->dave);
	struct exchange_certificates certificates = {.trust = c->trust};
	struct chained chained;
	struct initiator *i;
	struct trust *trust = issued_trust(&c->issued, false);

	chain_make(c, issued_gateway("abc.com"), &chained);
	certificates.signer = chained.signer;
	exchange_certificates_set(s->gateway, &certificates);
	settings.trust = trust;
	settings.gateway = SLICE("");
	i = scene_initiator(&settings);
	/* by UDP the leaf alone, whose issuer nobody knows */
	assert_false(initiator_is_stream(i));
	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_CERTIFICATE_SHOWN);
	scene_return(s, i, INITIATOR_RESTART);
	assert_true(initiator_is_stream(i));
	assert_int_equal(initiator_start(i), RESULT_OK);
	s->is_stream = true;
	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_CERTIFICATE_SHOWN);
	assert_int_equal(s->outcome.tail.len, certificate_chain(signer_certificate(chained.signer)).len);
	scene_return(s, i, INITIATOR_SEND);
	scene_to_message_3(s, i);
	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_ESTABLISHED);
	scene_return(s, i, INITIATOR_ESTABLISHED);
	assert_same_keys(s, i);
	initiator_destroy(i);
	exchange_certificates_set(s->gateway, &s->settings.certificates);
	trust_destroy(trust);
	chain_free(&chained);
}

/* A cookie of one way is worth nothing on the other. */
static void cookies_of_tcp_and_udp_are_apart(void **state)
{
	struct certified *c = *state;
	struct scene *s = c->scene;
	struct initiator *i = terminal(c, c->dave);

	scene_to_message_3(s, i);
	s->is_stream = true;
	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_COOKIE_WRONG);
	initiator_destroy(i);
}

static void low_order_shares_come_to_nothing(void **state)
{
	struct certified *c = *state;
	struct scene *s = c->scene;
	struct initiator *i = terminal(c, c->dave);
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
	assert_string_equal(s->outcome.reason, "what is sealed in it does not open");
	initiator_destroy(i);
}

static void an_early_200_makes_no_sa(void **state)
{
	struct certified *c = *state;
	struct scene *s = c->scene;
	struct initiator *i = terminal(c, c->dave);
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
	struct initiator *i = terminal(c, c->dave);
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
	struct initiator *i = terminal(c, c->dave);
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

static void a_gateway_without_certificates_says_so(void **state)
{
	struct certified *c = *state;
	struct scene *s = c->scene;
	struct initiator *i = terminal(c, c->dave);
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
	i = terminal(c, c->dave);
	scene_to_message_3(s, i);
	exchange_certificates_set(s->gateway, &none);
	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_REFUSED);
	initiator_destroy(i);
	scene_restart(s);
}

static void in_a_flood_the_address_is_proved_before_anything_is_signed(void **state)
{
	struct certified *c = *state;
	struct scene *s = c->scene;
	struct initiator *i;

	s->settings.flood_threshold = 0;
	scene_restart(s);
	i = terminal(c, c->dave);
	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_COOKIE_ASKED);
	assert_false(holds(scene_reply(s), "Gateway-Signature"));
	scene_return(s, i, INITIATOR_SEND);
	scene_to_message_3(s, i);
	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_ESTABLISHED);
	initiator_destroy(i);
}

static void verifications_are_bounded_in_all_and_for_a_source_that_fails(void **state)
{
	struct certified *c = *state;
	struct scene *s = c->scene;
	struct issue_spec spec = issued_terminal("sip:nobody@abc.com");
	struct initiator *i;

	s->settings.certificates_per_second = 1;
	scene_restart(s);
	i = terminal(c, c->dave);
	scene_to_message_3(s, i);
	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_ESTABLISHED);
	assert_int_equal(initiator_start(i), RESULT_OK);
	scene_to_message_3(s, i);
	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_UNAVAILABLE);
	assert_int_equal(scene_status(s), 503);
	assert_string_equal(s->outcome.reason,
			    "as many certificates are verified as may be, or its source's fail");
	s->now_ms += 1000;
	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_ESTABLISHED);
	initiator_destroy(i);

	certify(c);
	for (unsigned n = 0; n < 16; n++)
		assert_refused_take(c, issued_signer(&c->issued, &spec),
				    "there is no such subscriber");
	i = terminal(c, c->dave);
	scene_to_message_3(s, i);
	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_UNAVAILABLE);
	s->now_ms += 4000;
	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_ESTABLISHED);
	initiator_destroy(i);
}

#define CERTIFIED(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CERTIFIED(both_prove_themselves_and_nobody_reads_who_it_was),
		CERTIFIED(a_terminal_that_does_not_know_the_certificate_is_shown_it),
		CERTIFIED(the_gateway_proves_itself_before_a_password_is_proved),
		CERTIFIED(a_gateway_that_signs_wrong_or_not_is_told_nothing),
		CERTIFIED(the_certificate_of_a_wrong_gateway_is_not_taken),
		CERTIFIED(certificates_that_do_not_hold_are_refused_alike),
		CERTIFIED(a_name_outside_the_ca_s_constraints_is_refused),
		CERTIFIED(no_sa_outlives_its_certificate),
		CERTIFIED(who_comes_by_certificate_cannot_come_by_password),
		CERTIFIED(signatures_by_or_over_something_else_are_refused),
		CERTIFIED(what_is_sealed_must_be_of_the_one_form),
		CERTIFIED(a_message_3_opens_one_sa),
		CERTIFIED(certificates_of_420_bytes_fit_and_longer_ones_go_by_tcp),
		CERTIFIED(chain_by_tcp_ends_at_the_root_that_is_believed),
		CERTIFIED(chain_that_is_broken_revoked_or_too_long_is_refused),
		CERTIFIED(gateway_shows_its_chain_by_tcp),
		CERTIFIED(cookies_of_tcp_and_udp_are_apart),
		CERTIFIED(low_order_shares_come_to_nothing),
		CERTIFIED(an_early_200_makes_no_sa),
		CERTIFIED(an_sa_is_rekeyed_by_who_it_belongs_to),
		CERTIFIED(malformed_offers_are_refused),
		CERTIFIED(a_gateway_without_certificates_says_so),
		CERTIFIED(in_a_flood_the_address_is_proved_before_anything_is_signed),
		CERTIFIED(verifications_are_bounded_in_all_and_for_a_source_that_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
