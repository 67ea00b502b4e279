/* What a terminal makes of messages 2 and 4 (docs/protocol.md 1.2, 1.4). */
#include <string.h>

#include "shared/keyexchange/initiator_state.h"
#include "shared/keyexchange/seal.h"
#include "shared/keyexchange/transcript.h"
#include "shared/sip/chars.h"

static bool take_cookie(struct initiator *i, const struct sip_message *m)
{
	struct slice cookie = sip_message_value(m, SIP_HEADER_SECURITY_COOKIE);

	if (cookie.len == 0 || cookie.len > sizeof(i->cookie) ||
	    sip_chars_skip(cookie.at, cookie.at + cookie.len, SIP_CHAR_TOKEN) !=
		    cookie.at + cookie.len)
		return false;
	memcpy(i->cookie, cookie.at, cookie.len);
	i->cookie_len = cookie.len;
	return true;
}

/* A bare 401, of a gateway under a flood or one that shows its certificate: message 1 again. */
static enum result follow_bare_401(struct initiator *i, const struct sip_message *m,
				   enum initiator_event *event)
{
	enum result result;

	if (i->flood_answers >= INITIATOR_FLOOD_ANSWERS)
		return RESULT_BAD;
	result = initiator_take_certificate(i, m);
	/* CAs above it, which a datagram had no room for, may come over TCP */
	if (result == RESULT_DENIED && i->is_orphan && !i->is_inside && !i->has_long_certificates)
		return initiator_begin_long(i, event);
	if (result != RESULT_OK)
		return result;
	if (!take_cookie(i, m))
		return RESULT_BAD;
	i->flood_answers++;
	/* it reads otherwise now: an answer to what was sent before is none to this (H12) */
	i->cseq++;
	result = initiator_renew_branch(i);
	if (result == RESULT_OK)
		result = initiator_write_1(i);
	if (result == RESULT_OK)
		*event = INITIATOR_SEND;
	return result;
}

static bool was_offered(const struct initiator *i, enum suite suite)
{
	for (size_t n = 0; n < i->suites.count; n++)
		if (i->suites.suite[n] == suite)
			return true;
	return false;
}

/* PBKDF2, unless it was done for the same salt and count before. */
static enum result derive_password(struct initiator *i, const struct scram_server_first *first)
{
	enum result result;

	if (i->derived_for.iterations == first->iterations &&
	    i->derived_for.salt_len == first->salt_len &&
	    memcmp(i->derived_for.salt, first->salt, first->salt_len) == 0)
		return RESULT_OK;
	i->derived_for.iterations = 0;
	result = scram_keys_derive(slice_make(i->password, i->password_len),
				   slice_make(first->salt, first->salt_len), first->iterations,
				   &i->derived);
	if (result == RESULT_OK)
		i->derived_for = *first;
	return result;
}

/* Security-Server: does it fit what was asked? */
static enum result read_server(struct initiator *i, const struct sip_message *m)
{
	enum result result =
		security_server_parse(sip_message_value(m, SIP_HEADER_SECURITY_SERVER), &i->server);

	return result == RESULT_OK && !was_offered(i, i->server.suite) ? RESULT_DENIED : result;
}

/* The challenge to a password: does it fit Security-Server? Then the password's keys. */
static enum result read_challenge(struct initiator *i, const struct sip_message *m)
{
	struct scram_server_first first;
	struct slice text;
	enum result result;

	result = scram_data_parse(sip_message_value(m, SIP_HEADER_WWW_AUTHENTICATE),
				  i->server_first, sizeof(i->server_first), &text);
	if (result != RESULT_OK)
		return result;
	i->server_first_len = text.len;
	result = scram_server_first_parse(text, i->ni, &first);
	if (result == RESULT_OK && memcmp(first.ng, i->server.nonce, SCHEDULE_NONCE_BYTES) != 0)
		result = RESULT_DENIED;
	return result == RESULT_OK ? derive_password(i, &first) : result;
}

/* A random SPI that no RFC reserves. */
static enum result choose_spi(struct initiator *i)
{
	do {
		enum result result = random_fill(&i->random, &i->spi, sizeof(i->spi));

		if (result != RESULT_OK)
			return result;
	} while (i->spi < KEYEXCHANGE_SPI_MIN);
	return RESULT_OK;
}

static enum result derive_prk(struct initiator *i)
{
	struct secret z;
	enum result result = x25519_derive(i->own, i->server.share, &z);

	if (result == RESULT_OK)
		result = schedule_prk(i->ni, i->server.nonce, &z, &i->prk);
	secret_wipe(&z);
	return result;
}

/* All that message 3 needs; only then is message 1 written over. */
static enum result answer_challenge(struct initiator *i, struct slice datagram,
				    const struct sip_message *m)
{
	enum result result = read_server(i, m);

	if (result == RESULT_OK)
		result = initiator_check_gateway(i, datagram, m);
	if (result == RESULT_OK && !i->signer)
		result = read_challenge(i, m);
	if (result == RESULT_OK)
		result = transcript_h12(initiator_message(i), datagram, i->h12);
	if (result == RESULT_OK)
		result = derive_prk(i);
	if (result == RESULT_OK)
		result = choose_spi(i);
	if (result == RESULT_OK && !take_cookie(i, m))
		result = RESULT_BAD;
	if (result == RESULT_OK)
		result = initiator_renew_branch(i);
	return result;
}

enum result initiator_judge_2(struct initiator *i, struct slice datagram,
			      const struct sip_message *m, enum initiator_event *event)
{
	enum result result;

	if (!sip_message_has(m, SIP_HEADER_SECURITY_SERVER))
		return follow_bare_401(i, m, event);
	result = answer_challenge(i, datagram, m);
	if (result != RESULT_OK)
		return result;
	i->cseq++;
	result = initiator_write_3(i);
	if (result == RESULT_SPACE && !i->has_long_certificates && i->signer)
		return initiator_begin_long(i, event);
	if (result != RESULT_OK) {
		if (result == RESULT_SPACE)
			i->reason = "our certificates are too long for any message";
		i->step = INITIATOR_IDLE;
		return result;
	}
	i->step = INITIATOR_AWAITS_4;
	*event = INITIATOR_SEND;
	return RESULT_OK;
}

/* Opens the body of message 4 into plain. */
static enum result open_body(const struct initiator *i, struct slice datagram,
			     const struct sip_message *m, const uint8_t *n4, uint8_t *plain,
			     size_t *len)
{
	struct slice body = sip_message_body(m);
	struct slice head = slice_make(datagram.at, (size_t)(body.at - datagram.at));
	struct secret k4;
	enum result result;

	if (!slice_is_equal_nocase(sip_message_value(m, SIP_HEADER_CONTENT_TYPE),
				   SLICE(KEYEXCHANGE_SEALED_TYPE)) ||
	    body.len < SEAL_TAG_BYTES || body.len - SEAL_TAG_BYTES > KEYEXCHANGE_SEALED_BYTES)
		return RESULT_BAD;
	result = schedule_k4(&i->prk, i->h123, n4, &k4);
	if (result == RESULT_OK)
		result = seal_open(&k4, seal_nonce_zero, head, body, plain);
	secret_wipe(&k4);
	*len = body.len - SEAL_TAG_BYTES;
	return result;
}

static bool is_same_place(const struct sip_address *a, const struct sip_address *b)
{
	return a->port == b->port && sip_address_is_same_host(a, b);
}

/* By password the gateway proves that it knows the verifier; by certificate it has signed. */
static enum result check_signature(const struct initiator *i, struct slice scram)
{
	uint8_t signature[KDF_HASH_BYTES];
	enum result result;

	if (i->signer)
		return scram.len == 0 ? RESULT_OK : RESULT_BAD;
	result = scram_server_final_parse(scram, signature);
	if (result == RESULT_OK && !secret_is_equal(signature, i->signature, sizeof(signature)))
		result = RESULT_DENIED;
	return result;
}

/* Is it the gateway we wanted, and does what it says agree with what was agreed? */
static enum result check_reply(const struct initiator *i, const struct sealed_reply *reply)
{
	enum result result = check_signature(i, reply->scram);
	bool is_in_the_open = !i->wants_encap && is_same_place(&i->server.address, &i->address);

	if (result != RESULT_OK)
		return result;
	if (!slice_is_equal_nocase(reply->gateway, slice_make(i->domain, i->domain_len)) ||
	    reply->level != suite_find(i->server.suite)->level ||
	    (reply->mode == KEYEXCHANGE_TRANSPORT &&
	     (!is_in_the_open || !is_same_place(&reply->inner, &i->address))))
		return RESULT_DENIED;
	return RESULT_OK;
}

static enum result derive_sa(struct initiator *i, const struct sealed_reply *reply,
			     const uint8_t *n4, struct initiator_sa *sa)
{
	const struct schedule_sa both = {
		.suite = i->server.suite,
		.spi_terminal = i->spi,
		.spi_gateway = reply->spi,
		.h123 = i->h123,
		.n4 = n4,
	};
	enum result result = schedule_sa_keys(&i->prk, &both, SCHEDULE_FROM_TERMINAL, sa->key_out);

	if (result == RESULT_OK)
		result = schedule_sa_keys(&i->prk, &both, SCHEDULE_TO_TERMINAL, sa->key_in);
	sa->suite = i->server.suite;
	sa->mode = reply->mode;
	sa->level = reply->level;
	sa->spi_in = i->spi;
	sa->spi_out = reply->spi;
	sa->inner = reply->inner;
	sa->soft_s = reply->soft_s;
	sa->hard_s = reply->hard_s;
	sa->packets = reply->packets;
	sa->bytes = reply->bytes;
	return result;
}

enum result initiator_judge_4(struct initiator *i, struct slice datagram,
			      const struct sip_message *m, enum initiator_event *event)
{
	uint8_t n4[SCHEDULE_NONCE_BYTES], plain[KEYEXCHANGE_SEALED_BYTES];
	struct sealed_reply reply;
	size_t len = 0;
	enum result result =
		security_nonce_parse(sip_message_value(m, SIP_HEADER_SECURITY_SERVER), n4);

	if (result == RESULT_OK)
		result = open_body(i, datagram, m, n4, plain, &len);
	if (result == RESULT_OK)
		result = sealed_reply_parse(slice_make(plain, len), &reply);
	if (result == RESULT_OK)
		result = check_reply(i, &reply);
	if (result == RESULT_OK)
		result = derive_sa(i, &reply, n4, &i->sa);
	secret_wipe_bytes(plain, sizeof(plain));
	if (result != RESULT_OK)
		return result;
	secret_wipe(&i->prk);
	i->step = INITIATOR_DONE;
	*event = INITIATOR_ESTABLISHED;
	return RESULT_OK;
}
