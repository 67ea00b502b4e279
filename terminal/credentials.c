/* What the terminal proves itself with, and how it knows its gateway, read from their files. */
#include <string.h>

#include "shared/keyexchange/secret_file.h"
#include "terminal/settings.h"

static enum result read_own(struct settings *s, FILE *report)
{
	char why[SECRET_FILE_WHY_BYTES];
	enum result result =
		signer_read(s->certificate_file, s->key_file, &s->signer, why, sizeof(why));

	if (result != RESULT_OK)
		fprintf(report, "%s\n", why);
	return result;
}

/* The certificate must be of who we want to be. */
static enum result check_own(const struct settings *s, FILE *report)
{
	char aor[LIMIT_AOR_BYTES];
	size_t len;

	if (certificate_identity(signer_certificate(s->signer), aor, &len) == RESULT_OK &&
	    slice_is_equal(slice_make(aor, len), slice_make(s->subscriber, strlen(s->subscriber))))
		return RESULT_OK;
	fprintf(report, "%s: it does not name sip:%s, and nobody else\n", s->certificate_file,
		s->subscriber);
	return RESULT_BAD;
}

static enum result read_trust(struct settings *s, FILE *report)
{
	char message[CONFIG_PATH_BYTES + 128];
	enum result result = trust_read(s->trust_anchor_file, s->crl_file[0] ? s->crl_file : NULL,
					&s->trust, message, sizeof(message));

	if (result != RESULT_OK)
		fprintf(report, "%s\n", message);
	if (result != RESULT_OK || s->gateway_certificate_file[0] == 0)
		return result;
	result = certificate_read(s->gateway_certificate_file, &s->gateway_certificate);
	if (result != RESULT_OK)
		fprintf(report, "%s: no P-256 or Ed25519 certificate\n",
			s->gateway_certificate_file);
	return result;
}

enum result settings_read_credentials(struct settings *s, FILE *report)
{
	enum result result = RESULT_OK;

	if (s->trust_anchor_file[0] != 0)
		result = read_trust(s, report);
	if (result == RESULT_OK && s->certificate_file[0] == 0)
		return settings_read_password(s, report);
	if (result == RESULT_OK)
		result = read_own(s, report);
	return result == RESULT_OK ? check_own(s, report) : result;
}

enum result settings_check_credentials(struct settings *s, FILE *report)
{
	bool is_by_password = s->certificate_file[0] == 0;
	enum result result = RESULT_OK;

	if (!is_by_password || strcmp(s->password_file, "-") != 0)
		result = settings_read_credentials(s, report);
	else if (s->trust_anchor_file[0] != 0)
		result = read_trust(s, report);
	settings_wipe(s);
	return result;
}
