/* From message 3 to message 4 (docs/protocol.md 1.3, 1.4): only what has proved itself leaves
 * anything behind. */
#include <string.h>

#include "controlplane/keyexchange/exchange_state.h"
#include "shared/keyexchange/seal.h"
#include "shared/keyexchange/transcript.h"

/* What becomes known, step by step, on the way from message 3 to the SA. */
struct attempt {
	struct exchange_request request;
	struct cookie cookie;
	uint8_t cookie_id[COOKIE_ID_BYTES];
	uint64_t cookie_expires_ms;
	struct slice subscriber;
	uint8_t h123[KDF_HASH_BYTES];
	struct secret prk;
	struct sealed_request sealed;	 /* points into plain */
	struct scram_client_final final; /* points into plain */
	struct scram_verifier verifier;
	uint8_t signature[KDF_HASH_BYTES];
	uint8_t plain[KEYEXCHANGE_SEALED_BYTES];
};

static bool is_well_formed(const struct exchange *x, const struct exchange_input *input,
			   struct attempt *a)
{
	const struct sip_message *m = input->message;

	return exchange_request_check(x, input, &a->request) == RESULT_OK &&
	       sip_message_has(m, SIP_HEADER_SECURITY_COOKIE) &&
	       m->first[SIP_HEADER_SECURITY_COOKIE] == m->last[SIP_HEADER_SECURITY_COOKIE] &&
	       !sip_message_has(m, SIP_HEADER_SECURITY_CLIENT) &&
	       !sip_message_has(m, SIP_HEADER_AUTHORIZATION) &&
	       sip_message_body(m).len >= SEAL_TAG_BYTES &&
	       sip_message_body(m).len <= KEYEXCHANGE_SEALED_BYTES;
}

/* The cookie is ours, alive, given to this source, and for this name. */
static enum result open_cookie(const struct exchange *x, const struct exchange_input *input,
			       struct attempt *a)
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

/* X25519, PRK and K3, and what K3 opens. RESULT_DENIED: not honest. */
static enum result open_body(const struct exchange_input *input, const struct x25519 *own,
			     struct attempt *a)
{
	struct slice body = sip_message_body(input->message);
	struct slice head = slice_make(input->datagram.at, (size_t)(body.at - input->datagram.at));
	struct secret z, k3;
	enum result result = x25519_derive(own, a->cookie.share, &z);

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
	if (sealed_request_parse(slice_make(a->plain, body.len - SEAL_TAG_BYTES), &a->sealed) !=
		    RESULT_OK ||
	    scram_client_final_parse(a->sealed.scram, a->cookie.h12, a->cookie.ni, a->cookie.ng,
				     &a->final) != RESULT_OK)
		return RESULT_DENIED;
	return RESULT_OK;
}

/* SCRAM over the messages as they must have been; sets the gateway's own signature. */
static enum result check_proof(struct attempt *a)
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

/*
 * Who is it, may he, may he under this name? Every step is taken whatever the ones before said, so
 * that a wrong password, an unknown and a disabled subscriber take the same time.
 */
static enum result authenticate(const struct exchange *x, const struct exchange_input *input,
				struct attempt *a)
{
	struct subscriber_credential credential;
	bool is_known, is_allowed;
	enum result result = exchange_credential(x, a->subscriber, &credential, &is_known);

	if (result != RESULT_OK)
		return result;
	a->verifier = credential.verifier;
	is_allowed = subscriber_credential_has(&credential,
					       slice_make(a->request.aor, a->request.aor_len));
	is_allowed = is_allowed && is_known && credential.is_enabled;
	if (input->through.index != 0)
		is_allowed = is_allowed && slice_is_equal(input->through.subscriber, a->subscriber);
	secret_wipe_bytes(&credential, sizeof(credential));
	result = check_proof(a);
	if (result == RESULT_OK && !is_allowed)
		result = RESULT_DENIED;
	return result;
}

static void fill_sa(const struct exchange *x, const struct exchange_input *input,
		    const struct attempt *a, struct exchange_sa *sa)
{
	sa->suite = a->cookie.suite;
	sa->mode = a->cookie.mode;
	sa->level = suite_find(a->cookie.suite)->level;
	sa->spi_out = a->sealed.spi;
	sa->inner = a->cookie.inner;
	sa->outer = input->source;
	sa->soft_s = x->soft_s;
	sa->hard_s = x->hard_s;
	sa->domain = a->cookie.domain;
	memcpy(sa->subscriber, a->subscriber.at, a->subscriber.len);
	sa->replaces = input->through;
	sa->replaces.subscriber = SLICE("");
}

static enum result derive_sa(const struct attempt *a, const uint8_t *n4, struct exchange_sa *sa)
{
	const struct schedule_sa both = {
		.suite = sa->suite,
		.spi_terminal = sa->spi_out,
		.spi_gateway = sa_slot_spi(&sa->slot),
		.h123 = a->h123,
		.n4 = n4,
	};
	enum result result = schedule_sa_keys(&a->prk, &both, SCHEDULE_FROM_TERMINAL, sa->key_in);

	if (result == RESULT_OK)
		result = schedule_sa_keys(&a->prk, &both, SCHEDULE_TO_TERMINAL, sa->key_out);
	return result;
}

static enum result write_plain(const struct exchange *x, const struct attempt *a,
			       const struct exchange_sa *sa, char *out, size_t cap,
			       struct slice *plain)
{
	char text[SCRAM_MESSAGE_BYTES];
	struct writer scram = writer_make(text, sizeof(text));
	struct writer w = writer_make(out, cap);

	scram_server_final_write(&scram, a->signature);
	sealed_reply_write(&w, &(struct sealed_reply){
				       .scram = slice_make(text, scram.len),
				       .gateway = exchange_domain(x, sa->domain),
				       .spi = sa_slot_spi(&sa->slot),
				       .level = sa->level,
				       .mode = sa->mode,
				       .inner = sa->inner,
				       .soft_s = sa->soft_s,
				       .hard_s = sa->hard_s,
				       .packets = x->soft_packets,
				       .bytes = x->soft_bytes,
			       });
	return writer_finish(&w, plain);
}

/* Writes message 4: its head with a body of the right length, then the body sealed under it. */
static enum result answer(const struct exchange *x, const struct exchange_input *input,
			  const struct attempt *a, const uint8_t *n4, struct exchange_outcome *out)
{
	char plain_bytes[KEYEXCHANGE_SEALED_BYTES + SEAL_TAG_BYTES], line[128];
	struct writer extra = writer_make(line, sizeof(line));
	struct exchange_answer reply = {
		.verdict = EXCHANGE_ESTABLISHED, .status = 200, .is_proved = true};
	struct slice plain;
	struct secret k4;
	size_t head_len;
	enum result result =
		write_plain(x, a, &out->sa, plain_bytes, KEYEXCHANGE_SEALED_BYTES, &plain);

	WRITER_LITERAL(&extra, "Security-Server: ");
	security_nonce_write(&extra, n4);
	WRITER_LITERAL(&extra, "\r\n");
	reply.extra = slice_make(line, extra.len);
	/* any body of that length, to be written over */
	memset(plain_bytes + plain.len, 0, SEAL_TAG_BYTES);
	reply.body = slice_make(plain_bytes, plain.len + SEAL_TAG_BYTES);
	if (result == RESULT_OK)
		result = exchange_reply(x, input, &reply, out);
	if (result == RESULT_OK)
		result = schedule_k4(&a->prk, a->h123, n4, &k4);
	if (result == RESULT_OK) {
		head_len = out->reply_len - reply.body.len;
		result = seal_close(&k4, seal_nonce_zero, slice_make(out->reply, head_len), plain,
				    (uint8_t *)out->reply + head_len);
		secret_wipe(&k4);
	}
	secret_wipe_bytes(plain_bytes, sizeof(plain_bytes));
	return result;
}

/* The SA: slot, nonce, keys, message 4, and the memory that its cookie is used. */
static enum result open_sa(struct exchange *x, const struct exchange_input *input,
			   const struct attempt *a, struct exchange_outcome *out)
{
	uint8_t n4[SCHEDULE_NONCE_BYTES];
	enum result result;

	fill_sa(x, input, a, &out->sa);
	result = random_fill(&x->random, n4, sizeof(n4));
	if (result == RESULT_OK)
		result = derive_sa(a, n4, &out->sa);
	if (result == RESULT_OK)
		result = answer(x, input, a, n4, out);
	if (result == RESULT_OK)
		result = used_cookies_put(x->used, a->cookie_id, a->h123,
					  slice_make(out->reply, out->reply_len),
					  a->cookie_expires_ms);
	return result;
}

/* Takes a slot and gives it back if nothing comes of it. */
static enum result open_slot(struct exchange *x, const struct exchange_input *input,
			     const struct attempt *a, struct exchange_outcome *out)
{
	uint64_t now_s = input->now_ms / 1000;
	struct sa_slot slot;
	enum result result;

	if (!used_cookies_make_room(x->used, input->now_ms) ||
	    !attach_rate_take(x->rate, a->subscriber, input->now_ms) ||
	    sa_allocator_take(x->allocator, now_s, &slot) != RESULT_OK)
		return exchange_refuse(x, input, EXCHANGE_UNAVAILABLE, true, out);
	out->sa.slot = slot;
	result = open_sa(x, input, a, out);
	if (result == RESULT_OK)
		return RESULT_OK;
	secret_wipe_bytes(&out->sa, sizeof(out->sa));
	if (sa_allocator_release(x->allocator, slot.index, slot.generation, now_s) != RESULT_OK)
		return RESULT_IO;
	return result == RESULT_IO ? result
				   : exchange_refuse(x, input, EXCHANGE_UNAVAILABLE, true, out);
}

static enum result repeat(const struct slice message4, struct exchange_outcome *out)
{
	memcpy(out->reply, message4.at, message4.len);
	out->reply_len = message4.len;
	out->verdict = EXCHANGE_REPEATED;
	return RESULT_OK;
}

/* A cookie that is right and unused: does the rest prove itself? */
static enum result try(struct exchange *x, const struct exchange_input *input,
		       const struct x25519 *own, struct attempt *a, struct exchange_outcome *out)
{
	enum result result = open_body(input, own, a);

	if (result == RESULT_OK) {
		result = authenticate(x, input, a);
		if (result == RESULT_IO)
			return exchange_refuse(x, input, EXCHANGE_UNAVAILABLE, true, out);
	}
	if (result == RESULT_OK)
		return open_slot(x, input, a, out);
	if (result == RESULT_IO)
		return result;
	return exchange_refuse(x, input, EXCHANGE_REFUSED, true, out);
}

static enum result with_cookie(struct exchange *x, const struct exchange_input *input,
			       struct attempt *a, struct exchange_outcome *out)
{
	const struct x25519 *own;
	struct slice message4;
	enum result result = open_cookie(x, input, a);

	if (result == RESULT_IO)
		return result;
	if (result != RESULT_OK)
		return exchange_refuse(x, input, EXCHANGE_COOKIE_WRONG, false, out);
	result = transcript_h123(a->cookie.h12, input->datagram, a->h123);
	if (result != RESULT_OK)
		return result;
	result = used_cookies_find(x->used, a->cookie_id, a->h123, &message4);
	if (result == RESULT_OK)
		return repeat(message4, out);
	if (result == RESULT_STALE ||
	    gateway_shares_find(x->shares, a->cookie.share_epoch, &own) != RESULT_OK)
		return exchange_refuse(x, input, EXCHANGE_COOKIE_WRONG, true, out);
	return try(x, input, own, a, out);
}

enum result exchange_establish(struct exchange *x, const struct exchange_input *input,
			       struct exchange_outcome *out)
{
	struct attempt a;
	enum result result;

	memset(&a, 0, sizeof(a));
	if (is_well_formed(x, input, &a))
		result = with_cookie(x, input, &a, out);
	else
		result = exchange_refuse(x, input, EXCHANGE_MALFORMED, false, out);
	secret_wipe_bytes(&a, sizeof(a));
	return result;
}
