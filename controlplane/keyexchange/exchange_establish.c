/* From message 3 to message 4 (docs/protocol.md 1.3, 1.4): only what has proved itself leaves
 * anything behind. */
#include <string.h>

#include "controlplane/keyexchange/exchange_attempt.h"
#include "shared/keyexchange/seal.h"
#include "shared/keyexchange/transcript.h"

static size_t longest_body(const struct exchange_input *input)
{
	return exchange_is_proved(input) ? KEYEXCHANGE_SEALED_LONG_BYTES + SEAL_TAG_BYTES
					 : KEYEXCHANGE_SEALED_BYTES;
}

/* What is malformed in it; NULL: nothing. */
static const char *find_fault(const struct exchange *x, const struct exchange_input *input,
			      struct exchange_attempt *a)
{
	const struct sip_message *m = input->message;
	const char *fault = exchange_request_check(x, input, &a->request);

	if (fault)
		return fault;
	if (!sip_message_has(m, SIP_HEADER_SECURITY_COOKIE))
		return "message 3: it has no Security-Cookie";
	if (!exchange_has_one(m, SIP_HEADER_SECURITY_COOKIE))
		return "message 3: Security-Cookie stands twice";
	if (sip_message_has(m, SIP_HEADER_SECURITY_CLIENT) ||
	    sip_message_has(m, SIP_HEADER_AUTHORIZATION))
		return "message 3: it has lines of message 1";
	if (sip_message_body(m).len < SEAL_TAG_BYTES ||
	    sip_message_body(m).len > longest_body(input))
		return "message 3: its body is too short or too long";
	return NULL;
}

/* No SA outlives the certificates that vouch for it; its terminal renews it in good time, by
 * others. */
static void bound_life(const struct exchange_input *input, struct exchange_sa *sa)
{
	uint64_t now_s = input->now_ms / 1000, left_s;

	if (sa->path.anchor == 0)
		return;
	left_s = sa->path.until_s > now_s ? sa->path.until_s - now_s : 1;
	if (left_s >= sa->hard_s)
		return;
	sa->hard_s = (uint32_t)left_s;
	if (sa->soft_s > sa->hard_s / 4 * 3)
		sa->soft_s = sa->hard_s / 4 * 3;
}

static void fill_sa(const struct exchange *x, const struct exchange_input *input,
		    const struct exchange_attempt *a, struct exchange_sa *sa)
{
	sa->suite = a->cookie.suite;
	sa->mode = a->cookie.mode;
	sa->level = suite_find(a->cookie.suite)->level;
	sa->spi_out = a->spi;
	sa->inner = a->cookie.inner;
	sa->outer = input->source;
	sa->soft_s = x->soft_s;
	sa->hard_s = x->hard_s;
	sa->path = a->path;
	bound_life(input, sa);
	sa->domain = a->cookie.domain;
	memcpy(sa->subscriber, a->subscriber.at, a->subscriber.len);
	sa->replaces = input->through;
	sa->replaces.subscriber = SLICE("");
}

static enum result derive_sa(const struct exchange_attempt *a, const uint8_t *n4,
			     struct exchange_sa *sa)
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

static enum result write_plain(const struct exchange *x, const struct exchange_attempt *a,
			       const struct exchange_sa *sa, char *out, size_t cap,
			       struct slice *plain)
{
	char text[SCRAM_MESSAGE_BYTES];
	struct writer scram = writer_make(text, sizeof(text));
	struct writer w = writer_make(out, cap);

	if (!a->cookie.is_by_certificate)
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
			  const struct exchange_attempt *a, const uint8_t *n4,
			  struct exchange_outcome *out)
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

/* Where a tunnel's terminal is inside is for us to say; a rekey leaves it as it is. */
static enum result give_inner(struct exchange *x, const struct exchange_input *input,
			      struct exchange_sa *sa)
{
	struct sip_address given;
	enum result result;

	if (sa->mode != KEYEXCHANGE_UDP_TUNNEL || input->through.index != 0)
		return RESULT_OK;
	result = inner_pool_find(x->inner_pool, sa->inner.family, &given);
	if (result != RESULT_OK)
		return result;
	given.port = sa->inner.port;
	sa->inner = given;
	return RESULT_OK;
}

/* The SA: slot, nonce, keys, message 4, and the memory that its cookie is used. */
static enum result open_sa(struct exchange *x, const struct exchange_input *input,
			   const struct exchange_attempt *a, struct exchange_outcome *out)
{
	uint8_t n4[SCHEDULE_NONCE_BYTES];
	enum result result;

	fill_sa(x, input, a, &out->sa);
	result = give_inner(x, input, &out->sa);
	if (result == RESULT_OK)
		result = random_fill(&x->random, n4, sizeof(n4));
	if (result == RESULT_OK)
		result = derive_sa(a, n4, &out->sa);
	if (result == RESULT_OK)
		result = answer(x, input, a, n4, out);
	memcpy(out->cookie_id, a->cookie_id, sizeof(out->cookie_id));
	if (result == RESULT_OK)
		result = used_cookies_put(x->used, a->cookie_id, a->h123,
					  slice_make(out->reply, out->reply_len),
					  a->cookie_expires_ms);
	return result;
}

static enum result be_unavailable(const struct exchange *x, const struct exchange_input *input,
				  const char *reason, struct exchange_outcome *out)
{
	return exchange_refuse(x, input, EXCHANGE_UNAVAILABLE, reason, true, out);
}

/* NULL: there is a slot. */
static const char *take_slot(struct exchange *x, const struct exchange_input *input,
			     const struct exchange_attempt *a, struct sa_slot *slot)
{
	if (!used_cookies_make_room(x->used, input->now_ms))
		return "no more SAs may be opened within a cookie's lifetime";
	if (!attach_rate_take(x->rate, a->subscriber, input->now_ms))
		return "the subscriber opens SAs too often";
	if (sa_allocator_take(x->allocator, input->now_ms / 1000, slot) != RESULT_OK)
		return "every SA is in use or rests";
	return NULL;
}

/* Takes a slot and gives it back if nothing comes of it. */
static enum result open_slot(struct exchange *x, const struct exchange_input *input,
			     const struct exchange_attempt *a, struct exchange_outcome *out)
{
	uint64_t now_s = input->now_ms / 1000;
	struct sa_slot slot;
	const char *reason = take_slot(x, input, a, &slot);
	enum result result;

	if (reason)
		return be_unavailable(x, input, reason, out);
	out->sa.slot = slot;
	result = open_sa(x, input, a, out);
	if (result == RESULT_OK)
		return RESULT_OK;
	secret_wipe_bytes(&out->sa, sizeof(out->sa));
	if (sa_allocator_release(x->allocator, slot.index, slot.generation, now_s) != RESULT_OK)
		return RESULT_IO;
	return result == RESULT_IO ? result
				   : be_unavailable(x, input, "the SA could not be made", out);
}

static enum result repeat(const struct slice message4, struct exchange_outcome *out)
{
	memcpy(out->reply, message4.at, message4.len);
	out->reply_len = message4.len;
	out->verdict = EXCHANGE_REPEATED;
	return RESULT_OK;
}

/* Who he says he is, for the operator. */
static void name(const struct exchange_attempt *a, struct exchange_outcome *out)
{
	struct slice who = a->identity_len > 0 ? slice_make(a->identity, a->identity_len)
					       : slice_make(a->request.aor, a->request.aor_len);

	memcpy(out->who, who.at, who.len);
}

/* A cookie that is right and unused: does the rest prove itself? */
static enum result try(struct exchange *x, const struct exchange_input *input,
		       const struct x25519 *own, struct exchange_attempt *a,
		       struct exchange_outcome *out)
{
	enum result result = exchange_attempt_open_body(input, own, a);

	if (result == RESULT_MEMORY)
		return be_unavailable(x, input, "there is no memory", out);
	if (result == RESULT_OK) {
		result = a->cookie.is_by_certificate ? exchange_attempt_by_certificate(x, input, a)
						     : exchange_attempt_authenticate(x, input, a);
		if (result == RESULT_IO || result == RESULT_SPACE) {
			name(a, out);
			return be_unavailable(x, input, a->reason, out);
		}
	}
	name(a, out);
	if (result == RESULT_OK)
		return open_slot(x, input, a, out);
	if (result == RESULT_IO)
		return result;
	return exchange_refuse(x, input, EXCHANGE_REFUSED,
			       a->reason[0] != '\0' ? a->reason
						    : "what is sealed in it does not open",
			       true, out);
}

static enum result with_cookie(struct exchange *x, const struct exchange_input *input,
			       struct exchange_attempt *a, struct exchange_outcome *out)
{
	const struct x25519 *own;
	struct slice message4;
	enum result result = exchange_attempt_open_cookie(x, input, a);

	if (result == RESULT_IO)
		return result;
	if (result != RESULT_OK)
		return exchange_refuse(x, input, EXCHANGE_COOKIE_WRONG,
				       result == RESULT_STALE
					       ? "its cookie has expired"
					       : "its cookie is none of ours, or another's",
				       false, out);
	result = transcript_h123(a->cookie.h12, input->datagram, a->h123);
	if (result != RESULT_OK)
		return result;
	result = used_cookies_find(x->used, a->cookie_id, a->h123, &message4);
	if (result == RESULT_OK)
		return repeat(message4, out);
	if (result == RESULT_MORE) {
		out->verdict = EXCHANGE_AWAITED;
		return RESULT_OK;
	}
	if (result == RESULT_STALE)
		return exchange_refuse(x, input, EXCHANGE_COOKIE_WRONG,
				       "its cookie was used, with another message 3", true, out);
	if (gateway_shares_find(x->shares, a->cookie.share_epoch, &own) != RESULT_OK)
		return exchange_refuse(x, input, EXCHANGE_COOKIE_WRONG, "its cookie has expired",
				       true, out);
	return try(x, input, own, a, out);
}

enum result exchange_establish(struct exchange *x, const struct exchange_input *input,
			       struct exchange_outcome *out)
{
	struct exchange_attempt a;
	const char *fault;
	enum result result;

	memset(&a, 0, sizeof(a));
	a.reason = "";
	fault = find_fault(x, input, &a);
	if (fault)
		result = exchange_refuse(x, input, EXCHANGE_MALFORMED, fault, false, out);
	else
		result = with_cookie(x, input, &a, out);
	exchange_attempt_forget(&a);
	return result;
}
