#include "controlplane/keyexchange/exchange_attempt.h"

#include <stdlib.h>
#include <string.h>

#include "controlplane/aor.h"
#include "shared/keyexchange/seal.h"

enum result exchange_attempt_open_cookie(const struct exchange *x,
					 const struct exchange_input *input,
					 struct exchange_attempt *a)
{
	uint8_t name_hash[COOKIE_NAME_HASH_BYTES];
	struct slice aor = slice_make(a->request.aor, a->request.aor_len);
	enum result result =
		cookie_open(x->jar, input->now_ms,
			    sip_message_value(input->message, SIP_HEADER_SECURITY_COOKIE),
			    &a->request.source, &a->cookie, a->cookie_id, &a->cookie_expires_ms);

	if (result != RESULT_OK)
		return result;
	a->subscriber = a->cookie.subscriber_len > 0
				? slice_make(a->cookie.subscriber, a->cookie.subscriber_len)
				: aor;
	result = exchange_name_hash(aor, a->subscriber, name_hash);
	if (result == RESULT_OK &&
	    (memcmp(name_hash, a->cookie.name_hash, sizeof(name_hash)) != 0 ||
	     a->cookie.domain != a->request.domain))
		result = RESULT_DENIED;
	return result;
}

/* False: there is no memory. */
static bool make_room(struct exchange_attempt *a, size_t len)
{
	a->plain = a->datagram;
	a->plain_cap = sizeof(a->datagram);
	if (len <= sizeof(a->datagram))
		return true;
	a->plain = malloc(len);
	a->plain_cap = len;
	return a->plain != NULL;
}

void exchange_attempt_forget(struct exchange_attempt *a)
{
	if (a->plain && a->plain != a->datagram) {
		secret_wipe_bytes(a->plain, a->plain_cap);
		free(a->plain);
	}
	secret_wipe_bytes(a, sizeof(*a));
}

enum result exchange_attempt_open_body(const struct exchange_input *input, const struct x25519 *own,
				       struct exchange_attempt *a)
{
	struct slice body = sip_message_body(input->message);
	struct slice head = slice_make(input->datagram.at, (size_t)(body.at - input->datagram.at));
	struct slice plain;
	struct secret z, k3;
	enum result result = x25519_derive(own, a->cookie.share, &z);

	if (result == RESULT_DENIED)
		a->reason = "its share is of low order";
	if (result == RESULT_OK && !make_room(a, body.len))
		result = RESULT_MEMORY;
	if (result == RESULT_OK)
		result = schedule_prk(a->cookie.ni, a->cookie.ng, &z, &a->prk);
	if (result == RESULT_OK)
		result = schedule_k3(&a->prk, a->cookie.h12, &k3);
	if (result == RESULT_OK)
		result = seal_open(&k3, seal_nonce_zero, head, body, a->plain);
	secret_wipe(&z);
	secret_wipe(&k3);
	if (result != RESULT_OK)
		return result;
	plain = slice_make(a->plain, body.len - SEAL_TAG_BYTES);
	if (a->cookie.is_by_certificate) {
		result = sealed_certificate_parse(plain, &a->certificate);
		a->spi = a->certificate.spi;
		return result == RESULT_OK ? RESULT_OK : RESULT_DENIED;
	}
	if (sealed_request_parse(plain, &a->sealed) != RESULT_OK ||
	    scram_client_final_parse(a->sealed.scram, a->cookie.h12, a->cookie.ni, a->cookie.ng,
				     &a->final) != RESULT_OK)
		return RESULT_DENIED;
	a->spi = a->sealed.spi;
	return RESULT_OK;
}

/* SCRAM over the messages as they must have been; sets the gateway's own signature. */
static enum result check_proof(struct exchange_attempt *a)
{
	char first[SCRAM_MESSAGE_BYTES], server[SCRAM_MESSAGE_BYTES];
	struct writer f = writer_make(first, sizeof(first));
	struct writer s = writer_make(server, sizeof(server));
	const size_t gs2_len = sizeof(SCRAM_GS2_HEADER) - 1;
	struct scram_server_first said = {
		.salt_len = a->verifier.salt_len,
		.iterations = a->verifier.iterations,
	};
	struct scram_auth auth;
	enum result result;

	memcpy(said.ng, a->cookie.ng, sizeof(said.ng));
	memcpy(said.salt, a->verifier.salt, sizeof(said.salt));
	scram_client_first_write(&f, a->subscriber, a->cookie.ni);
	scram_server_first_write(&s, a->cookie.ni, &said);
	auth = (struct scram_auth){
		.client_first_bare = slice_make(first + gs2_len, f.len - gs2_len),
		.server_first = slice_make(server, s.len),
		.client_final_bare = a->final.bare,
	};
	result = scram_signature_make(&a->verifier.server_key, &auth, a->signature);
	if (result == RESULT_OK)
		result = scram_proof_verify(&a->verifier.stored_key, &auth, a->final.proof);
	return result;
}

/* The operator hears what the terminal does not: which of the answers that look alike it was. */
static const char *reason_of(const struct subscriber_credential *credential, bool is_known,
			     bool is_allowed)
{
	if (!is_known)
		return "there is no such subscriber";
	if (!credential->is_enabled)
		return "the subscriber is disabled";
	if (credential->is_by_certificate)
		return "the subscriber attaches by certificate only";
	return is_allowed ? "the password is wrong" : "the name is not one of the subscriber's";
}

/* Of who is meant, however he is spelled. The name is in id. */
static struct failure_attempt attempt_of(const struct exchange_input *input,
					 const struct exchange_attempt *a,
					 char id[LIMIT_AOR_BYTES + 1])
{
	if (aor_subscriber(a->subscriber, id) != RESULT_OK)
		id[0] = '\0';
	return (struct failure_attempt){
		.source = &input->source,
		.is_inside = input->through.index != 0,
		.is_by_certificate = a->cookie.is_by_certificate,
		.who = slice_make(id, strlen(id)),
	};
}

enum result exchange_attempt_look(const struct exchange *x, const struct exchange_input *input,
				  struct exchange_attempt *a)
{
	char id[LIMIT_AOR_BYTES + 1];
	const struct failure_attempt attempt = attempt_of(input, a, id);
	enum result result = failure_limit_look(x->failures, &attempt, input->now_ms);

	if (result == RESULT_DENIED)
		a->reason = "its source was wrong about this subscriber too often";
	if (result == RESULT_SPACE)
		a->reason = "its source was wrong too often in all";
	return result == RESULT_DENIED ? RESULT_SPACE : result;
}

enum result exchange_attempt_judged(struct exchange *x, const struct exchange_input *input,
				    const struct exchange_attempt *a, enum result result)
{
	char id[LIMIT_AOR_BYTES + 1];
	struct failure_attempt attempt;

	if (result != RESULT_DENIED)
		return result;
	attempt = attempt_of(input, a, id);
	return failure_limit_count(x->failures, &attempt, a->h123, input->now_ms) == RESULT_OK
		       ? RESULT_DENIED
		       : RESULT_IO;
}

/* Reads the credential; may it be used, if it is proved? */
static enum result find_credential(const struct exchange *x, const struct exchange_input *input,
				   struct exchange_attempt *a, bool *is_allowed)
{
	struct subscriber_credential credential;
	bool is_known;
	enum result result = exchange_credential(x, a->subscriber, &credential, &is_known);

	if (result != RESULT_OK) {
		a->reason = EXCHANGE_STORE_CANNOT_TELL;
		return result;
	}
	a->verifier = credential.verifier;
	*is_allowed = subscriber_credential_has(&credential,
						slice_make(a->request.aor, a->request.aor_len));
	*is_allowed =
		*is_allowed && is_known && credential.is_enabled && !credential.is_by_certificate;
	if (input->through.index != 0)
		*is_allowed =
			*is_allowed && slice_is_equal(input->through.subscriber, a->subscriber);
	a->reason = reason_of(&credential, is_known, *is_allowed);
	secret_wipe_bytes(&credential, sizeof(credential));
	return RESULT_OK;
}

enum result exchange_attempt_authenticate(struct exchange *x, const struct exchange_input *input,
					  struct exchange_attempt *a)
{
	bool is_allowed;
	enum result result = exchange_attempt_look(x, input, a);

	if (result == RESULT_OK)
		result = find_credential(x, input, a, &is_allowed);
	if (result != RESULT_OK)
		return result;
	result = check_proof(a);
	if (result == RESULT_OK && !is_allowed)
		result = RESULT_DENIED;
	return exchange_attempt_judged(x, input, a, result);
}
