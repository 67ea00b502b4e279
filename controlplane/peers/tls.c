#include "controlplane/peers/tls.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>

#include "shared/keyexchange/private_key.h"

/* What we offer to gateways of our own kind, and what we agree to when others offer it. */
static const unsigned char alpn[] = "\x09sekisho/1", agreeable[] = "\x09sekisho/1\x05sip/2";
#define ALPN_BYTES (sizeof(alpn) - 1)

static int alpn_choose(SSL *ssl, const unsigned char **out, unsigned char *out_length,
		       const unsigned char *in, unsigned int in_length, void *arg)
{
	unsigned char *chosen = NULL;

	(void)ssl, (void)arg;
	if (SSL_select_next_proto(&chosen, out_length, agreeable, sizeof(agreeable) - 1, in,
				  in_length) != OPENSSL_NPN_NEGOTIATED)
		return SSL_TLSEXT_ERR_ALERT_FATAL;
	*out = chosen;
	return SSL_TLSEXT_ERR_OK;
}

static bool context_restrict(SSL_CTX *context)
{
	SSL_CTX_set_options(context, SSL_OP_NO_TICKET | SSL_OP_NO_COMPRESSION);
	SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	SSL_CTX_set_alpn_select_cb(context, alpn_choose, NULL);
	return SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) == 1 &&
	       SSL_CTX_set_num_tickets(context, 0) == 1 &&
	       SSL_CTX_set_max_early_data(context, 0) == 1 &&
	       SSL_CTX_set_alpn_protos(context, alpn, ALPN_BYTES) == 0;
}

/* What libcrypto says of a file. */
static enum result complain(const char *path, char *why, size_t size)
{
	char said[160];

	ERR_error_string_n(ERR_peek_last_error(), said, sizeof(said));
	ERR_clear_error();
	snprintf(why, size, "%s cannot be used: %s", path, said);
	return RESULT_BAD;
}

static enum result key_use(SSL_CTX *context, const char *path, char *why, size_t size)
{
	EVP_PKEY *key;
	enum result result = private_key_read(path, &key, why, size);

	if (result != RESULT_OK)
		return RESULT_BAD;
	if (SSL_CTX_use_PrivateKey(context, key) != 1 || SSL_CTX_check_private_key(context) != 1)
		result = complain(path, why, size);
	EVP_PKEY_free(key);
	return result;
}

static enum result files_use(SSL_CTX *context, const char *certificate_file, const char *key_file,
			     const char *const *ca_files, uint32_t ca_count, char *why, size_t size)
{
	enum result result;

	if (SSL_CTX_use_certificate_chain_file(context, certificate_file) != 1)
		return complain(certificate_file, why, size);
	result = key_use(context, key_file, why, size);
	for (uint32_t i = 0; result == RESULT_OK && i < ca_count; i++)
		if (SSL_CTX_load_verify_file(context, ca_files[i]) != 1)
			result = complain(ca_files[i], why, size);
	return result;
}

enum result tls_context_create(const char *certificate_file, const char *key_file,
			       const char *const *ca_files, uint32_t ca_count, SSL_CTX **out,
			       char *why, size_t size)
{
	SSL_CTX *context = SSL_CTX_new(TLS_method());
	enum result result = RESULT_MEMORY;

	snprintf(why, size, "there is no memory for TLS");
	if (context && context_restrict(context))
		result = files_use(context, certificate_file, key_file, ca_files, ca_count, why,
				   size);
	if (result == RESULT_OK)
		*out = context;
	else
		SSL_CTX_free(context);
	return result;
}

/* Where the file has revocation lists, each CA of a chain must have one in force (RFC 5280 6.3). */
static void lists_heed(X509_STORE *store)
{
	const STACK_OF(X509_OBJECT) *objects = X509_STORE_get0_objects(store);

	for (int i = 0; i < sk_X509_OBJECT_num(objects); i++)
		if (X509_OBJECT_get_type(sk_X509_OBJECT_value(objects, i)) == X509_LU_CRL)
			X509_STORE_set_flags(store,
					     X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
}

bool tls_is_revoked(SSL *ssl, const char *ca_file)
{
	X509 *certificate = SSL_get0_peer_certificate(ssl);
	X509_STORE *store = X509_STORE_new();
	X509_STORE_CTX *check = X509_STORE_CTX_new();
	bool is_revoked = false;

	if (store && check && certificate && X509_STORE_load_file(store, ca_file) == 1) {
		lists_heed(store);
		is_revoked = X509_STORE_CTX_init(check, store, certificate,
						 SSL_get_peer_cert_chain(ssl)) == 1 &&
			     X509_verify_cert(check) != 1 &&
			     X509_STORE_CTX_get_error(check) == X509_V_ERR_CERT_REVOKED;
	}
	X509_STORE_CTX_free(check);
	X509_STORE_free(store);
	return is_revoked;
}

/* The chain again, under the one CA file this peer is configured with; an X509_V_ code. */
static int chain_judge(SSL *ssl, X509 *certificate, const char *ca_file)
{
	X509_STORE *store = X509_STORE_new();
	X509_STORE_CTX *check = X509_STORE_CTX_new();
	int code = X509_V_ERR_UNSPECIFIED;

	if (!store || !check || X509_STORE_load_file(store, ca_file) != 1)
		goto out;
	lists_heed(store);
	if (X509_STORE_CTX_init(check, store, certificate, SSL_get_peer_cert_chain(ssl)) != 1)
		goto out;
	/* A gateway is client and server: the certificate must be good for what it is here. */
	X509_VERIFY_PARAM_set_purpose(X509_STORE_CTX_get0_param(check),
				      SSL_is_server(ssl) ? X509_PURPOSE_SSL_CLIENT
							 : X509_PURPOSE_SSL_SERVER);
	if (X509_verify_cert(check) == 1)
		code = X509_V_OK;
	else if (X509_STORE_CTX_get_error(check) != X509_V_OK)
		code = X509_STORE_CTX_get_error(check);
out:
	X509_STORE_CTX_free(check);
	X509_STORE_free(store);
	return code;
}

bool tls_speaks_sekisho(const SSL *ssl)
{
	const unsigned char *agreed;
	unsigned int length;

	SSL_get0_alpn_selected(ssl, &agreed, &length);
	return length == ALPN_BYTES - 1 && memcmp(agreed, alpn + 1, length) == 0;
}

enum result tls_is_peer(SSL *ssl, const char *ca_file, const char *domain, const char **why)
{
	const unsigned flags = X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_WILDCARDS;
	X509 *certificate = SSL_get0_peer_certificate(ssl);
	int code = certificate ? chain_judge(ssl, certificate, ca_file) : X509_V_ERR_UNSPECIFIED;

	/* The name last: of several gateways' names the reason is then the chain's, if it has one.
	 */
	if (code == X509_V_OK &&
	    X509_check_host(certificate, domain, strlen(domain), flags, NULL) != 1)
		code = X509_V_ERR_HOSTNAME_MISMATCH;
	if (code == X509_V_OK)
		return RESULT_OK;
	*why = X509_verify_cert_error_string(code);
	return RESULT_DENIED;
}

enum result tls_certificate_hash(const X509 *certificate, uint8_t hash[TLS_HASH_BYTES])
{
	unsigned int length = 0;

	if (!certificate || X509_digest(certificate, EVP_sha256(), hash, &length) != 1 ||
	    length != TLS_HASH_BYTES)
		return RESULT_BAD;
	return RESULT_OK;
}

enum result tls_export(SSL *ssl, const uint8_t *context, size_t length,
		       uint8_t out[TLS_EXPORTER_BYTES])
{
	static const char label[] = "EXPORTER-sekisho-esp";

	return SSL_export_keying_material(ssl, out, TLS_EXPORTER_BYTES, label, sizeof(label) - 1,
					  context, length, 1) == 1
		       ? RESULT_OK
		       : RESULT_BAD;
}
