#include "controlplane/ca/issue.h"

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

EVP_PKEY *issue_key(void)
{
	return EVP_EC_gen("P-256");
}

static bool set_serial(X509 *x509)
{
	uint64_t serial;

	if (RAND_bytes((unsigned char *)&serial, sizeof(serial)) != 1)
		return false;
	/* positive, and never empty (RFC 5280 4.1.2.2) */
	return ASN1_INTEGER_set_uint64(X509_get_serialNumber(x509), serial >> 1 | 1) == 1;
}

static bool set_name(X509 *x509, const struct issue_spec *spec, const X509 *issuer)
{
	X509_NAME *name = X509_get_subject_name(x509);

	if (spec->common_name &&
	    X509_NAME_add_entry_by_NID(name, NID_commonName, MBSTRING_UTF8,
				       (const unsigned char *)spec->common_name, -1, -1, 0) != 1)
		return false;
	return X509_set_issuer_name(x509, issuer ? X509_get_subject_name(issuer) : name) == 1;
}

static bool set_time(X509 *x509, const struct issue_spec *spec)
{
	return ASN1_TIME_set(X509_getm_notBefore(x509), (time_t)spec->from_s) &&
	       ASN1_TIME_set(X509_getm_notAfter(x509), (time_t)spec->until_s);
}

static bool add_name(GENERAL_NAMES *names, int type, const char *text)
{
	GENERAL_NAME *name;
	ASN1_IA5STRING *string;

	if (!text)
		return true;
	name = GENERAL_NAME_new();
	string = ASN1_IA5STRING_new();
	if (!name || !string || ASN1_STRING_set(string, text, -1) != 1) {
		GENERAL_NAME_free(name);
		ASN1_IA5STRING_free(string);
		return false;
	}
	GENERAL_NAME_set0_value(name, type, string);
	if (sk_GENERAL_NAME_push(names, name) > 0)
		return true;
	GENERAL_NAME_free(name);
	return false;
}

/* Names are put in as they are: no text of theirs is taken for syntax. */
static bool add_alternatives(X509 *x509, const struct issue_spec *spec)
{
	GENERAL_NAMES *names = GENERAL_NAMES_new();
	bool is_added = names && add_name(names, GEN_DNS, spec->dns) &&
			add_name(names, GEN_URI, spec->uri) &&
			add_name(names, GEN_URI, spec->second_uri);

	if (is_added && sk_GENERAL_NAME_num(names) > 0)
		is_added = X509_add1_ext_i2d(x509, NID_subject_alt_name, names,
					     spec->common_name == NULL, X509V3_ADD_APPEND) == 1;
	GENERAL_NAMES_free(names);
	return is_added;
}

static bool add_extension(X509 *x509, X509 *issuer, int nid, const char *value)
{
	X509_EXTENSION *extension;
	X509V3_CTX context;
	bool is_added;

	if (!value)
		return true;
	X509V3_set_ctx(&context, issuer ? issuer : x509, x509, NULL, NULL, 0);
	extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
	is_added = extension && X509_add_ext(x509, extension, -1) == 1;
	X509_EXTENSION_free(extension);
	return is_added;
}

static bool add_extensions(X509 *x509, const struct issue_spec *spec, X509 *issuer)
{
	if (spec->is_ca)
		return add_extension(x509, issuer, NID_basic_constraints, "critical,CA:TRUE") &&
		       add_extension(x509, issuer, NID_key_usage, "critical,keyCertSign,cRLSign") &&
		       add_extension(x509, issuer, NID_subject_key_identifier, "hash") &&
		       add_extension(x509, issuer, NID_name_constraints, spec->constraints);
	return add_alternatives(x509, spec) &&
	       add_extension(x509, issuer, NID_key_usage, "critical,digitalSignature") &&
	       add_extension(x509, issuer, NID_ext_key_usage, spec->usage) &&
	       (!issuer || X509_get_ext_by_NID(issuer, NID_subject_key_identifier, -1) < 0 ||
		add_extension(x509, issuer, NID_authority_key_identifier, "keyid"));
}

X509 *issue_certificate(const struct issue_spec *spec, EVP_PKEY *key, X509 *issuer,
			EVP_PKEY *issuer_key)
{
	X509 *x509 = X509_new();

	if (x509 && X509_set_version(x509, X509_VERSION_3) == 1 && set_serial(x509) &&
	    set_name(x509, spec, issuer) && set_time(x509, spec) &&
	    X509_set_pubkey(x509, key) == 1 && add_extensions(x509, spec, issuer) &&
	    X509_sign(x509, issuer ? issuer_key : key, EVP_sha256()) > 0)
		return x509;
	X509_free(x509);
	return NULL;
}

static bool copy_entries(X509_CRL *crl, X509_CRL *before)
{
	STACK_OF(X509_REVOKED) *entries = before ? X509_CRL_get_REVOKED(before) : NULL;

	for (int i = 0; i < sk_X509_REVOKED_num(entries); i++) {
		X509_REVOKED *entry = X509_REVOKED_dup(sk_X509_REVOKED_value(entries, i));

		if (!entry || X509_CRL_add0_revoked(crl, entry) != 1) {
			X509_REVOKED_free(entry);
			return false;
		}
	}
	return true;
}

static bool add_entry(X509_CRL *crl, const X509 *revoked, int64_t now_s)
{
	X509_REVOKED *entry, *there;
	ASN1_TIME *now;
	bool is_added;

	if (!revoked || X509_CRL_get0_by_serial(crl, &there, X509_get0_serialNumber(revoked)) == 1)
		return true;
	entry = X509_REVOKED_new();
	now = ASN1_TIME_set(NULL, (time_t)now_s);
	is_added =
		entry && now &&
		X509_REVOKED_set_serialNumber(
			entry, (ASN1_INTEGER *)(uintptr_t)X509_get0_serialNumber(revoked)) == 1 &&
		X509_REVOKED_set_revocationDate(entry, now) == 1 &&
		X509_CRL_add0_revoked(crl, entry) == 1;
	ASN1_TIME_free(now);
	if (!is_added)
		X509_REVOKED_free(entry);
	return is_added;
}

X509_CRL *issue_crl(X509_CRL *before, const X509 *revoked, X509 *issuer, EVP_PKEY *issuer_key,
		    int64_t from_s, int64_t until_s)
{
	X509_CRL *crl = X509_CRL_new();
	ASN1_TIME *from = ASN1_TIME_set(NULL, (time_t)from_s);
	ASN1_TIME *until = ASN1_TIME_set(NULL, (time_t)until_s);
	bool is_made = crl && from && until && X509_CRL_set_version(crl, X509_CRL_VERSION_2) == 1 &&
		       X509_CRL_set_issuer_name(crl, X509_get_subject_name(issuer)) == 1 &&
		       X509_CRL_set1_lastUpdate(crl, from) == 1 &&
		       X509_CRL_set1_nextUpdate(crl, until) == 1 && copy_entries(crl, before) &&
		       add_entry(crl, revoked, from_s) && X509_CRL_sort(crl) == 1 &&
		       X509_CRL_sign(crl, issuer_key, EVP_sha256()) > 0;

	ASN1_TIME_free(from);
	ASN1_TIME_free(until);
	if (is_made)
		return crl;
	X509_CRL_free(crl);
	return NULL;
}
