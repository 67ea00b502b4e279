/* Signatures of 64 bytes: r and s of P-256 (as in RFC 7518 3.4), or Ed25519's own. */
#include <errno.h>
#include <openssl/bn.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/keyexchange/certificate_library.h"
#include "shared/keyexchange/certificate_state.h"
#include "shared/keyexchange/private_key.h"

#define HALF (CERTIFICATE_SIGNATURE_BYTES / 2)

/* A P-256 signature in DER takes at most so much: two INTEGERs of 33 bytes. */
#define DER_BYTES 72

struct signer {
	struct certificate *certificate;
	EVP_PKEY *key;
};

/* r ‖ s into ECDSA-Sig-Value (RFC 3279 2.2.3); its length, 0 if libcrypto fails. */
static size_t to_der(const uint8_t raw[CERTIFICATE_SIGNATURE_BYTES], uint8_t der[DER_BYTES])
{
	ECDSA_SIG *sig = ECDSA_SIG_new();
	BIGNUM *r = BN_bin2bn(raw, HALF, NULL);
	BIGNUM *s = BN_bin2bn(raw + HALF, HALF, NULL);
	unsigned char *at = der;
	int len = 0;

	if (!sig || !r || !s || ECDSA_SIG_set0(sig, r, s) != 1) {
		BN_free(r);
		BN_free(s);
	} else {
		len = i2d_ECDSA_SIG(sig, &at);
	}
	ECDSA_SIG_free(sig);
	return len > 0 ? (size_t)len : 0;
}

static bool from_der(const uint8_t *der, size_t len, uint8_t raw[CERTIFICATE_SIGNATURE_BYTES])
{
	ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &der, (long)len);
	bool is_done = sig && BN_bn2binpad(ECDSA_SIG_get0_r(sig), raw, HALF) == HALF &&
		       BN_bn2binpad(ECDSA_SIG_get0_s(sig), raw + HALF, HALF) == HALF;

	ECDSA_SIG_free(sig);
	return is_done;
}

enum result certificate_verify(const struct certificate *c, struct slice statement,
			       const uint8_t signature[CERTIFICATE_SIGNATURE_BYTES])
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	uint8_t der[DER_BYTES];
	size_t len = c->md ? to_der(signature, der) : CERTIFICATE_SIGNATURE_BYTES;
	bool is_right = ctx && len > 0 &&
			EVP_DigestVerifyInit_ex(ctx, NULL, c->md ? EVP_MD_get0_name(c->md) : NULL,
						certificate_library(), NULL, c->key, NULL) == 1 &&
			EVP_DigestVerify(ctx, c->md ? der : signature, len,
					 (const unsigned char *)statement.at, statement.len) == 1;

	EVP_MD_CTX_free(ctx);
	if (is_right)
		return RESULT_OK;
	ERR_clear_error();
	return ctx ? RESULT_DENIED : RESULT_MEMORY;
}

static enum result read_both(const char *certificate_path, const char *key_path, struct signer *s,
			     char *why, size_t size)
{
	enum result result = certificate_read(certificate_path, &s->certificate);

	if (result == RESULT_IO)
		snprintf(why, size, "%s: %s", certificate_path, strerror(errno));
	if (result == RESULT_BAD)
		snprintf(why, size, "%s: no P-256 or Ed25519 certificate", certificate_path);
	if (result == RESULT_OK)
		result = private_key_read(key_path, &s->key, why, size);
	if (result != RESULT_OK)
		return result;
	if (X509_check_private_key(s->certificate->x509, s->key) == 1)
		return RESULT_OK;
	snprintf(why, size, "%s and %s: they do not belong together", certificate_path, key_path);
	return RESULT_BAD;
}

enum result signer_read(const char *certificate_path, const char *key_path, struct signer **out,
			char *why, size_t size)
{
	struct signer *s = calloc(1, sizeof(*s));
	enum result result = s ? RESULT_OK : RESULT_MEMORY;

	snprintf(why, size, "there is no memory");
	if (result == RESULT_OK)
		result = read_both(certificate_path, key_path, s, why, size);
	ERR_clear_error();
	if (result != RESULT_OK) {
		signer_destroy(s);
		return result;
	}
	*out = s;
	return RESULT_OK;
}

void signer_destroy(struct signer *s)
{
	if (!s)
		return;
	certificate_destroy(s->certificate);
	EVP_PKEY_free(s->key); /* libcrypto wipes the private value */
	free(s);
}

const struct certificate *signer_certificate(const struct signer *s)
{
	return s->certificate;
}

enum result signer_sign(const struct signer *s, struct slice statement,
			uint8_t signature[CERTIFICATE_SIGNATURE_BYTES])
{
	const EVP_MD *md = s->certificate->md;
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	uint8_t made[DER_BYTES];
	size_t len = sizeof(made);
	bool is_made = ctx && EVP_DigestSignInit(ctx, NULL, md, NULL, s->key) == 1 &&
		       EVP_DigestSign(ctx, made, &len, (const unsigned char *)statement.at,
				      statement.len) == 1;

	EVP_MD_CTX_free(ctx);
	if (is_made && md)
		is_made = from_der(made, len, signature);
	else if (is_made)
		memcpy(signature, made, CERTIFICATE_SIGNATURE_BYTES);
	ERR_clear_error();
	return is_made ? RESULT_OK : RESULT_IO;
}
