/* From message 1 to message 2 (docs/protocol.md 1.1, 1.2). Nothing is remembered. */
#include <string.h>

#include "controlplane/keyexchange/exchange_state.h"
#include "shared/keyexchange/transcript.h"

/* Header lines of message 2. */
#define EXTRA_BYTES 2048

/* What message 1 says. */
struct offer {
	const char *fault; /* what is malformed, for the operator */
	struct exchange_request request;
	struct security_client client;
	struct scram_client_first first;
	char scram[SCRAM_MESSAGE_BYTES]; /* first points into it */
	bool is_proved;			 /* padded, through an SA, or with the cookie of a flood */
};

/*
 * Where the terminal says that it is, if not where we see it: an address that a host may have, and
 * of the family it speaks to us with.
 */
static bool is_host_address(const struct sip_address *address, const struct sip_address *source)
{
	static const uint8_t zeros[16];
	const uint8_t *at = address->bytes;

	if (address->family != source->family)
		return false;
	if (address->family == 4)
		return at[0] != 0 && at[0] != 127 && at[0] < 224;
	/* unspecified, loopback, IPv4-mapped (RFC 4291 2.5), multicast */
	return at[0] != 0xff && memcmp(at, zeros, 10) != 0;
}

static bool is_same_place(const struct sip_address *a, const struct sip_address *b)
{
	return a->port == b->port && sip_address_is_same_host(a, b);
}

/* Who comes by certificate says no name where others hear it. */
static bool is_anonymous(const struct exchange *x, const struct exchange_request *request)
{
	char name[LIMIT_AOR_BYTES + LIMIT_DOMAIN_BYTES];
	struct writer w = writer_make(name, sizeof(name));

	WRITER_LITERAL(&w, KEYEXCHANGE_ANONYMOUS "@");
	writer_slice(&w, exchange_domain(x, request->domain));
	return slice_is_equal(slice_make(request->aor, request->aor_len), slice_make(name, w.len));
}

/* SCRAM's client-first, or that there is none. */
static bool parse_authorization(const struct exchange *x, const struct exchange_input *input,
				struct offer *out)
{
	const struct sip_message *m = input->message;
	struct slice scram;

	if (out->client.is_by_certificate)
		return !sip_message_has(m, SIP_HEADER_AUTHORIZATION) &&
		       (input->through.index != 0 || is_anonymous(x, &out->request));
	return exchange_has_one(m, SIP_HEADER_AUTHORIZATION) &&
	       scram_data_parse(sip_message_value(m, SIP_HEADER_AUTHORIZATION), out->scram,
				sizeof(out->scram), &scram) == RESULT_OK &&
	       scram_client_first_parse(scram, &out->first) == RESULT_OK &&
	       memcmp(out->first.ni, out->client.nonce, SCHEDULE_NONCE_BYTES) == 0;
}

static enum result parse_offer(const struct exchange *x, const struct exchange_input *input,
			       struct offer *out)
{
	const struct sip_message *m = input->message;

	out->fault = exchange_request_check(x, input, &out->request);
	if (out->fault)
		return RESULT_BAD;
	out->fault = "message 1: it has a body";
	if (sip_message_body(m).len > 0)
		return RESULT_BAD;
	out->fault = "message 1: Security-Client stands twice";
	if (!exchange_has_one(m, SIP_HEADER_SECURITY_CLIENT))
		return RESULT_BAD;
	if (security_client_parse(sip_message_value(m, SIP_HEADER_SECURITY_CLIENT), &out->client,
				  &out->fault) != RESULT_OK)
		return RESULT_BAD;
	out->fault = "message 1: Authorization is missing, twice there, malformed, or one too many";
	if (!parse_authorization(x, input, out))
		return RESULT_BAD;
	out->fault = "message 1: the address that it gives is none that a host has here";
	const struct sip_address seen = exchange_seen(input, &out->client.address);

	return is_same_place(&out->client.address, &seen) ||
			       is_host_address(&out->client.address, &input->source)
		       ? RESULT_OK
		       : RESULT_BAD;
}

static bool has_address_cookie(const struct exchange *x, const struct exchange_input *input)
{
	const struct cookie_source source = {.address = input->source};

	return exchange_has_one(input->message, SIP_HEADER_SECURITY_COOKIE) &&
	       cookie_open_address(x->jar, input->now_ms,
				   sip_message_value(input->message, SIP_HEADER_SECURITY_COOKIE),
				   &source) == RESULT_OK;
}

enum result exchange_write_address_cookie(const struct exchange *x,
					  const struct exchange_input *input, struct writer *line)
{
	const struct cookie_source source = {.address = input->source};
	enum result result;

	WRITER_LITERAL(line, "Security-Cookie: ");
	result = cookie_seal_address(x->jar, input->now_ms, &source, line);
	WRITER_LITERAL(line, "\r\n");
	return result;
}

/* The answer of a flood: prove your address, then we talk. */
static enum result ask_for_cookie(struct exchange *x, const struct exchange_input *input,
				  struct exchange_outcome *out)
{
	char line[KEYEXCHANGE_COOKIE_CHARS + 32];
	struct writer w = writer_make(line, sizeof(line));
	struct exchange_answer answer = {.verdict = EXCHANGE_COOKIE_ASKED, .status = 401};
	enum result result = exchange_write_address_cookie(x, input, &w);

	if (result != RESULT_OK)
		return result;
	answer.extra = slice_make(line, w.len);
	result = exchange_reply(x, input, &answer, out);
	if (result != RESULT_SPACE)
		return result;
	out->reason = "message 1: lines so long that the question for a cookie has no room";
	return RESULT_OK;
}

/* docs/protocol.md 1.7; a rekey keeps the mode of the SA it comes through. */
static enum keyexchange_mode choose_mode(const struct exchange_input *input,
					 const struct security_client *client)
{
	const struct sip_address seen = exchange_seen(input, &client->address);

	if (input->through.index != 0)
		return input->through.mode;
	return client->wants_encap || !is_same_place(&client->address, &seen)
		       ? KEYEXCHANGE_UDP_TUNNEL
		       : KEYEXCHANGE_TRANSPORT;
}

/* Until message 3 who comes by certificate is nobody but the name he came under. */
static struct slice subscriber_of(const struct offer *offer)
{
	return offer->client.is_by_certificate
		       ? slice_make(offer->request.aor, offer->request.aor_len)
		       : slice_make(offer->first.subscriber, offer->first.subscriber_len);
}

/* All of the cookie but H12. */
static enum result fill_cookie(struct exchange *x, const struct exchange_input *input,
			       const struct offer *offer, enum suite suite, struct cookie *out)
{
	struct slice aor = slice_make(offer->request.aor, offer->request.aor_len);
	struct slice subscriber = subscriber_of(offer);

	memset(out, 0, sizeof(*out));
	memcpy(out->ni, offer->client.nonce, sizeof(out->ni));
	memcpy(out->share, offer->client.share, sizeof(out->share));
	out->source = offer->request.source;
	out->suite = suite;
	out->mode = choose_mode(input, &offer->client);
	out->inner = input->through.index != 0 ? input->source : offer->client.address;
	out->is_by_certificate = offer->client.is_by_certificate;
	out->domain = offer->request.domain;
	if (!slice_is_equal(aor, subscriber)) {
		memcpy(out->subscriber, subscriber.at, subscriber.len);
		out->subscriber_len = subscriber.len;
	}
	if (random_fill(&x->random, out->ng, sizeof(out->ng)) != RESULT_OK)
		return RESULT_IO;
	return exchange_name_hash(aor, subscriber, out->name_hash);
}

static enum result write_server(struct exchange *x, const struct exchange_input *input,
				struct cookie *cookie, struct writer *w)
{
	struct security_server server = {.suite = cookie->suite,
					 .address = exchange_seen(input, &cookie->inner)};
	const struct x25519 *own;
	enum result result =
		gateway_shares_now(x->shares, input->now_ms, &cookie->share_epoch, &own);

	if (result != RESULT_OK)
		return result;
	memcpy(server.share, x25519_share(own), X25519_SHARE_BYTES);
	memcpy(server.nonce, cookie->ng, sizeof(server.nonce));
	WRITER_LITERAL(w, "Security-Server: ");
	security_server_write(w, &server);
	WRITER_LITERAL(w, "\r\n");
	return RESULT_OK;
}

static void write_challenge(const struct exchange *x,
			    const struct subscriber_credential *credential,
			    const struct cookie *cookie, struct writer *w)
{
	struct scram_server_first first = {
		.salt_len = credential->verifier.salt_len,
		.iterations = credential->verifier.iterations,
	};
	char text[SCRAM_MESSAGE_BYTES];
	struct writer scram = writer_make(text, sizeof(text));

	memcpy(first.ng, cookie->ng, sizeof(first.ng));
	memcpy(first.salt, credential->verifier.salt, sizeof(first.salt));
	scram_server_first_write(&scram, cookie->ni, &first);
	WRITER_LITERAL(w, "WWW-Authenticate: ");
	scram_challenge_write(w, exchange_domain(x, cookie->domain), slice_make(text, scram.len));
	WRITER_LITERAL(w, "\r\n");
}

/* Security-Server and, for who comes by password, WWW-Authenticate. RESULT_IO: no store, or more.
 */
static enum result write_extra(struct exchange *x, const struct exchange_input *input,
			       const struct offer *offer, struct cookie *cookie, struct writer *w)
{
	struct subscriber_credential credential;
	bool is_known;
	enum result result = write_server(x, input, cookie, w);

	if (result != RESULT_OK || offer->client.is_by_certificate)
		return result;
	result = exchange_credential(x, subscriber_of(offer), &credential, &is_known);
	if (result != RESULT_OK)
		return result == RESULT_IO ? RESULT_NOT_FOUND : result;
	write_challenge(x, &credential, cookie, w);
	secret_wipe_bytes(&credential, sizeof(credential));
	return RESULT_OK;
}

/*
 * The message without signature and cookie gives S12, S12 is signed; the message with the signature
 * gives H12, H12 goes into the cookie, the cookie into the message.
 */
static enum result answer_with_cookie(struct exchange *x, const struct exchange_input *input,
				      const struct offer *offer, struct cookie *cookie,
				      struct writer *extra, struct exchange_outcome *out)
{
	struct exchange_answer answer = {
		.verdict = EXCHANGE_CHALLENGED,
		.status = 401,
		.extra = slice_make(extra->at, extra->len),
		.is_proved = true,
	};
	enum result result = exchange_reply(x, input, &answer, out);

	if (result == RESULT_OK && offer->client.wants_proof) {
		result = exchange_sign(x, input->datagram, slice_make(out->reply, out->reply_len),
				       extra);
		answer.extra = slice_make(extra->at, extra->len);
		if (result == RESULT_OK)
			result = exchange_reply(x, input, &answer, out);
	}
	if (result == RESULT_OK)
		result = transcript_h12(input->datagram, slice_make(out->reply, out->reply_len),
					cookie->h12);
	WRITER_LITERAL(extra, "Security-Cookie: ");
	if (result == RESULT_OK)
		result = cookie_seal(x->jar, input->now_ms, cookie, extra);
	WRITER_LITERAL(extra, "\r\n");
	answer.extra = slice_make(extra->at, extra->len);
	if (result == RESULT_OK)
		result = exchange_reply(x, input, &answer, out);
	if (result == RESULT_OK && !offer->is_proved && out->reply_len > input->datagram.len)
		result = RESULT_SPACE;
	return result;
}

static enum result answer_offer(struct exchange *x, const struct exchange_input *input,
				const struct offer *offer, enum suite suite,
				struct exchange_outcome *out)
{
	char lines[EXTRA_BYTES];
	struct writer extra = writer_make(lines, sizeof(lines));
	struct cookie cookie;
	enum result result = fill_cookie(x, input, offer, suite, &cookie);

	if (result == RESULT_OK)
		result = write_extra(x, input, offer, &cookie, &extra);
	if (result == RESULT_NOT_FOUND)
		return exchange_refuse(x, input, EXCHANGE_UNAVAILABLE, EXCHANGE_STORE_CANNOT_TELL,
				       offer->is_proved, out);
	if (result == RESULT_OK)
		result = answer_with_cookie(x, input, offer, &cookie, &extra, out);
	if (result == RESULT_SPACE)
		return exchange_refuse(x, input, EXCHANGE_MALFORMED,
				       "message 1: names so long that message 2 has no room for them",
				       offer->is_proved, out);
	return result;
}

/* What is asked for by certificate: given, shown first, or not to be had here. */
static enum result answer_proofs(struct exchange *x, const struct exchange_input *input,
				 const struct offer *offer, enum suite suite,
				 struct exchange_outcome *out)
{
	const struct security_client *client = &offer->client;

	if ((client->wants_proof && !x->certificates.signer) ||
	    (client->is_by_certificate && !x->certificates.trust))
		return exchange_refuse(x, input, EXCHANGE_NO_CERTIFICATE,
				       "it asks for certificates, which this gateway does not have",
				       offer->is_proved, out);
	if (client->wants_proof && !exchange_is_signer_known(x, client))
		return exchange_show_certificate(x, input, offer->is_proved, out);
	return answer_offer(x, input, offer, suite, out);
}

enum result exchange_challenge(struct exchange *x, const struct exchange_input *input,
			       struct exchange_outcome *out)
{
	bool is_proved = exchange_is_proved(input) || has_address_cookie(x, input);
	struct offer offer;
	enum suite suite;

	if (!is_proved && input->datagram.len < LIMIT_KEYEXCHANGE_FIRST_BYTES) {
		out->verdict = EXCHANGE_DROPPED_SHORT;
		out->reason = "message 1: it is shorter than 1200 bytes, and has no cookie";
		return RESULT_OK;
	}
	if (!is_proved && flood_count(&x->flood, input->now_ms))
		return ask_for_cookie(x, input, out);
	offer.is_proved = is_proved;
	if (parse_offer(x, input, &offer) != RESULT_OK)
		return exchange_refuse(x, input, EXCHANGE_MALFORMED, offer.fault, is_proved, out);
	if (suite_choose(&offer.client.suites, &x->suites, &suite) != RESULT_OK)
		return exchange_refuse(x, input, EXCHANGE_NO_SUITE,
				       "none of the suites that it offers is allowed here",
				       is_proved, out);
	return answer_proofs(x, input, &offer, suite, out);
}
