/*
 * Any bytes as a certificate, alone or sealed in message 3: whatever they are, they are read within
 * their bounds, signed nothing, and are believed by nobody who trusts another CA.
 */
#include <openssl/pem.h>
#include <string.h>
#include <unistd.h>

#include "controlplane/ca/issue.h"
#include "shared/keyexchange/messages.h"
#include "shared/keyexchange/trust.h"
#include "tests/fuzz/target.h"

#define NOW_S 1700000000

/* Trust in a CA that was made a moment ago and has signed nothing. */
static struct trust *make_trust(void)
{
	static const struct issue_spec spec = {
		.common_name = "CA of the tests", .is_ca = true, .until_s = 2 * (int64_t)NOW_S};
	char path[] = "/tmp/sekisho-fuzz-XXXXXX", message[256];
	EVP_PKEY *key = issue_key();
	X509 *ca = issue_certificate(&spec, key, NULL, NULL);
	int fd = mkstemp(path);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "w");
	struct trust *trust;

	MUST(ca && file && PEM_write_X509(file, ca) == 1 && fclose(file) == 0);
	MUST(trust_read(path, NULL, &trust, message, sizeof(message)) == RESULT_OK);
	unlink(path);
	X509_free(ca);
	EVP_PKEY_free(key);
	return trust;
}

static void judge(const struct trust *trust, const struct certificate *certificate)
{
	static const uint8_t signature[CERTIFICATE_SIGNATURE_BYTES] = {1};
	char aor[LIMIT_AOR_BYTES];
	const char *reason = NULL;
	size_t len = 0;

	if (certificate_identity(certificate, aor, &len) == RESULT_OK)
		MUST(len > 0 && len <= sizeof(aor));
	(void)certificate_has_domain(certificate, SLICE("abc.com"));
	MUST(certificate_verify(certificate, SLICE("statement"), signature) == RESULT_DENIED);
	MUST(trust_check(trust, certificate, TRUST_TERMINAL, NOW_S, NULL, &reason) == RESULT_DENIED);
	MUST(trust_check(trust, certificate, TRUST_GATEWAY, NOW_S, NULL, &reason) == RESULT_DENIED);
	MUST(reason != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct trust *trust;
	struct slice bytes = slice_make(data, size);
	struct sealed_certificate sealed;
	struct certificate *certificate;

	if (!trust)
		trust = make_trust();
	if (sealed_certificate_parse(bytes, &sealed) == RESULT_OK) {
		MUST(sealed.spi >= KEYEXCHANGE_SPI_MIN && sealed.certificate.len > 0);
		MUST(sealed.certificate.at + sealed.certificate.len == bytes.at + bytes.len);
		bytes = sealed.certificate;
	}
	if (certificate_parse(bytes, &certificate) == RESULT_OK) {
		judge(trust, certificate);
		certificate_destroy(certificate);
	}
	return 0;
}
