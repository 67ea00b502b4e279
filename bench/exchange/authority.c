#include "bench/exchange/authority.h"

#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench/exchange/must.h"

static void write_pem(const char *path, X509 *x509, EVP_PKEY *key, X509_CRL *crl)
{
	FILE *file = fopen(path, "w");
	int is_written;

	if (!file)
		give_up(path);
	if (x509)
		is_written = PEM_write_X509(file, x509);
	else if (key)
		is_written = PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL);
	else
		is_written = PEM_write_X509_CRL(file, crl);
	if (is_written != 1 || fclose(file) != 0)
		give_up(path);
}

static const char *path_of(const struct authority *a, const char *name, char out[96])
{
	snprintf(out, 96, "%s/%s", a->folder, name);
	return out;
}

static struct signer *issue(const struct authority *a, const struct issue_spec *spec)
{
	EVP_PKEY *key = issue_key();
	X509 *x509 = issue_certificate(spec, key, a->ca, a->key);
	struct signer *signer;
	char pem[96], pem_key[96], message[200] = "";

	if (!x509)
		give_up("issue_certificate");
	write_pem(path_of(a, "leaf.pem", pem), x509, NULL, NULL);
	write_pem(path_of(a, "leaf.key", pem_key), NULL, key, NULL);
	must(signer_read(pem, pem_key, &signer, message, sizeof(message)), message);
	X509_free(x509);
	EVP_PKEY_free(key);
	return signer;
}

void authority_make(struct authority *a, unsigned terminals)
{
	const struct issue_spec ca = {
		.common_name = "CA",
		.is_ca = true,
		.constraints = "critical,permitted;URI:abc.com,permitted;DNS:abc.com",
		.from_s = NOW_S - DAY_S,
		.until_s = NOW_S + DAY_S};
	const struct issue_spec gateway = {.dns = "abc.com",
					   .usage = "serverAuth",
					   .from_s = NOW_S - DAY_S,
					   .until_s = NOW_S + DAY_S};
	char pem[96], crl[96], message[256];
	X509_CRL *list;

	strcpy(a->folder, "/tmp/sekisho-bench-XXXXXX");
	umask(077);
	if (!mkdtemp(a->folder))
		give_up("mkdtemp");
	a->key = issue_key();
	a->ca = issue_certificate(&ca, a->key, NULL, NULL);
	list = issue_crl(NULL, NULL, a->ca, a->key, NOW_S - DAY_S, NOW_S + DAY_S);
	write_pem(path_of(a, "ca.pem", pem), a->ca, NULL, NULL);
	write_pem(path_of(a, "ca.crl", crl), NULL, NULL, list);
	must(trust_read(pem, crl, &a->trust, message, sizeof(message)), "trust_read");
	X509_CRL_free(list);
	a->gateway = issue(a, &gateway);
	a->terminals = calloc(terminals, sizeof(struct signer *));
	if (!a->terminals)
		give_up("out of memory");
	for (unsigned n = 0; n < terminals; n++) {
		char uri[40];
		const struct issue_spec terminal = {.uri = uri,
						    .usage = "clientAuth",
						    .from_s = NOW_S - DAY_S,
						    .until_s = NOW_S + DAY_S};

		snprintf(uri, sizeof(uri), "sip:user-%u@abc.com", n);
		a->terminals[n] = issue(a, &terminal);
	}
}

void authority_remove(struct authority *a, unsigned terminals)
{
	static const char *const names[] = {"leaf.pem", "leaf.key", "ca.pem", "ca.crl"};
	char path[96];

	for (unsigned n = 0; n < terminals; n++)
		signer_destroy(a->terminals[n]);
	free(a->terminals);
	signer_destroy(a->gateway);
	trust_destroy(a->trust);
	X509_free(a->ca);
	EVP_PKEY_free(a->key);
	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		unlink(path_of(a, names[i], path));
	rmdir(a->folder);
}
