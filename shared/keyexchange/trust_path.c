/*
 * A chain in a few numbers: so that a million SAs can be looked at again when a list has changed,
 * without their certificates.
 */
#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>

#include "shared/keyexchange/trust_state.h"

/* The first 8 bytes of a SHA-256: whoever chooses a name or a number chooses none of these. */
static uint64_t id_of(const unsigned char *a, size_t a_len, const unsigned char *b, size_t b_len)
{
	const uint64_t lengths[2] = {a_len, b_len};
	unsigned char hash[SHA256_DIGEST_LENGTH];
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	uint64_t id = 0;

	if (ctx && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) == 1 &&
	    EVP_DigestUpdate(ctx, lengths, sizeof(lengths)) == 1 &&
	    EVP_DigestUpdate(ctx, a, a_len) == 1 && EVP_DigestUpdate(ctx, b, b_len) == 1 &&
	    EVP_DigestFinal_ex(ctx, hash, NULL) == 1)
		memcpy(&id, hash, sizeof(id));
	EVP_MD_CTX_free(ctx);
	/* 0 stands for none; it is nobody's, or libcrypto has failed */
	return id;
}

/* What a list calls a certificate by. */
static uint64_t numbered(const X509_NAME *issuer, const ASN1_INTEGER *serial)
{
	const unsigned char *name;
	size_t len;

	if (X509_NAME_get0_der(issuer, &name, &len) != 1)
		return 0;
	return id_of(name, len, ASN1_STRING_get0_data(serial), (size_t)ASN1_STRING_length(serial));
}

/* A CA by name and key: renewed under both it is the same. */
static uint64_t named(const X509 *ca)
{
	const ASN1_BIT_STRING *key = X509_get0_pubkey_bitstr(ca);
	const unsigned char *name;
	size_t len;

	if (!key || X509_NAME_get0_der(X509_get_subject_name(ca), &name, &len) != 1)
		return 0;
	return id_of(name, len, ASN1_STRING_get0_data(key), (size_t)ASN1_STRING_length(key));
}

static uint64_t end_of(const X509 *certificate)
{
	struct tm end;

	if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &end) != 1)
		return 0;
	time_t end_s = timegm(&end);

	return end_s > 0 ? (uint64_t)end_s : 0;
}

enum result trust_path_take(STACK_OF(X509) * chain, struct trust_path *out)
{
	int count = sk_X509_num(chain);
	struct trust_path path = {.until_s = UINT64_MAX};

	for (int i = 0; i < count; i++) {
		const X509 *certificate = sk_X509_value(chain, i);
		uint64_t end_s = end_of(certificate);

		if (end_s < path.until_s)
			path.until_s = end_s;
		if ((i + 1 < count || count == 1) && i < TRUST_PATH_MAX)
			path.certificate[i] = numbered(X509_get_issuer_name(certificate),
						       X509_get0_serialNumber(certificate));
	}
	path.anchor = count > 0 ? named(sk_X509_value(chain, count - 1)) : 0;
	if (path.anchor == 0 || path.certificate[0] == 0 || count - 1 > TRUST_PATH_MAX)
		return RESULT_MEMORY;
	*out = path;
	return RESULT_OK;
}

static int compare(const void *a, const void *b)
{
	uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;

	return left < right ? -1 : left > right;
}

static void add_entries(struct ids *ids, X509_CRL *crl)
{
	STACK_OF(X509_REVOKED) *entries = X509_CRL_get_REVOKED(crl);

	for (int at = 0; at < sk_X509_REVOKED_num(entries); at++)
		ids->at[ids->count++] =
			numbered(X509_CRL_get_issuer(crl),
				 X509_REVOKED_get0_serialNumber(sk_X509_REVOKED_value(entries, at)));
}

static size_t count_entries(const struct trust *trust)
{
	size_t count = 0;

	for (int i = 0; i < trust->list_count; i++) {
		int more = sk_X509_REVOKED_num(X509_CRL_get_REVOKED(trust->lists[i].crl));

		count += more > 0 ? (size_t)more : 0;
	}
	return count;
}

enum result trust_path_index(struct trust *trust)
{
	const STACK_OF(X509_OBJECT) *objects = X509_STORE_get0_objects(trust->store);
	int count = sk_X509_OBJECT_num(objects);

	trust->revoked.at = calloc(count_entries(trust) + 1, sizeof(*trust->revoked.at));
	trust->anchors.at = calloc((size_t)count + 1, sizeof(*trust->anchors.at));
	if (!trust->revoked.at || !trust->anchors.at)
		return RESULT_MEMORY;
	for (int i = 0; i < trust->list_count; i++)
		add_entries(&trust->revoked, trust->lists[i].crl);
	for (int i = 0; i < count; i++) {
		const X509 *ca = X509_OBJECT_get0_X509(sk_X509_OBJECT_value(objects, i));

		if (ca)
			trust->anchors.at[trust->anchors.count++] = named(ca);
	}
	qsort(trust->revoked.at, trust->revoked.count, sizeof(*trust->revoked.at), compare);
	qsort(trust->anchors.at, trust->anchors.count, sizeof(*trust->anchors.at), compare);
	return RESULT_OK;
}

static bool has(const struct ids *ids, uint64_t id)
{
	return bsearch(&id, ids->at, ids->count, sizeof(*ids->at), compare) != NULL;
}

const char *trust_path_fault(const struct trust *trust, const struct trust_path *path)
{
	for (int i = 0; i < TRUST_PATH_MAX && path->certificate[i] != 0; i++)
		if (has(&trust->revoked, path->certificate[i]))
			return i == 0 ? "its certificate is revoked"
				      : "a CA of its certificate is revoked";
	return has(&trust->anchors, path->anchor) ? NULL
						  : "its certificate is of a CA no longer believed";
}
