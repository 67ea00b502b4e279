#include "controlplane/keyexchange/exchange.h"

#include <openssl/pem.h>

#include "tests/unit/keyexchange/certified.h"
#include "tests/unit/shared/sip_check.h"

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
		settings = certified_settings(c, signer);
		settings.address = s->source;
		i = scene_initiator(&settings);
		assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_CHALLENGED);
		assert_int_equal(initiator_receive(i, scene_reply(s), &event), RESULT_OK);
		assert_int_equal(initiator_is_stream(i), event == INITIATOR_RESTART);
		if (event == INITIATOR_RESTART) {
			is_told = true;
			assert_true(der > 420);
			assert_int_equal(initiator_start(i), RESULT_OK);
			assert_true(certified_holds(initiator_message(i), "SIP/2.0/TCP "));
			assert_false(certified_holds(initiator_message(i), "Security-Padding"));
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

/* Reads the leaf's file as it is now. */
static enum result signer_again(struct certified *c, struct chained *chained)
{
	char why[200];

	return signer_read(chained->path,
			   issued_write_key(&c->issued, "chain.key", chained->key[3]),
			   &chained->signer, why, sizeof(why));
}

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
		out->x509[n] =
			issue_certificate(n < 3 ? &ca : &leaf, out->key[n], issuer, issuer_key);
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
	assert_int_equal(signer_again(c, out), RESULT_OK);
}

/* What all of them, and the root, have revoked: `revoked`, if it is not NULL, by the last of them.
 */
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
		X509_CRL *crl =
			issue_crl(NULL, n == 2 ? revoked : NULL, chained->x509[n], chained->key[n],
				  ISSUED_NOW_S - 3600, ISSUED_NOW_S + 3600);

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

/* The gateway has its own certificates again; the chain and what was made to judge it go. */
static void chain_end(struct certified *c, struct chained *chained, struct trust *trust)
{
	exchange_certificates_set(c->scene->gateway, &c->scene->settings.certificates);
	trust_destroy(trust);
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
	i = certified_terminal(c, chained.signer);
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
	certified_same_keys(s, i);
	initiator_destroy(i);
	chain_end(c, &chained, trust);
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
	certified_refused(c, chained.signer, "unable to get certificate CRL");
	trust = chain_trust(c, &chained, chained.x509[3]);
	certificates.trust = trust;
	exchange_certificates_set(s->gateway, &certificates);
	assert_int_equal(signer_again(c, &chained), RESULT_OK);
	certified_refused(c, chained.signer, "certificate revoked");
	/* the one in the middle is missing */
	FILE *file = fopen(chained.path, "we");

	assert_int_equal(PEM_write_X509(file, chained.x509[3]), 1);
	assert_int_equal(PEM_write_X509(file, chained.x509[2]), 1);
	assert_int_equal(PEM_write_X509(file, chained.x509[0]), 1);
	fclose(file);
	assert_int_equal(signer_again(c, &chained), RESULT_OK);
	certified_refused(c, chained.signer, "unable to get local issuer certificate");
	/* more than may come along are not even read */
	file = fopen(chained.path, "we");
	for (int n = 0; n < 6; n++)
		assert_int_equal(PEM_write_X509(file, chained.x509[n < 4 ? 3 - n : 0]), 1);
	fclose(file);
	assert_int_equal(signer_again(c, &chained), RESULT_BAD);
	chained.signer = NULL;
	chain_end(c, &chained, trust);
}

static void gateway_shows_its_chain_by_tcp(void **state)
{
	struct certified *c = *state;
	struct scene *s = c->scene;
	struct initiator_settings settings = certified_settings(c, c->dave);
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
	assert_int_equal(s->outcome.tail.len,
			 certificate_chain(signer_certificate(chained.signer)).len);
	scene_return(s, i, INITIATOR_SEND);
	scene_to_message_3(s, i);
	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_ESTABLISHED);
	scene_return(s, i, INITIATOR_ESTABLISHED);
	certified_same_keys(s, i);
	initiator_destroy(i);
	chain_end(c, &chained, trust);
}

/* A cookie of one way is worth nothing on the other. */
static void cookies_of_tcp_and_udp_are_apart(void **state)
{
	struct certified *c = *state;
	struct scene *s = c->scene;
	struct initiator *i = certified_terminal(c, c->dave);

	scene_to_message_3(s, i);
	s->is_stream = true;
	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_COOKIE_WRONG);
	initiator_destroy(i);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CERTIFIED(certificates_of_420_bytes_fit_and_longer_ones_go_by_tcp),
		CERTIFIED(chain_by_tcp_ends_at_the_root_that_is_believed),
		CERTIFIED(chain_that_is_broken_revoked_or_too_long_is_refused),
		CERTIFIED(gateway_shows_its_chain_by_tcp),
		CERTIFIED(cookies_of_tcp_and_udp_are_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
