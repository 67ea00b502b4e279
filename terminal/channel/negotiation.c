#include "terminal/channel/negotiation.h"

#include "shared/base64url.h"
#include "shared/sip/uri.h"
#include "terminal/esp/bytes.h"

#define REVEAL "reveal="

void negotiation_end(struct negotiation *n)
{
	x25519_destroy(n->own);
	secret_wipe_bytes(n, sizeof(*n));
}

static enum result fail(struct negotiation *n, enum result result)
{
	negotiation_end(n);
	return result;
}

static enum result deny(struct negotiation *n, const char *sentence, const char **why)
{
	*why = sentence;
	return fail(n, RESULT_DENIED);
}

/* A fresh share, nonce and SPI of ours. */
static enum result propose(struct negotiation *n, const struct negotiation_settings *settings,
			   const struct places *own, struct proposal *out)
{
	uint8_t spi[4];
	enum result result = x25519_generate(&settings->random, &n->own);

	if (result == RESULT_OK)
		result = random_fill(&settings->random, out->nonce, sizeof(out->nonce));
	if (result == RESULT_OK)
		result = random_fill(&settings->random, spi, sizeof(spi));
	if (result != RESULT_OK)
		return result;
	memcpy(out->share, x25519_share(n->own), sizeof(out->share));
	out->spi = bytes_get_u32(spi) | PROPOSAL_SPI_MIN;
	out->places = *own;
	return RESULT_OK;
}

static enum result write_value(const struct proposal *proposal, char *value, size_t *len,
			       struct writer *line)
{
	struct writer w = writer_make(value, PROPOSAL_VALUE_CHARS);
	struct slice written;
	enum result result;

	proposal_write(proposal, &w);
	result = writer_finish(&w, &written);
	if (result != RESULT_OK)
		return result;
	*len = written.len;
	proposal_write_line(written, line);
	return line->is_full ? RESULT_SPACE : RESULT_OK;
}

/* Keeps the value as it was on the wire: the transcript is of these very bytes. */
static enum result take_value(struct slice sdp, struct proposal *proposal, char *value, size_t *len)
{
	struct slice found;
	enum result result = proposal_find(sdp, &found);

	if (result == RESULT_OK)
		result = proposal_parse(found, proposal);
	if (result != RESULT_OK)
		return result;
	memcpy(value, found.at, found.len);
	*len = found.len;
	return RESULT_OK;
}

enum result negotiation_offer(struct negotiation *n, const struct negotiation_settings *settings,
			      const struct places *own, struct writer *line)
{
	enum result result;

	negotiation_end(n);
	result = propose(n, settings, own, &n->offer);
	if (result == RESULT_OK)
		result = random_fill(&settings->random, n->reveal, sizeof(n->reveal));
	if (result == RESULT_OK)
		result = keys_commit(n->reveal, n->offer.commitment);
	n->offer.has_commitment = true;
	n->offer.suites = settings->suites;
	if (result == RESULT_OK)
		result = write_value(&n->offer, n->offer_value, &n->offer_len, line);
	if (result != RESULT_OK)
		return fail(n, result);
	n->state = NEGOTIATION_OFFERED;
	return RESULT_OK;
}

/* What is wrong with where the other side says that it is; NULL: nothing. */
static const char *place_fault(const struct negotiation_settings *settings,
			       const struct places *own, const struct places *theirs)
{
	for (size_t i = 0; i < settings->gateway_count; i++)
		if (places_has_host(theirs, &settings->gateways[i]))
			return "the other side names our gateway's address as its own";
	if (places_reachable(own, theirs).count == 0)
		return "no address of the other side's can be reached from here (another IP "
		       "version?)";
	return NULL;
}

enum result negotiation_take_offer(struct negotiation *n,
				   const struct negotiation_settings *settings,
				   const struct places *own, struct slice sdp, const char **why)
{
	const char *fault;
	enum result result;
	enum suite suite;

	negotiation_end(n);
	result = take_value(sdp, &n->offer, n->offer_value, &n->offer_len);
	if (result == RESULT_NOT_FOUND)
		return fail(n, result);
	if (result != RESULT_OK || !n->offer.has_commitment)
		return deny(n, "the offer of a data channel is malformed", why);
	if (suite_choose(&n->offer.suites, &settings->suites, &suite) != RESULT_OK)
		return deny(n, "no suite offered for the data channel is strong enough", why);
	fault = place_fault(settings, own, &n->offer.places);
	if (fault)
		return deny(n, fault, why);
	n->answer.suites = (struct suite_list){{suite}, 1};
	result = propose(n, settings, own, &n->answer);
	if (result != RESULT_OK)
		return fail(n, result);
	if (x25519_derive(n->own, n->offer.share, &n->z) != RESULT_OK)
		return deny(n, "the share offered for the data channel is of low order", why);
	n->state = NEGOTIATION_ASKED;
	return RESULT_OK;
}

/* The canonical AOR of a From or To URI. */
static bool aor_of(struct slice uri, char *buffer, struct slice *out)
{
	struct sip_uri parsed;

	return sip_uri_parse(uri, &parsed) == RESULT_OK &&
	       sip_uri_aor(&parsed, buffer, out) == RESULT_OK;
}

/* Both directions' keys, seen from our side. Who calls need not be who offers. */
static enum result make_sas(struct negotiation *n, bool is_caller)
{
	struct agreement *a = &n->agreement;
	bool is_offerer = n->state == NEGOTIATION_OFFERED;
	const struct proposal *ours = is_offerer ? &n->offer : &n->answer;
	const struct proposal *theirs = is_offerer ? &n->answer : &n->offer;
	enum result result;

	a->suite = n->answer.suites.suite[0];
	a->spi_in = ours->spi;
	a->spi_out = theirs->spi;
	a->places = places_reachable(&ours->places, &theirs->places);
	a->keys = n->keys;
	a->is_caller = is_caller;
	result = keys_sa(&n->keys, is_caller ? KEYS_FROM_CALLEE : KEYS_FROM_CALLER, a->suite,
			 a->spi_in, a->key_in);
	if (result != RESULT_OK)
		return result;
	return keys_sa(&n->keys, is_caller ? KEYS_FROM_CALLER : KEYS_FROM_CALLEE, a->suite,
		       a->spi_out, a->key_out);
}

/* Everything that hangs on who calls whom. The other side's name decides its overlay addresses. */
static enum result bind_parties(struct negotiation *n, const struct negotiation_settings *settings,
				const struct ua_parties *parties, const char **why)
{
	char caller[LIMIT_AOR_BYTES], callee[LIMIT_AOR_BYTES];
	struct keys_context context = {
		.call_id = parties->call_id,
		.caller_tag = parties->caller_tag,
		.callee_tag = parties->callee_tag,
		.offer = slice_make(n->offer_value, n->offer_len),
		.answer = slice_make(n->answer_value, n->answer_len),
		.offer_nonce = n->offer.nonce,
		.answer_nonce = n->answer.nonce,
	};
	struct slice own;
	enum result result;

	if (!aor_of(parties->caller, caller, &context.caller) ||
	    !aor_of(parties->callee, callee, &context.callee))
		return deny(n, "a party of the call has no name that a data channel could be for",
			    why);
	own = parties->is_caller ? context.caller : context.callee;
	if (!slice_is_equal(own, settings->aor))
		return deny(n, "the call is under a name that is not this terminal's", why);
	if (slice_is_equal(context.caller, context.callee))
		return deny(n, "both parties of the call have the same name", why);
	result = keys_make(&context, &n->z, &n->keys);
	if (result == RESULT_OK)
		result = make_sas(n, parties->is_caller);
	if (result == RESULT_OK)
		result = overlay_of(own, &n->agreement.own);
	if (result == RESULT_OK)
		result = overlay_of(parties->is_caller ? context.callee : context.caller,
				    &n->agreement.peer);
	if (result != RESULT_OK)
		return fail(n, result);
	if (sip_address_is_same_host(&n->agreement.own.ipv4, &n->agreement.peer.ipv4))
		return deny(n, "both names happen to have the same overlay address", why);
	return RESULT_OK;
}

enum result negotiation_answer(struct negotiation *n, const struct negotiation_settings *settings,
			       const struct ua_parties *parties, struct writer *line,
			       const char **why)
{
	size_t before = line->len;
	enum result result = write_value(&n->answer, n->answer_value, &n->answer_len, line);

	if (result != RESULT_OK)
		fail(n, result);
	else
		result = bind_parties(n, settings, parties, why);
	if (result != RESULT_OK) {
		line->len = before;
		return result;
	}
	n->state = NEGOTIATION_ANSWERED;
	return RESULT_OK;
}

/* One suite, and one of those offered. */
static bool is_choice(const struct suite_list *answered, const struct suite_list *offered)
{
	enum suite suite;

	return answered->count == 1 && suite_choose(answered, offered, &suite) == RESULT_OK;
}

enum result negotiation_take_answer(struct negotiation *n,
				    const struct negotiation_settings *settings,
				    const struct ua_parties *parties, struct slice sdp,
				    struct writer *reveal, const char **why)
{
	enum result result = take_value(sdp, &n->answer, n->answer_value, &n->answer_len);
	const char *fault;

	if (result == RESULT_NOT_FOUND)
		return fail(n, result);
	if (result != RESULT_OK || n->answer.has_commitment)
		return deny(n, "the answer about the data channel is malformed", why);
	if (!is_choice(&n->answer.suites, &n->offer.suites))
		return deny(n, "the answer chose a suite for the data channel that was not offered",
			    why);
	fault = place_fault(settings, &n->offer.places, &n->answer.places);
	if (fault)
		return deny(n, fault, why);
	if (x25519_derive(n->own, n->answer.share, &n->z) != RESULT_OK)
		return deny(n, "the share answered for the data channel is of low order", why);
	result = bind_parties(n, settings, parties, why);
	if (result != RESULT_OK)
		return result;
	result = keys_string(&n->keys, n->reveal, n->agreement.string);
	if (result != RESULT_OK)
		return fail(n, result);
	WRITER_LITERAL(reveal, REVEAL);
	base64url_encode(reveal, n->reveal, sizeof(n->reveal));
	WRITER_LITERAL(reveal, "\r\n");
	n->state = NEGOTIATION_AGREED;
	return RESULT_OK;
}

enum result negotiation_take_reveal(struct negotiation *n, struct slice body, const char **why)
{
	const struct slice name = SLICE(REVEAL);
	const size_t chars = BASE64URL_CHARS(KEYS_REVEAL_BYTES);
	uint8_t commitment[KDF_HASH_BYTES];
	size_t len = 0;
	enum result result;

	if (body.len == 0)
		return deny(n, "nothing reveals what the offer was bound to", why);
	if (body.len != name.len + chars + 2 || memcmp(body.at, name.at, name.len) != 0 ||
	    memcmp(body.at + name.len + chars, "\r\n", 2) != 0 ||
	    base64url_decode(slice_make(body.at + name.len, chars), n->reveal, sizeof(n->reveal),
			     &len) != RESULT_OK ||
	    len != sizeof(n->reveal))
		return deny(n, "what reveals the offer's secret is malformed", why);
	result = keys_commit(n->reveal, commitment);
	if (result != RESULT_OK)
		return fail(n, result);
	if (!secret_is_equal(commitment, n->offer.commitment, sizeof(commitment)))
		return deny(n, "something else is revealed than the offer was bound to", why);
	result = keys_string(&n->keys, n->reveal, n->agreement.string);
	if (result != RESULT_OK)
		return fail(n, result);
	n->state = NEGOTIATION_AGREED;
	return RESULT_OK;
}
