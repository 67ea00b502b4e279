#include "controlplane/ca/authority.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "controlplane/ca/issue.h"
#include "shared/keyexchange/private_key.h"
#include "shared/limits.h"
#include "shared/sip/host.h"
#include "shared/sip/uri.h"

#define DAY_S	 86400
#define CRL_DAYS 30

/* Clocks of those who look at it may be a little behind. */
#define BACKDATED_S 300

struct authority {
	const char *folder;
	X509 *certificate;
	EVP_PKEY *key;
	char *message;
	size_t size;
};

static enum result complain(const struct authority *ca, enum result result, const char *what,
			    const char *why)
{
	snprintf(ca->message, ca->size, "%s/%s: %s", ca->folder, what, why);
	ERR_clear_error();
	return result;
}

static enum result crypto_complain(const struct authority *ca)
{
	char why[160];

	ERR_error_string_n(ERR_peek_last_error(), why, sizeof(why));
	return complain(ca, RESULT_IO, "", why);
}

static FILE *open_file(const struct authority *ca, const char *name, const char *suffix, int flags)
{
	char path[PATH_MAX];
	int fd, len = snprintf(path, sizeof(path), "%s/%s%s", ca->folder, name, suffix);

	if (len < 0 || (size_t)len >= sizeof(path)) {
		errno = ENAMETOOLONG;
		return NULL;
	}
	fd = open(path, flags | O_CLOEXEC | O_NOFOLLOW, 0600);
	return fd < 0 ? NULL : fdopen(fd, flags == O_RDONLY ? "r" : "w");
}

/* Keys and certificates alike for the owner alone: 0600. */
static enum result write_object(const struct authority *ca, const char *name, const char *suffix,
				int (*write)(FILE *, const void *), const void *object)
{
	FILE *file = open_file(ca, name, suffix, O_WRONLY | O_CREAT | O_TRUNC);
	bool is_written;

	if (!file)
		return complain(ca, RESULT_IO, name, strerror(errno));
	is_written = write(file, object) == 1;
	if (fclose(file) == 0 && is_written)
		return RESULT_OK;
	return complain(ca, RESULT_IO, name, "it could not be written");
}

static int write_certificate(FILE *file, const void *object)
{
	return PEM_write_X509(file, object);
}

static int write_key(FILE *file, const void *object)
{
	return PEM_write_PKCS8PrivateKey(file, object, NULL, NULL, 0, NULL, NULL);
}

static int write_crl(FILE *file, const void *object)
{
	return PEM_write_X509_CRL(file, object);
}

static void authority_close(struct authority *ca)
{
	X509_free(ca->certificate);
	EVP_PKEY_free(ca->key);
	ERR_clear_error();
}

static enum result authority_open(struct authority *ca)
{
	char path[PATH_MAX];
	int len;
	FILE *file = open_file(ca, "ca", ".pem", O_RDONLY);

	if (!file)
		return complain(ca, RESULT_IO, "ca.pem", strerror(errno));
	ca->certificate = PEM_read_X509(file, NULL, NULL, NULL);
	fclose(file);
	if (!ca->certificate)
		return complain(ca, RESULT_BAD, "ca.pem", "no certificate of a CA");
	len = snprintf(path, sizeof(path), "%s/ca.key", ca->folder);
	if (len < 0 || (size_t)len >= sizeof(path))
		return complain(ca, RESULT_IO, "ca.key", strerror(ENAMETOOLONG));
	return private_key_read(path, &ca->key, ca->message, ca->size);
}

/* The list as it is and one more; *before may be NULL. */
static enum result list_write(const struct authority *ca, X509_CRL *before, const X509 *revoked,
			      uint32_t days)
{
	int64_t now_s = (int64_t)time(NULL);
	X509_CRL *crl = issue_crl(before, revoked, ca->certificate, ca->key, now_s - BACKDATED_S,
				  now_s + (int64_t)days * DAY_S);
	enum result result =
		crl ? write_object(ca, "ca", ".crl", write_crl, crl) : crypto_complain(ca);

	X509_CRL_free(crl);
	return result;
}

static enum result list_extend(const struct authority *ca, const X509 *revoked, uint32_t days)
{
	FILE *file = open_file(ca, "ca", ".crl", O_RDONLY);
	X509_CRL *before;
	enum result result;

	if (!file)
		return complain(ca, RESULT_IO, "ca.crl", strerror(errno));
	before = PEM_read_X509_CRL(file, NULL, NULL, NULL);
	fclose(file);
	/* a list that cannot be read is not begun anew: who was revoked would be good again */
	result = before ? list_write(ca, before, revoked, days)
			: complain(ca, RESULT_BAD, "ca.crl", "no revocation list");
	X509_CRL_free(before);
	return result;
}

static void spec_date(struct issue_spec *spec, uint32_t days)
{
	int64_t now_s = (int64_t)time(NULL);

	spec->from_s = now_s - BACKDATED_S;
	spec->until_s = now_s + (int64_t)days * DAY_S;
}

static bool is_domain(const char *text)
{
	const char *end = text + strlen(text);
	struct slice host;

	return strlen(text) <= LIMIT_DOMAIN_BYTES && sip_host_scan(text, end, &host) == end &&
	       text[0] != '[' && end != text;
}

static enum result make_ca(struct authority *ca, const char *domain, uint32_t days)
{
	char constraints[2 * LIMIT_DOMAIN_BYTES + 64], name[32];
	struct issue_spec spec = {.common_name = name, .is_ca = true};
	enum result result;
	uint32_t number;

	/* no two of one name: lists are found by it */
	if (RAND_bytes((unsigned char *)&number, sizeof(number)) != 1)
		return crypto_complain(ca);
	snprintf(name, sizeof(name), "Sekisho CA %08x", number);

	spec_date(&spec, days);
	if (domain) {
		snprintf(constraints, sizeof(constraints),
			 "critical,permitted;URI:%s,permitted;DNS:%s", domain, domain);
		spec.constraints = constraints;
	}
	ca->key = issue_key();
	ca->certificate = ca->key ? issue_certificate(&spec, ca->key, NULL, NULL) : NULL;
	if (!ca->certificate)
		return crypto_complain(ca);
	result = write_object(ca, "ca", ".key", write_key, ca->key);
	if (result == RESULT_OK)
		result = write_object(ca, "ca", ".pem", write_certificate, ca->certificate);
	return result == RESULT_OK ? list_write(ca, NULL, NULL, CRL_DAYS) : result;
}

enum result authority_init(const char *folder, const char *domain, uint32_t days, char *message,
			   size_t size)
{
	struct authority ca = {.folder = folder, .message = message, .size = size};
	enum result result;
	FILE *there;

	if (domain && !is_domain(domain))
		return complain(&ca, RESULT_BAD, domain, "not a domain");
	if (mkdir(folder, 0700) != 0 && errno != EEXIST)
		return complain(&ca, RESULT_IO, "", strerror(errno));
	there = open_file(&ca, "ca", ".key", O_RDONLY);
	if (there) {
		fclose(there);
		return complain(&ca, RESULT_EXISTS, "ca.key", "there is a CA already");
	}
	result = make_ca(&ca, domain, days);
	authority_close(&ca);
	return result;
}

/* A terminal's name or a gateway's; no name is a way out of the folder. */
static bool name_read(const char *name, struct issue_spec *spec, char *uri, size_t size)
{
	struct sip_uri parsed;
	int len = snprintf(uri, size, "sip:%s", name);

	if (len < 0 || (size_t)len >= size || strchr(name, '/') || name[0] == '.')
		return false;
	if (is_domain(name)) {
		spec->dns = name;
		spec->usage = "serverAuth,clientAuth";
		return true;
	}
	spec->uri = uri;
	spec->usage = "clientAuth";
	return sip_uri_parse(slice_make(uri, (size_t)len), &parsed) == RESULT_OK &&
	       parsed.user.len > 0 && !parsed.has_password && parsed.port == 0 &&
	       parsed.params.len == 0 && parsed.headers.len == 0;
}

static enum result issue(const struct authority *ca, const struct issue_spec *spec,
			 const char *name)
{
	EVP_PKEY *key = issue_key();
	X509 *x509 = key ? issue_certificate(spec, key, ca->certificate, ca->key) : NULL;
	enum result result =
		x509 ? write_object(ca, name, ".key", write_key, key) : crypto_complain(ca);

	if (result == RESULT_OK)
		result = write_object(ca, name, ".pem", write_certificate, x509);
	X509_free(x509);
	EVP_PKEY_free(key);
	return result;
}

enum result authority_issue(const char *folder, const char *name, uint32_t days, char *message,
			    size_t size)
{
	struct authority ca = {.folder = folder, .message = message, .size = size};
	struct issue_spec spec = {0};
	char uri[LIMIT_AOR_BYTES + 8];
	enum result result;

	if (!name_read(name, &spec, uri, sizeof(uri)))
		return complain(&ca, RESULT_BAD, name, "neither user@domain nor a domain");
	spec_date(&spec, days);
	result = authority_open(&ca);
	if (result == RESULT_OK)
		result = issue(&ca, &spec, name);
	authority_close(&ca);
	return result;
}

enum result authority_revoke(const char *folder, const char *name, char *message, size_t size)
{
	struct authority ca = {.folder = folder, .message = message, .size = size};
	FILE *file = strchr(name, '/') ? NULL : open_file(&ca, name, ".pem", O_RDONLY);
	enum result result;
	X509 *x509;

	if (!file)
		return complain(&ca, RESULT_NOT_FOUND, name, "there is no such certificate");
	x509 = PEM_read_X509(file, NULL, NULL, NULL);
	fclose(file);
	result = x509 ? authority_open(&ca)
		      : complain(&ca, RESULT_BAD, name, "this is no certificate");
	if (result == RESULT_OK)
		result = list_extend(&ca, x509, CRL_DAYS);
	X509_free(x509);
	authority_close(&ca);
	return result;
}

enum result authority_renew(const char *folder, uint32_t days, char *message, size_t size)
{
	struct authority ca = {.folder = folder, .message = message, .size = size};
	enum result result = authority_open(&ca);

	if (result == RESULT_OK)
		result = list_extend(&ca, NULL, days);
	authority_close(&ca);
	return result;
}
