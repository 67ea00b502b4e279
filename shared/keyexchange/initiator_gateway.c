/* What a terminal makes of the gateway's certificate and signature (docs/protocol.md 1.9). */
#include <string.h>

#include "shared/keyexchange/initiator_state.h"
#include "shared/keyexchange/statement.h"
#include "shared/keyexchange/transcript.h"

static enum result refuse(struct initiator *i, const char *reason)
{
	i->reason = reason;
	return RESULT_DENIED;
}

/* Of a CA we believe, and the domain's? */
static enum result check(struct initiator *i, const struct certificate *certificate)
{
	const char *reason = "";
	enum result result = trust_check(i->trust, certificate, TRUST_GATEWAY, i->now_s(), NULL,
					 &reason);

	i->is_orphan = result == RESULT_DENIED && strcmp(reason, TRUST_NO_ISSUER) == 0;
	if (result == RESULT_DENIED)
		return refuse(i, reason);
	if (result == RESULT_OK &&
	    !certificate_has_domain(certificate, slice_make(i->domain, i->domain_len)))
		return refuse(i, "the certificate is not one of the domain's");
	return result;
}

enum result initiator_take_certificate(struct initiator *i, const struct sip_message *m)
{
	struct certificate *certificate;
	enum result result;

	if (!i->trust || !slice_is_equal_nocase(sip_message_value(m, SIP_HEADER_CONTENT_TYPE),
						SLICE(KEYEXCHANGE_CERTIFICATE_TYPE)))
		return RESULT_OK;
	if (certificate_parse(sip_message_body(m), &certificate) != RESULT_OK)
		return refuse(i, "the certificate is malformed, or of a key that is not used here");
	result = check(i, certificate);
	if (result != RESULT_OK) {
		certificate_destroy(certificate);
		return result;
	}
	certificate_destroy(i->gateway);
	i->gateway = certificate;
	return RESULT_OK;
}

enum result initiator_check_gateway(struct initiator *i, struct slice datagram,
				    const struct sip_message *m)
{
	uint8_t s12[KDF_HASH_BYTES], signature[CERTIFICATE_SIGNATURE_BYTES];
	struct statement statement;
	enum result result;

	if (!i->trust)
		return RESULT_OK;
	if (!i->gateway ||
	    security_signature_parse(sip_message_value(m, SIP_HEADER_GATEWAY_SIGNATURE),
				     signature) != RESULT_OK)
		return refuse(i, "it did not sign");
	result = transcript_s12(initiator_message(i), datagram, s12);
	if (result != RESULT_OK)
		return result;
	statement = statement_of_gateway(s12);
	if (certificate_verify(i->gateway, statement_slice(&statement), signature) != RESULT_OK)
		return refuse(i, "its signature does not hold");
	return check(i, i->gateway);
}
