#include "controlplane/gateway_certificates.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "controlplane/log.h"

#define FILES 4

/* What tells one state of a file from another. */
struct mark {
	struct timespec changed;
	ino_t inode;
	off_t size;
};

struct set {
	struct signer *signer;
	struct trust *trust;
};

struct gateway_certificates {
	const struct control_config *config;
	struct mark marks[FILES];
	struct set now, before;
};

static void set_destroy(struct set *set)
{
	signer_destroy(set->signer);
	trust_destroy(set->trust);
	*set = (struct set){0};
}

static void marks_take(const struct control_certificates *files, struct mark marks[FILES])
{
	const char *const paths[FILES] = {files->certificate_file, files->key_file, files->ca_file,
					  files->crl_file};

	memset(marks, 0, FILES * sizeof(*marks));
	for (int i = 0; i < FILES; i++) {
		struct stat status;

		if (paths[i][0] == '\0' || stat(paths[i], &status) != 0)
			continue;
		marks[i] = (struct mark){status.st_mtim, status.st_ino, status.st_size};
	}
}

static bool are_same(const struct mark *a, const struct mark *b)
{
	for (int i = 0; i < FILES; i++)
		if (a[i].inode != b[i].inode || a[i].size != b[i].size ||
		    a[i].changed.tv_sec != b[i].changed.tv_sec ||
		    a[i].changed.tv_nsec != b[i].changed.tv_nsec)
			return false;
	return true;
}

/* What a terminal would stumble over is told to the operator. */
static void signer_look(const struct control_config *config, const struct signer *signer)
{
	const struct certificate *certificate = signer_certificate(signer);

	for (unsigned i = 0; i < config->domain_count; i++) {
		const char *domain = config->domain[i];

		if (!certificate_has_domain(certificate, slice_make(domain, strlen(domain))))
			log_say("%s is no certificate of %s: its terminals will refuse it",
				config->certificates.certificate_file, domain);
	}
	if (certificate_der(certificate).len > KEYEXCHANGE_SHOWN_BYTES)
		log_say("%s has %zu bytes, more than a datagram takes: terminals must know it "
			"beforehand",
			config->certificates.certificate_file, certificate_der(certificate).len);
}

static enum result set_read(const struct control_config *config, struct set *out, char *message,
			    size_t size)
{
	const struct control_certificates *files = &config->certificates;
	struct set set = {0};
	enum result result;

	if (files->certificate_file[0] == '\0')
		return RESULT_OK;
	result = signer_read(files->certificate_file, files->key_file, &set.signer, message, size);
	if (result != RESULT_OK)
		return result;
	if (files->ca_file[0] != '\0')
		result = trust_read(files->ca_file,
				    files->crl_file[0] != '\0' ? files->crl_file : NULL, &set.trust,
				    message, size);
	if (result != RESULT_OK) {
		set_destroy(&set);
		return result;
	}
	signer_look(config, set.signer);
	*out = set;
	return RESULT_OK;
}

enum result gateway_certificates_create(const struct control_config *config,
					struct gateway_certificates **out, char *message,
					size_t size)
{
	struct gateway_certificates *c = calloc(1, sizeof(*c));
	enum result result;

	if (!c)
		return RESULT_MEMORY;
	c->config = config;
	marks_take(&config->certificates, c->marks);
	result = set_read(config, &c->now, message, size);
	if (result != RESULT_OK) {
		gateway_certificates_destroy(c);
		return result;
	}
	*out = c;
	return RESULT_OK;
}

void gateway_certificates_destroy(struct gateway_certificates *c)
{
	if (!c)
		return;
	set_destroy(&c->now);
	set_destroy(&c->before);
	free(c);
}

struct exchange_certificates gateway_certificates_view(const struct gateway_certificates *c)
{
	return (struct exchange_certificates){c->now.signer, c->now.trust};
}

bool gateway_certificates_reload(struct gateway_certificates *c)
{
	struct mark marks[FILES];
	struct set fresh = {0};
	char message[1400] = "there is no memory";

	marks_take(&c->config->certificates, marks);
	if (are_same(marks, c->marks))
		return false;
	/* a file half written is looked at again when it changes once more */
	memcpy(c->marks, marks, sizeof(marks));
	if (set_read(c->config, &fresh, message, sizeof(message)) != RESULT_OK) {
		log_say("%s; what was read before stays in force", message);
		return false;
	}
	set_destroy(&c->before);
	c->before = c->now;
	c->now = fresh;
	log_say("certificates and revocation lists were read again");
	return true;
}
