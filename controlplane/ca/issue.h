/* Making keys and certificates (RFC 5280) in memory: what a small CA issues, and what tests need.
 */
#ifndef SEKISHO_CONTROLPLANE_CA_ISSUE_H
#define SEKISHO_CONTROLPLANE_CA_ISSUE_H

#include <openssl/x509.h>
#include <stdbool.h>
#include <stdint.h>

/* NULL is none, for every text. */
struct issue_spec {
	const char *common_name; /* of the subject; without it the subject is empty */
	const char *uri;	 /* subject alternative names */
	const char *second_uri;
	const char *dns;
	const char *usage;	 /* extendedKeyUsage, as OpenSSL writes it: "clientAuth" */
	const char *constraints; /* nameConstraints, likewise: "permitted;URI:abc.com" */
	bool is_ca;
	int64_t from_s, until_s; /* Unix time */
};

/* A P-256 key; NULL if libcrypto fails, here and below. Freed by the caller. */
EVP_PKEY *issue_key(void);

/* A certificate for key, by issuer (NULL: by itself). Its serial is 64 random bits. */
X509 *issue_certificate(const struct issue_spec *spec, EVP_PKEY *key, X509 *issuer,
			EVP_PKEY *issuer_key);

/*
 * A list of who is revoked: before's entries, if there is one, and those of revoked, if there is
 * one.
 */
X509_CRL *issue_crl(X509_CRL *before, const X509 *revoked, X509 *issuer, EVP_PKEY *issuer_key,
		    int64_t from_s, int64_t until_s);

#endif
