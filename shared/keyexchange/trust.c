#include "shared/keyexchange/trust.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "shared/keyexchange/certificate_state.h"
#include "shared/keyexchange/name_constraints.h"

/* CAs above a leaf. */
#define DEPTH_MAX 4

/* 112 bits (NIST SP 800-57): no SHA-1, no RSA under 2,048. */
#define SECURITY_LEVEL 2

struct trust {
	X509_STORE *store;
};

static enum result complain(const char *path, enum result result, char *message, size_t size)
{
	if (result == RESULT_IO)
		snprintf(message, size, "%s: %s", path, strerror(errno));
	else
		snprintf(message, size, "%s: nothing usable stands in it", path);
	ERR_clear_error();
	return result;
}

/*
 * OpenSSL does not know the host in a sip: URI and gives up on it (nc_uri wants "//"): there the
 * judgement is ours. Every other error stands.
 */
static int judge(int is_fine, X509_STORE_CTX *ctx)
{
	if (is_fine)
		return 1;
	if (X509_STORE_CTX_get_error(ctx) != X509_V_ERR_UNSUPPORTED_NAME_SYNTAX ||
	    X509_STORE_CTX_get_error_depth(ctx) != 0)
		return 0;
	if (!name_constraints_hold(X509_STORE_CTX_get0_chain(ctx))) {
		X509_STORE_CTX_set_error(ctx, X509_V_ERR_PERMITTED_VIOLATION);
		return 0;
	}
	X509_STORE_CTX_set_error(ctx, X509_V_OK);
	return 1;
}

static enum result load(struct trust *trust, const char *ca_path, const char *crl_path,
			char *message, size_t size)
{
	X509_LOOKUP *lookup = X509_STORE_add_lookup(trust->store, X509_LOOKUP_file());

	if (!lookup)
		return RESULT_MEMORY;
	if (access(ca_path, R_OK) != 0)
		return complain(ca_path, RESULT_IO, message, size);
	if (X509_load_cert_file(lookup, ca_path, X509_FILETYPE_PEM) < 1)
		return complain(ca_path, RESULT_BAD, message, size);
	if (!crl_path)
		return RESULT_OK;
	if (access(crl_path, R_OK) != 0)
		return complain(crl_path, RESULT_IO, message, size);
	if (X509_load_crl_file(lookup, crl_path, X509_FILETYPE_PEM) < 1)
		return complain(crl_path, RESULT_BAD, message, size);
	X509_STORE_set_flags(trust->store, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
	return RESULT_OK;
}

enum result trust_read(const char *ca_path, const char *crl_path, struct trust **out, char *message,
		       size_t size)
{
	struct trust *trust = calloc(1, sizeof(*trust));
	enum result result = RESULT_MEMORY;

	snprintf(message, size, "there is no memory");
	if (trust)
		trust->store = X509_STORE_new();
	if (trust && trust->store)
		result = load(trust, ca_path, crl_path, message, size);
	if (result != RESULT_OK) {
		trust_destroy(trust);
		return result;
	}
	X509_STORE_set_verify_cb(trust->store, judge);
	*out = trust;
	return RESULT_OK;
}

void trust_destroy(struct trust *trust)
{
	if (!trust)
		return;
	X509_STORE_free(trust->store);
	free(trust);
}

enum result trust_check(const struct trust *trust, const struct certificate *certificate,
			enum trust_role role, uint64_t now_s, const char **reason)
{
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();
	enum result result = RESULT_MEMORY;
	X509_VERIFY_PARAM *param;

	if (!ctx || X509_STORE_CTX_init(ctx, trust->store, certificate->x509, NULL) != 1)
		goto out;
	param = X509_STORE_CTX_get0_param(ctx);
	X509_VERIFY_PARAM_set_time(param, (time_t)now_s);
	X509_VERIFY_PARAM_set_depth(param, DEPTH_MAX);
	X509_VERIFY_PARAM_set_auth_level(param, SECURITY_LEVEL);
	if (X509_STORE_CTX_set_purpose(ctx, role == TRUST_TERMINAL ? X509_PURPOSE_SSL_CLIENT
								   : X509_PURPOSE_SSL_SERVER) != 1)
		goto out;
	result = X509_verify_cert(ctx) == 1 ? RESULT_OK : RESULT_DENIED;
	if (result == RESULT_DENIED)
		*reason = X509_verify_cert_error_string(X509_STORE_CTX_get_error(ctx));
out:
	X509_STORE_CTX_free(ctx);
	ERR_clear_error();
	return result;
}
