#include "bench/loadgen/issuer.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "controlplane/ca/issue.h"
#include "shared/keyexchange/private_key.h"
#include "shared/keyexchange/secret_file.h"

#define DAY_S	  86400
#define URI_BYTES (LIMIT_AOR_BYTES + sizeof("sip:"))
#define LEAF	  "terminal.pem"
#define LEAF_KEY  "terminal.key"

/* A leaf and its key lie in the folder until they are read: the same files for one after the other.
 */
struct issuer {
	EVP_PKEY *key;
	X509 *ca;
	struct trust *trust;
	struct certificate *gateway; /* NULL: not there */
	char leaf[PATH_MAX], leaf_key[PATH_MAX];
};

static bool path_make(const char *folder, const char *name, char path[PATH_MAX])
{
	return snprintf(path, PATH_MAX, "%s/%s", folder, name) < PATH_MAX;
}

static enum result authority_read(struct issuer *issuer, const char *ca, const char *key,
				  char *message, size_t size)
{
	FILE *file = fopen(ca, "r");

	if (file) {
		issuer->ca = PEM_read_X509(file, NULL, NULL, NULL);
		fclose(file);
	}
	return issuer->ca ? private_key_read(key, &issuer->key, message, size) : RESULT_IO;
}

/* One that is there must be one. */
static enum result gateway_read(struct issuer *issuer, const char *folder, const char *domain)
{
	char path[PATH_MAX];
	enum result result;

	if (snprintf(path, PATH_MAX, "%s/%s.pem", folder, domain) >= PATH_MAX)
		return RESULT_BAD;
	result = certificate_read(path, &issuer->gateway);
	return result == RESULT_IO && errno == ENOENT ? RESULT_OK : result;
}

enum result issuer_open(const char *folder, const char *domain, struct issuer **out)
{
	struct issuer *issuer = calloc(1, sizeof(*issuer));
	char ca[PATH_MAX], key[PATH_MAX], crl[PATH_MAX], message[SECRET_FILE_WHY_BYTES] = "ca.pem";
	enum result result = RESULT_BAD;

	if (!issuer)
		return RESULT_MEMORY;
	if (path_make(folder, "ca.pem", ca) && path_make(folder, "ca.key", key) &&
	    path_make(folder, "ca.crl", crl) && path_make(folder, LEAF, issuer->leaf) &&
	    path_make(folder, LEAF_KEY, issuer->leaf_key))
		result = authority_read(issuer, ca, key, message, sizeof(message));
	if (result == RESULT_OK)
		result = trust_read(ca, crl, &issuer->trust, message, sizeof(message));
	if (result == RESULT_OK && gateway_read(issuer, folder, domain) != RESULT_OK) {
		snprintf(message, sizeof(message), "the gateway's certificate");
		result = RESULT_BAD;
	}
	if (result != RESULT_OK) {
		fprintf(stderr, "sekisho-loadgen: no authority in %s: %s\n", folder, message);
		issuer_close(issuer);
		return result;
	}
	*out = issuer;
	return RESULT_OK;
}

void issuer_close(struct issuer *issuer)
{
	if (!issuer)
		return;
	unlink(issuer->leaf);
	unlink(issuer->leaf_key);
	trust_destroy(issuer->trust);
	certificate_destroy(issuer->gateway);
	X509_free(issuer->ca);
	EVP_PKEY_free(issuer->key);
	free(issuer);
}

/* Nobody but us may read a key. */
static FILE *file_make(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	FILE *file = fd >= 0 ? fdopen(fd, "w") : NULL;

	if (fd >= 0 && !file)
		close(fd);
	return file;
}

static enum result leaf_write(const struct issuer *issuer, X509 *x509, EVP_PKEY *key)
{
	FILE *leaf = file_make(issuer->leaf), *leaf_key = file_make(issuer->leaf_key);
	bool is_written = leaf && leaf_key && PEM_write_X509(leaf, x509) == 1 &&
			  PEM_write_PrivateKey(leaf_key, key, NULL, NULL, 0, NULL, NULL) == 1;

	is_written &= leaf && fclose(leaf) == 0;
	is_written &= leaf_key && fclose(leaf_key) == 0;
	return is_written ? RESULT_OK : RESULT_IO;
}

enum result issuer_make(const struct issuer *issuer, const char *aor, struct signer **signer)
{
	char uri[URI_BYTES];
	const struct issue_spec spec = {.uri = uri,
					.usage = "clientAuth",
					.from_s = time(NULL) - DAY_S,
					.until_s = time(NULL) + DAY_S};
	EVP_PKEY *key = issue_key();
	enum result result = RESULT_IO;
	char why[SECRET_FILE_WHY_BYTES];
	X509 *x509 = NULL;

	snprintf(uri, sizeof(uri), "sip:%s", aor);
	if (key)
		x509 = issue_certificate(&spec, key, issuer->ca, issuer->key);
	if (x509)
		result = leaf_write(issuer, x509, key);
	if (result == RESULT_OK)
		result = signer_read(issuer->leaf, issuer->leaf_key, signer, why, sizeof(why));
	X509_free(x509);
	EVP_PKEY_free(key);
	return result;
}

const struct trust *issuer_trust(const struct issuer *issuer)
{
	return issuer->trust;
}

struct slice issuer_gateway(const struct issuer *issuer)
{
	return issuer->gateway ? certificate_der(issuer->gateway) : SLICE("");
}
