#include "tests/unit/keyexchange/issued.h"

#include <dirent.h>
#include <fcntl.h>
#include <openssl/pem.h>
#include <sys/stat.h>
#include <unistd.h>

#include "shared/keyexchange/certificate_state.h"
#include "tests/unit/shared/sip_check.h"

#define DAY_S 86400

static FILE *create(struct issued *s, const char *name, char path[128])
{
	FILE *file;
	int fd;

	snprintf(path, 128, "%s/%s", s->folder, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	file = fd < 0 ? NULL : fdopen(fd, "w");
	assert_non_null(file);
	return file;
}

const char *issued_write_certificate(struct issued *s, const char *name, X509 *x509)
{
	static char path[128];
	FILE *file = create(s, name, path);

	assert_int_equal(PEM_write_X509(file, x509), 1);
	fclose(file);
	return path;
}

const char *issued_write_key(struct issued *s, const char *name, EVP_PKEY *key)
{
	static char path[128];
	FILE *file = create(s, name, path);

	assert_int_equal(PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL), 1);
	fclose(file);
	return path;
}

void issued_make(struct issued *s, const char *constraints)
{
	const struct issue_spec spec = {
		.common_name = "CA of the tests",
		.constraints = constraints,
		.is_ca = true,
		.from_s = ISSUED_NOW_S - DAY_S,
		.until_s = ISSUED_NOW_S + 100 * DAY_S,
	};

	memset(s, 0, sizeof(*s));
	strcpy(s->folder, "/tmp/sekisho-test-XXXXXX");
	assert_non_null(mkdtemp(s->folder));
	s->key = issue_key();
	assert_non_null(s->key);
	s->ca = issue_certificate(&spec, s->key, NULL, NULL);
	assert_non_null(s->ca);
	s->crl = issue_crl(NULL, NULL, s->ca, s->key, ISSUED_NOW_S - DAY_S, ISSUED_NOW_S + DAY_S);
	assert_non_null(s->crl);
}

void issued_remove(struct issued *s)
{
	DIR *folder = opendir(s->folder);
	struct dirent *entry;
	char path[512];

	while (folder && (entry = readdir(folder))) {
		snprintf(path, sizeof(path), "%s/%s", s->folder, entry->d_name);
		unlink(path);
	}
	if (folder)
		closedir(folder);
	rmdir(s->folder);
	X509_CRL_free(s->crl);
	X509_free(s->ca);
	EVP_PKEY_free(s->key);
}

struct issue_spec issued_terminal(const char *uri)
{
	return (struct issue_spec){
		.uri = uri,
		.usage = "clientAuth",
		.from_s = ISSUED_NOW_S - 3600,
		.until_s = ISSUED_NOW_S + 10 * DAY_S,
	};
}

struct issue_spec issued_gateway(const char *dns)
{
	return (struct issue_spec){
		.dns = dns,
		.usage = "serverAuth,clientAuth",
		.from_s = ISSUED_NOW_S - 3600,
		.until_s = ISSUED_NOW_S + 10 * DAY_S,
	};
}

struct signer *issued_with(struct issued *s, const struct issue_spec *spec, EVP_PKEY *key,
			   X509 *issuer, EVP_PKEY *issuer_key)
{
	X509 *x509 = issue_certificate(spec, key, issuer, issuer_key);
	struct signer *signer;
	char why[200];

	assert_non_null(x509);
	assert_int_equal(signer_read(issued_write_certificate(s, "leaf.pem", x509),
				     issued_write_key(s, "leaf.key", key), &signer, why,
				     sizeof(why)),
			 RESULT_OK);
	X509_free(x509);
	return signer;
}

struct signer *issued_signer(struct issued *s, const struct issue_spec *spec)
{
	EVP_PKEY *key = issue_key();
	struct signer *signer = issued_with(s, spec, key, s->ca, s->key);

	EVP_PKEY_free(key);
	return signer;
}

struct signer *issued_by_itself(struct issued *s, const struct issue_spec *spec)
{
	EVP_PKEY *key = issue_key();
	struct signer *signer = issued_with(s, spec, key, NULL, NULL);

	EVP_PKEY_free(key);
	return signer;
}

struct trust *issued_trust(struct issued *s, bool has_list)
{
	char message[256], path[128];
	struct trust *trust;
	FILE *file = create(s, "ca.crl", path);

	assert_int_equal(PEM_write_X509_CRL(file, s->crl), 1);
	fclose(file);
	assert_int_equal(trust_read(issued_write_certificate(s, "ca.pem", s->ca),
				    has_list ? path : NULL, &trust, message, sizeof(message)),
			 RESULT_OK);
	return trust;
}

void issued_revoke(struct issued *s, const struct signer *signer)
{
	X509_CRL *crl = issue_crl(s->crl, signer_certificate(signer)->x509, s->ca, s->key,
				  ISSUED_NOW_S - DAY_S, ISSUED_NOW_S + DAY_S);

	assert_non_null(crl);
	X509_CRL_free(s->crl);
	s->crl = crl;
}
