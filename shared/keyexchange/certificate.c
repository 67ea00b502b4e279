#include "shared/keyexchange/certificate.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#include "shared/keyexchange/certificate_library.h"
#include "shared/keyexchange/certificate_state.h"
#include "shared/sip/host.h"
#include "shared/sip/uri.h"

bool certificate_key_is_fit(const EVP_PKEY *key, const EVP_MD **md)
{
	char group[32];
	size_t len;

	if (EVP_PKEY_get_base_id(key) == EVP_PKEY_ED25519) {
		*md = NULL;
		return true;
	}
	*md = EVP_sha256();
	return EVP_PKEY_get_base_id(key) == EVP_PKEY_EC &&
	       EVP_PKEY_get_group_name(key, group, sizeof(group), &len) == 1 &&
	       strcmp(group, "prime256v1") == 0;
}

static bool der_add(struct certificate *c, const X509 *x509)
{
	int len = i2d_X509(x509, NULL);
	unsigned char *more, *at;

	if (len <= 0)
		return false;
	more = OPENSSL_realloc(c->der, c->chain_len + (size_t)len);
	if (!more)
		return false;
	c->der = more;
	at = more + c->chain_len;
	c->chain_len += (size_t)len;
	return i2d_X509(x509, &at) == len;
}

static bool der_make(struct certificate *c)
{
	if (!der_add(c, c->x509))
		return false;
	c->der_len = c->chain_len;
	for (int i = 0; i < sk_X509_num(c->above); i++)
		if (!der_add(c, sk_X509_value(c->above, i)))
			return false;
	return true;
}

/* Takes both over, also when it fails; above may be NULL. */
static enum result make_take(X509 *x509, STACK_OF(X509) * above, struct certificate **out)
{
	struct certificate *c = calloc(1, sizeof(*c));

	if (!c) {
		X509_free(x509);
		sk_X509_pop_free(above, X509_free);
		return RESULT_MEMORY;
	}
	c->x509 = x509;
	c->above = above;
	c->key = X509_get0_pubkey(x509);
	bool is_fit = c->key && certificate_key_is_fit(c->key, &c->md) && der_make(c);
	const struct slice part = certificate_der(c);

	if (!is_fit || kdf_hash(&part, 1, c->hash) != RESULT_OK) {
		certificate_destroy(c);
		ERR_clear_error();
		return RESULT_BAD;
	}
	*out = c;
	return RESULT_OK;
}

/* NULL if it is none. */
static X509 *x509_parse(const unsigned char **at, long length)
{
	X509 *x509 = certificate_library_new();

	if (x509 && d2i_X509(&x509, at, length))
		return x509;
	X509_free(x509); /* NULL, if d2i_X509 has freed it */
	return NULL;
}

/* Takes x509 over. RESULT_BAD: too many. */
static enum result above_add(STACK_OF(X509) * *above, X509 *x509)
{
	if (!*above)
		*above = sk_X509_new_null();
	if (*above && sk_X509_num(*above) < CERTIFICATE_ABOVE_MAX && sk_X509_push(*above, x509) > 0)
		return RESULT_OK;
	X509_free(x509);
	return *above ? RESULT_BAD : RESULT_MEMORY;
}

enum result certificate_parse(struct slice der, struct certificate **out)
{
	const unsigned char *at = (const unsigned char *)der.at, *end = at + der.len;
	enum result result = RESULT_OK;
	STACK_OF(X509) *above = NULL;
	X509 *x509;

	if (der.len == 0 || der.len > LONG_MAX)
		return RESULT_BAD;
	x509 = x509_parse(&at, (long)der.len);
	while (x509 && result == RESULT_OK && at < end) {
		X509 *ca = x509_parse(&at, (long)(end - at));

		result = ca ? above_add(&above, ca) : RESULT_BAD;
	}
	if (x509 && result == RESULT_OK)
		return make_take(x509, above, out);
	X509_free(x509);
	sk_X509_pop_free(above, X509_free);
	ERR_clear_error();
	return result == RESULT_MEMORY ? result : RESULT_BAD;
}

enum result certificate_read(const char *path, struct certificate **out)
{
	FILE *file = fopen(path, "re");
	enum result result = RESULT_OK;
	STACK_OF(X509) *above = NULL;
	X509 *x509, *ca;

	if (!file)
		return RESULT_IO;
	x509 = PEM_read_X509(file, NULL, NULL, NULL);
	while (x509 && result == RESULT_OK && (ca = PEM_read_X509(file, NULL, NULL, NULL)) != NULL)
		result = above_add(&above, ca);
	fclose(file);
	ERR_clear_error();
	if (x509 && result == RESULT_OK)
		return make_take(x509, above, out);
	X509_free(x509);
	sk_X509_pop_free(above, X509_free);
	return result == RESULT_MEMORY ? result : RESULT_BAD;
}

void certificate_destroy(struct certificate *c)
{
	if (!c)
		return;
	OPENSSL_free(c->der);
	X509_free(c->x509);
	sk_X509_pop_free(c->above, X509_free);
	free(c);
}

struct slice certificate_der(const struct certificate *c)
{
	return slice_make(c->der, c->der_len);
}

struct slice certificate_chain(const struct certificate *c)
{
	return slice_make(c->der, c->chain_len);
}

const uint8_t *certificate_hash(const struct certificate *c)
{
	return c->hash;
}

static struct slice ia5_slice(const ASN1_IA5STRING *text)
{
	return slice_make(ASN1_STRING_get0_data(text), (size_t)ASN1_STRING_length(text));
}

static GENERAL_NAMES *names_of(const struct certificate *c)
{
	return X509_get_ext_d2i(c->x509, NID_subject_alt_name, NULL, NULL);
}

/* A URI that names a user of ours: takes it into aor. *count counts them. */
static enum result take_user(struct slice text, char aor[LIMIT_AOR_BYTES], size_t *len,
			     unsigned *count)
{
	struct slice canonical;
	struct sip_uri uri;

	if (text.len < 4 || !slice_is_equal_nocase(slice_make(text.at, 4), SLICE("sip:")))
		return RESULT_OK;
	if (sip_uri_parse(text, &uri) != RESULT_OK || uri.has_password || uri.port != 0 ||
	    uri.params.len > 0 || uri.headers.len > 0)
		return RESULT_BAD;
	if (uri.user.len == 0)
		return RESULT_OK;
	if (++*count > 1 || sip_uri_aor(&uri, aor, &canonical) != RESULT_OK)
		return RESULT_BAD;
	*len = canonical.len;
	return RESULT_OK;
}

enum result certificate_identity(const struct certificate *c, char aor[LIMIT_AOR_BYTES],
				 size_t *len)
{
	GENERAL_NAMES *names = names_of(c);
	enum result result = RESULT_OK;
	unsigned count = 0;

	for (int i = 0; result == RESULT_OK && i < sk_GENERAL_NAME_num(names); i++) {
		const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);

		if (name->type == GEN_URI)
			result = take_user(ia5_slice(name->d.uniformResourceIdentifier), aor, len,
					   &count);
	}
	GENERAL_NAMES_free(names);
	ERR_clear_error();
	return result == RESULT_OK && count == 0 ? RESULT_NOT_FOUND : result;
}

static bool is_domain(const GENERAL_NAME *name, struct slice domain)
{
	struct sip_uri uri;

	if (name->type == GEN_DNS)
		return slice_is_equal_nocase(ia5_slice(name->d.dNSName), domain);
	return name->type == GEN_URI &&
	       sip_uri_parse(ia5_slice(name->d.uniformResourceIdentifier), &uri) == RESULT_OK &&
	       uri.scheme == SIP_SCHEME_SIP && uri.user.len == 0 && uri.port == 0 &&
	       uri.params.len == 0 && uri.headers.len == 0 && sip_host_is_equal(uri.host, domain);
}

bool certificate_has_domain(const struct certificate *c, struct slice domain)
{
	GENERAL_NAMES *names = names_of(c);
	bool has = false;

	for (int i = 0; !has && i < sk_GENERAL_NAME_num(names); i++)
		has = is_domain(sk_GENERAL_NAME_value(names, i), domain);
	GENERAL_NAMES_free(names);
	ERR_clear_error();
	return has;
}
