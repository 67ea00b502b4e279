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
#include "shared/keyexchange/trust_state.h"

/* 112 bits (NIST SP 800-57): no SHA-1, no RSA under 2,048. */
#define SECURITY_LEVEL 2

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

/* The CA that has signed a list, by its key and not by its name alone; NULL: none of ours. */
static const X509 *find_issuer(const STACK_OF(X509_OBJECT) * objects, X509_CRL *crl)
{
	for (int i = 0; i < sk_X509_OBJECT_num(objects); i++) {
		X509 *ca = X509_OBJECT_get0_X509(sk_X509_OBJECT_value(objects, i));

		if (ca && X509_NAME_cmp(X509_get_subject_name(ca), X509_CRL_get_issuer(crl)) == 0 &&
		    (X509_get_key_usage(ca) & KU_CRL_SIGN) &&
		    X509_CRL_verify(crl, X509_get0_pubkey(ca)) == 1)
			return ca;
	}
	return NULL;
}

/* Is it by a CA of this name, whatever the key? */
static bool is_name_ours(const STACK_OF(X509_OBJECT) * objects, const X509_CRL *crl)
{
	for (int i = 0; i < sk_X509_OBJECT_num(objects); i++) {
		const X509 *ca = X509_OBJECT_get0_X509(sk_X509_OBJECT_value(objects, i));

		if (ca && X509_NAME_cmp(X509_get_subject_name(ca), X509_CRL_get_issuer(crl)) == 0)
			return true;
	}
	return false;
}

/* What is by a CA that is not among ours is for one that comes along with a leaf. */
static enum result verify_lists(struct trust *trust)
{
	const STACK_OF(X509_OBJECT) *objects = X509_STORE_get0_objects(trust->store);
	int count = sk_X509_OBJECT_num(objects);

	trust->lists = calloc((size_t)count, sizeof(*trust->lists));
	if (!trust->lists)
		return RESULT_MEMORY;
	for (int i = 0; i < count; i++) {
		X509_CRL *crl = X509_OBJECT_get0_X509_CRL(sk_X509_OBJECT_value(objects, i));
		const X509 *issuer = crl ? find_issuer(objects, crl) : NULL;

		if (crl && !issuer && is_name_ours(objects, crl))
			return RESULT_BAD;
		if (crl)
			trust->lists[trust->list_count++] = (struct list){crl, issuer};
	}
	return RESULT_OK;
}

/* Who has issued the certificate that is being judged: the next of the chain, the root itself. */
static const X509 *issuer_of(X509_STORE_CTX *ctx)
{
	STACK_OF(X509) *chain = X509_STORE_CTX_get0_chain(ctx);
	int depth = X509_STORE_CTX_get_error_depth(ctx), last = sk_X509_num(chain) - 1;

	return sk_X509_value(chain, depth < last ? depth + 1 : last);
}

static bool is_by(const struct list *list, const X509 *issuer)
{
	if (list->issuer)
		return X509_cmp(list->issuer, issuer) == 0;
	return (X509_get_key_usage((X509 *)issuer) & KU_CRL_SIGN) &&
	       X509_CRL_verify(list->crl, X509_get0_pubkey(issuer)) == 1;
}

/* In place of libcrypto's, which verifies the list's signature for every certificate. */
static int check_list(X509_STORE_CTX *ctx, X509_CRL *crl)
{
	const struct trust *trust = X509_STORE_get_ex_data(X509_STORE_CTX_get0_store(ctx), 0);
	time_t now = X509_VERIFY_PARAM_get_time(X509_STORE_CTX_get0_param(ctx));
	int error = X509_V_ERR_UNABLE_TO_GET_CRL_ISSUER;

	for (int i = 0; i < trust->list_count && error != X509_V_OK; i++)
		if (trust->lists[i].crl == crl && is_by(&trust->lists[i], issuer_of(ctx)))
			error = X509_V_OK;
	if (error == X509_V_OK && X509_cmp_time(X509_CRL_get0_lastUpdate(crl), &now) >= 0)
		error = X509_V_ERR_CRL_NOT_YET_VALID;
	/* a list that never ends is none */
	if (error == X509_V_OK && (!X509_CRL_get0_nextUpdate(crl) ||
				   X509_cmp_time(X509_CRL_get0_nextUpdate(crl), &now) <= 0))
		error = X509_V_ERR_CRL_HAS_EXPIRED;
	X509_STORE_CTX_set_error(ctx, error);
	return error == X509_V_OK;
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
	enum result result = verify_lists(trust);

	if (result == RESULT_BAD)
		snprintf(message, size, "%s: a list in it is by no CA of %s", crl_path, ca_path);
	X509_STORE_set_flags(trust->store, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
	X509_STORE_set_check_crl(trust->store, check_list);
	return X509_STORE_set_ex_data(trust->store, 0, trust) == 1 ? result : RESULT_MEMORY;
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
	if (result == RESULT_OK)
		result = trust_path_index(trust);
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
	free(trust->lists);
	free(trust->revoked.at);
	free(trust->anchors.at);
	free(trust);
}

enum result trust_check(const struct trust *trust, const struct certificate *certificate,
			enum trust_role role, uint64_t now_s, struct trust_path *path,
			const char **reason)
{
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();
	enum result result = RESULT_MEMORY;
	X509_VERIFY_PARAM *param;

	if (!ctx || X509_STORE_CTX_init(ctx, trust->store, certificate->x509,
						   certificate->above) != 1)
		goto out;
	param = X509_STORE_CTX_get0_param(ctx);
	X509_VERIFY_PARAM_set_time(param, (time_t)now_s);
	X509_VERIFY_PARAM_set_depth(param, TRUST_DEPTH_MAX);
	X509_VERIFY_PARAM_set_auth_level(param, SECURITY_LEVEL);
	if (X509_STORE_CTX_set_purpose(ctx, role == TRUST_TERMINAL ? X509_PURPOSE_SSL_CLIENT
								   : X509_PURPOSE_SSL_SERVER) != 1)
		goto out;
	result = X509_verify_cert(ctx) == 1 ? RESULT_OK : RESULT_DENIED;
	if (result == RESULT_DENIED)
		*reason = X509_verify_cert_error_string(X509_STORE_CTX_get_error(ctx));
	else if (path)
		result = trust_path_take(X509_STORE_CTX_get0_chain(ctx), path);
out:
	X509_STORE_CTX_free(ctx);
	ERR_clear_error();
	return result;
}
