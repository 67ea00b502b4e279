/* The exchange by certificate (docs/protocol.md 1.9): the gateway's signature, the terminal's. */
#include <string.h>

#include "controlplane/keyexchange/exchange_attempt.h"
#include "shared/keyexchange/statement.h"
#include "shared/keyexchange/transcript.h"

bool exchange_is_signer_known(const struct exchange *x, const struct security_client *client)
{
	return client->knows_gateway &&
	       memcmp(client->gateway, certificate_hash(signer_certificate(x->certificates.signer)),
		      KDF_HASH_BYTES) == 0;
}

enum result exchange_show_certificate(struct exchange *x, const struct exchange_input *input,
				      bool is_proved, struct exchange_outcome *out)
{
	char line[KEYEXCHANGE_COOKIE_CHARS + 32];
	struct writer w = writer_make(line, sizeof(line));
	struct exchange_answer answer = {
		.verdict = EXCHANGE_CERTIFICATE_SHOWN,
		.status = 401,
		.body_type = SLICE(KEYEXCHANGE_CERTIFICATE_TYPE),
		.is_proved = is_proved,
	};
	enum result result = exchange_write_address_cookie(x, input, &w);

	if (result != RESULT_OK)
		return result;
	answer.extra = slice_make(line, w.len);
	if (input->is_stream || input->through.index != 0)
		answer.tail = certificate_chain(signer_certificate(x->certificates.signer));
	else
		answer.body = certificate_der(signer_certificate(x->certificates.signer));
	result = exchange_reply(x, input, &answer, out);
	if (result == RESULT_OK && out->reply_len > 0)
		return result;
	/* too long for a datagram: terminals come by TCP, or have it beforehand */
	return result == RESULT_OK || result == RESULT_SPACE
		       ? exchange_refuse(x, input, EXCHANGE_NO_CERTIFICATE,
					 "the gateway's certificate is too long for message 2",
					 is_proved, out)
		       : result;
}

enum result exchange_sign(const struct exchange *x, struct slice message1, struct slice message2,
			  struct writer *extra)
{
	uint8_t s12[KDF_HASH_BYTES], signature[CERTIFICATE_SIGNATURE_BYTES];
	struct statement statement;
	enum result result = transcript_s12(message1, message2, s12);

	if (result != RESULT_OK)
		return result;
	statement = statement_of_gateway(s12);
	result = signer_sign(x->certificates.signer, statement_slice(&statement), signature);
	WRITER_LITERAL(extra, "Gateway-Signature: ");
	security_signature_write(extra, signature);
	WRITER_LITERAL(extra, "\r\n");
	return result;
}

/* Whom it names, which is not proved. The certificate is the caller's, also if it names nobody. */
static enum result find_name(struct exchange_attempt *a, struct certificate **certificate)
{
	enum result result = certificate_parse(a->certificate.certificate, certificate);

	if (result == RESULT_BAD) {
		a->reason = "the certificate is malformed, or of a key that is not used here";
		return RESULT_DENIED;
	}
	if (result != RESULT_OK)
		return RESULT_IO;
	if (certificate_identity(*certificate, a->identity, &a->identity_len) != RESULT_OK) {
		a->reason = "the certificate does not name one subscriber by a sip: URI";
		return RESULT_DENIED;
	}
	a->subscriber = slice_make(a->identity, a->identity_len);
	return RESULT_OK;
}

/* Does the certificate hold, and is the signature by its key? */
static enum result check_certificate(const struct exchange *x, const struct exchange_input *input,
				     struct exchange_attempt *a,
				     const struct certificate *certificate)
{
	struct statement statement = statement_of_terminal(
		a->cookie.h12, certificate_hash(certificate), a->certificate.spi);
	enum result result = certificate_verify(certificate, statement_slice(&statement),
						a->certificate.signature);

	if (result == RESULT_DENIED)
		a->reason = "the signature is not by the certificate's key";
	if (result == RESULT_OK)
		result = trust_check(x->certificates.trust, certificate, TRUST_TERMINAL,
				     input->now_ms / 1000, &a->path, &a->reason);
	return result;
}

/* May who the certificate names attach, now and here? */
static enum result check_subscriber(const struct exchange *x, const struct exchange_input *input,
				    struct exchange_attempt *a)
{
	struct slice aor = slice_make(a->request.aor, a->request.aor_len);
	bool is_rekey = input->through.index != 0;
	struct subscriber_credential credential;
	bool is_known;
	enum result result = exchange_credential(x, a->subscriber, &credential, &is_known);

	if (result != RESULT_OK) {
		a->reason = EXCHANGE_STORE_CANNOT_TELL;
		return result;
	}
	if (!is_known)
		a->reason = "there is no such subscriber";
	else if (!credential.is_enabled)
		a->reason = "the subscriber is disabled";
	else if (!credential.is_by_certificate)
		a->reason = "the subscriber attaches by password";
	else if (is_rekey && !slice_is_equal(input->through.subscriber, a->subscriber))
		a->reason = "the SA is another subscriber's";
	else if (is_rekey && !subscriber_credential_has(&credential, aor))
		a->reason = "the name is not one of the subscriber's";
	secret_wipe_bytes(&credential, sizeof(credential));
	return a->reason[0] == '\0' ? RESULT_OK : RESULT_DENIED;
}

static enum result authenticate(struct exchange *x, const struct exchange_input *input,
				struct exchange_attempt *a, const struct certificate *certificate)
{
	enum result result;

	if (!verify_limit_take(&x->verify, input->now_ms)) {
		a->reason = "as many certificates are verified as may be";
		return RESULT_SPACE;
	}
	result = check_certificate(x, input, a, certificate);
	if (result == RESULT_OK)
		result = check_subscriber(x, input, a);
	return result == RESULT_MEMORY ? RESULT_IO : result;
}

enum result exchange_attempt_by_certificate(struct exchange *x, const struct exchange_input *input,
					    struct exchange_attempt *a)
{
	struct certificate *certificate = NULL;
	enum result result, looked;

	if (!x->certificates.trust) {
		a->reason = "certificates are not taken any more";
		return RESULT_DENIED;
	}
	result = find_name(a, &certificate);
	looked = exchange_attempt_look(x, input, a);
	if (looked != RESULT_OK)
		result = looked;
	else if (result == RESULT_OK)
		result = authenticate(x, input, a, certificate);
	certificate_destroy(certificate);
	return exchange_attempt_judged(x, input, a, result);
}
