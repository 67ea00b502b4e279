#include "terminal/channel/renewal.h"

#include <string.h>

#include "terminal/channel/control.h"
#include "terminal/channel/proposal.h"
#include "terminal/esp/bytes.h"

#define WANTED_BYTES 5 /* kind and generation only */
#define SPI_AT	     5
#define SHARE_AT     9

void renewal_begin(struct renewal *renewal, const struct keys *keys, enum suite suite,
		   bool is_caller, uint64_t now_ms)
{
	*renewal = (struct renewal){
		.keys = *keys,
		.suite = suite,
		.is_caller = is_caller,
		.begun_ms = now_ms,
		.random = random_system(),
	};
}

void renewal_end(struct renewal *renewal)
{
	x25519_destroy(renewal->own);
	secret_wipe_bytes(renewal, sizeof(*renewal));
}

void renewal_want(struct renewal *renewal)
{
	renewal->is_wanted = true;
}

/* For the generation after the newest. */
static void head_write(const struct renewal *renewal, enum control kind,
		       struct renewal_message *out)
{
	out->bytes[0] = (uint8_t)kind;
	bytes_put_u32(out->bytes + 1, renewal->generation + 1);
	out->len = WANTED_BYTES;
}

/* A fresh share and SPI of ours. */
static enum result propose(struct renewal *renewal, enum control kind, struct x25519 **own,
			   struct renewal_message *out)
{
	uint8_t spi[4];
	enum result result = x25519_generate(&renewal->random, own);

	if (result == RESULT_OK)
		result = random_fill(&renewal->random, spi, sizeof(spi));
	if (result != RESULT_OK)
		return result;
	head_write(renewal, kind, out);
	bytes_put_u32(out->bytes + SPI_AT, bytes_get_u32(spi) | PROPOSAL_SPI_MIN);
	memcpy(out->bytes + SHARE_AT, x25519_share(*own), X25519_SHARE_BYTES);
	out->len = RENEWAL_MESSAGE_BYTES;
	return RESULT_OK;
}

static bool is_due(const struct renewal *renewal, uint64_t packets, uint64_t now_ms)
{
	return renewal->is_wanted || packets >= RENEWAL_PACKETS ||
	       now_ms - renewal->begun_ms >= RENEWAL_MS;
}

enum result renewal_say(struct renewal *renewal, uint64_t packets, uint64_t now_ms,
			struct renewal_message *out)
{
	enum result result = RESULT_OK;

	out->len = 0;
	if (!is_due(renewal, packets, now_ms) ||
	    (renewal->said_ms && now_ms - renewal->said_ms < RENEWAL_AGAIN_MS))
		return RESULT_OK;
	renewal->said_ms = now_ms;
	if (!renewal->is_caller) {
		head_write(renewal, CONTROL_WANTED, out);
	} else {
		if (!renewal->own)
			result = propose(renewal, CONTROL_RENEW, &renewal->own, &renewal->said);
		if (result != RESULT_OK)
			return result;
		*out = renewal->said;
	}
	return RESULT_OK;
}

uint64_t renewal_deadline(const struct renewal *renewal)
{
	if (renewal->said_ms)
		return renewal->said_ms + RENEWAL_AGAIN_MS;
	return renewal->is_wanted ? 0 : renewal->begun_ms + RENEWAL_MS;
}

/* The keys that come of both sides' messages, in the place of those before. */
static enum result renew(struct renewal *renewal, const struct x25519 *own,
			 const struct renewal_message *ours, const struct renewal_message *theirs,
			 struct renewal_sas *sas)
{
	const struct renewal_message *asked = renewal->is_caller ? ours : theirs;
	const struct renewal_message *answered = renewal->is_caller ? theirs : ours;
	struct keys keys;
	struct secret z;
	enum result result = x25519_derive(own, theirs->bytes + SHARE_AT, &z);

	if (result != RESULT_OK)
		return RESULT_BAD; /* of low order */
	result = keys_renew(&renewal->keys, &z, slice_make(asked->bytes, asked->len),
			    slice_make(answered->bytes, answered->len), &keys);
	secret_wipe_bytes(&z, sizeof(z));
	sas->spi_in = bytes_get_u32(ours->bytes + SPI_AT);
	sas->spi_out = bytes_get_u32(theirs->bytes + SPI_AT);
	if (result == RESULT_OK)
		result = keys_sa(&keys, renewal->is_caller ? KEYS_FROM_CALLEE : KEYS_FROM_CALLER,
				 renewal->suite, sas->spi_in, sas->key_in);
	if (result == RESULT_OK)
		result = keys_sa(&keys, renewal->is_caller ? KEYS_FROM_CALLER : KEYS_FROM_CALLEE,
				 renewal->suite, sas->spi_out, sas->key_out);
	if (result == RESULT_OK)
		renewal->keys = keys;
	keys_wipe(&keys);
	return result;
}

/* The newest generation is another one now. */
static void advance(struct renewal *renewal, uint64_t now_ms)
{
	renewal->generation++;
	renewal->begun_ms = now_ms;
	renewal->said_ms = 0;
	renewal->is_wanted = false;
}

static enum result take_renewed(struct renewal *renewal, const struct renewal_message *message,
				uint64_t now_ms, struct renewal_sas *sas)
{
	enum result result = renew(renewal, renewal->own, &renewal->said, message, sas);

	if (result != RESULT_OK)
		return result;
	x25519_destroy(renewal->own);
	renewal->own = NULL;
	advance(renewal, now_ms);
	return RESULT_OK;
}

static enum result take_renew(struct renewal *renewal, const struct renewal_message *message,
			      uint64_t now_ms, struct renewal_sas *sas,
			      struct renewal_message *answer)
{
	struct x25519 *own = NULL;
	struct renewal_message ours;
	enum result result = propose(renewal, CONTROL_RENEWED, &own, &ours);

	if (result == RESULT_OK)
		result = renew(renewal, own, &ours, message, sas);
	x25519_destroy(own);
	if (result != RESULT_OK)
		return result;
	renewal->was_asked = *message;
	renewal->said = *answer = ours;
	advance(renewal, now_ms);
	return RESULT_OK;
}

/* The caller has not had our answer and asks the same again. */
static bool is_repeated(const struct renewal *renewal, const struct renewal_message *message)
{
	return renewal->was_asked.len == message->len &&
	       memcmp(renewal->was_asked.bytes, message->bytes, message->len) == 0;
}

enum result renewal_take(struct renewal *renewal, const uint8_t *message, size_t len,
			 bool may_renew, uint64_t now_ms, struct renewal_sas *sas,
			 struct renewal_message *answer)
{
	struct renewal_message taken = {.len = len};
	bool is_next;

	answer->len = 0;
	if (len != WANTED_BYTES && len != RENEWAL_MESSAGE_BYTES)
		return RESULT_BAD;
	memcpy(taken.bytes, message, len);
	is_next = bytes_get_u32(taken.bytes + 1) == renewal->generation + 1;
	if (len == WANTED_BYTES) {
		if (taken.bytes[0] != CONTROL_WANTED || !renewal->is_caller)
			return RESULT_BAD;
		/* One for what has been renewed meanwhile was only late. */
		renewal->is_wanted |= is_next;
		return RESULT_NOT_FOUND;
	}
	if (bytes_get_u32(taken.bytes + SPI_AT) < PROPOSAL_SPI_MIN)
		return RESULT_BAD;
	if (renewal->is_caller && taken.bytes[0] == CONTROL_RENEWED) {
		if (is_next && renewal->own && may_renew)
			return take_renewed(renewal, &taken, now_ms, sas);
		return is_next ? RESULT_BAD : RESULT_NOT_FOUND;
	}
	if (renewal->is_caller || taken.bytes[0] != CONTROL_RENEW)
		return RESULT_BAD;
	if (is_next && !may_renew)
		return RESULT_NOT_FOUND; /* it will be asked again */
	if (is_next)
		return take_renew(renewal, &taken, now_ms, sas, answer);
	if (!is_repeated(renewal, &taken))
		return RESULT_BAD;
	*answer = renewal->said;
	return RESULT_NOT_FOUND;
}
