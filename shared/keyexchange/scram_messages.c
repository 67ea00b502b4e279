#include "shared/keyexchange/scram_messages.h"

#include <stdbool.h>
#include <string.h>

#include "shared/base64url.h"
#include "shared/sip/chars.h"

#define NONCE_CHARS BASE64_CHARS(SCHEDULE_NONCE_BYTES)

/* gs2 header and H12: what c= holds. */
#define BINDING_BYTES (sizeof(SCRAM_GS2_HEADER) - 1 + KDF_HASH_BYTES)

/* Is text begun by prefix? Then it is taken off. */
static bool skip(struct slice *text, struct slice prefix)
{
	if (text->len < prefix.len || memcmp(text->at, prefix.at, prefix.len) != 0)
		return false;
	*text = slice_make(text->at + prefix.len, text->len - prefix.len);
	return true;
}

/* What stands before the next comma or the end. */
static struct slice take(struct slice *text)
{
	const char *comma = text->len ? memchr(text->at, ',', text->len) : NULL;
	size_t len = comma ? (size_t)(comma - text->at) : text->len;
	struct slice value = slice_make(text->at, len);

	*text = slice_make(text->at + len, text->len - len);
	return value;
}

static bool decode_exactly(struct slice text, uint8_t *out, size_t len)
{
	size_t got;

	return text.len == BASE64_CHARS(len) && base64_decode(text, out, len, &got) == RESULT_OK &&
	       got == len;
}

/* saslname (RFC 5802 5.1). */
static void write_saslname(struct writer *w, struct slice name)
{
	for (size_t i = 0; i < name.len; i++) {
		if (name.at[i] == ',')
			WRITER_LITERAL(w, "=2C");
		else if (name.at[i] == '=')
			WRITER_LITERAL(w, "=3D");
		else
			writer_char(w, name.at[i]);
	}
}

static enum result parse_saslname(struct slice text, struct scram_client_first *out)
{
	struct writer w = writer_make(out->subscriber, sizeof(out->subscriber));

	while (text.len > 0) {
		if (skip(&text, SLICE("=2C"))) {
			writer_char(&w, ',');
		} else if (skip(&text, SLICE("=3D"))) {
			writer_char(&w, '=');
		} else {
			if (text.at[0] == '=' || (unsigned char)text.at[0] < 0x20)
				return RESULT_BAD;
			writer_char(&w, text.at[0]);
			text = slice_make(text.at + 1, text.len - 1);
		}
	}
	out->subscriber_len = w.len;
	return w.is_full || w.len == 0 ? RESULT_BAD : RESULT_OK;
}

static void write_nonces(struct writer *w, const uint8_t *ni, const uint8_t *ng)
{
	WRITER_LITERAL(w, "r=");
	base64_encode(w, ni, SCHEDULE_NONCE_BYTES);
	base64_encode(w, ng, SCHEDULE_NONCE_BYTES);
}

/* Takes "r=" and the two nonces off text: RESULT_DENIED if the first is not ni. */
static enum result parse_nonces(struct slice *text, const uint8_t *ni, uint8_t *ng)
{
	uint8_t first[SCHEDULE_NONCE_BYTES];
	struct slice value;

	if (!skip(text, SLICE("r=")))
		return RESULT_BAD;
	value = take(text);
	if (value.len != 2 * NONCE_CHARS ||
	    !decode_exactly(slice_make(value.at, NONCE_CHARS), first, sizeof(first)) ||
	    !decode_exactly(slice_make(value.at + NONCE_CHARS, NONCE_CHARS), ng,
			    SCHEDULE_NONCE_BYTES))
		return RESULT_BAD;
	return memcmp(first, ni, sizeof(first)) == 0 ? RESULT_OK : RESULT_DENIED;
}

void scram_client_first_write(struct writer *w, struct slice subscriber,
			      const uint8_t ni[SCHEDULE_NONCE_BYTES])
{
	WRITER_LITERAL(w, SCRAM_GS2_HEADER "n=");
	write_saslname(w, subscriber);
	WRITER_LITERAL(w, ",r=");
	base64_encode(w, ni, SCHEDULE_NONCE_BYTES);
}

enum result scram_client_first_parse(struct slice text, struct scram_client_first *out)
{
	if (!skip(&text, SLICE(SCRAM_GS2_HEADER)))
		return RESULT_BAD;
	out->bare = text;
	if (!skip(&text, SLICE("n=")) || parse_saslname(take(&text), out) != RESULT_OK ||
	    !skip(&text, SLICE(",r=")) || !decode_exactly(text, out->ni, SCHEDULE_NONCE_BYTES))
		return RESULT_BAD;
	return RESULT_OK;
}

void scram_server_first_write(struct writer *w, const uint8_t ni[SCHEDULE_NONCE_BYTES],
			      const struct scram_server_first *first)
{
	write_nonces(w, ni, first->ng);
	WRITER_LITERAL(w, ",s=");
	base64_encode(w, first->salt, first->salt_len);
	WRITER_LITERAL(w, ",i=");
	writer_u32(w, first->iterations);
}

enum result scram_server_first_parse(struct slice text, const uint8_t ni[SCHEDULE_NONCE_BYTES],
				     struct scram_server_first *out)
{
	enum result result = parse_nonces(&text, ni, out->ng);
	size_t salt_len;

	if (result != RESULT_OK)
		return result;
	if (!skip(&text, SLICE(",s=")) ||
	    base64_decode(take(&text), out->salt, sizeof(out->salt), &salt_len) != RESULT_OK ||
	    salt_len == 0 || !skip(&text, SLICE(",i=")) || text.len == 0 || text.at[0] == '0' ||
	    !sip_number_parse(text, UINT32_MAX, &out->iterations))
		return RESULT_BAD;
	out->salt_len = (uint8_t)salt_len;
	if (out->iterations < LIMIT_SCRAM_ITERATIONS_MIN ||
	    out->iterations > LIMIT_SCRAM_ITERATIONS_MAX)
		return RESULT_DENIED;
	return RESULT_OK;
}

static void make_binding(const uint8_t h12[KDF_HASH_BYTES], uint8_t out[BINDING_BYTES])
{
	memcpy(out, SCRAM_GS2_HEADER, sizeof(SCRAM_GS2_HEADER) - 1);
	memcpy(out + sizeof(SCRAM_GS2_HEADER) - 1, h12, KDF_HASH_BYTES);
}

void scram_client_final_write_bare(struct writer *w, const uint8_t h12[KDF_HASH_BYTES],
				   const uint8_t ni[SCHEDULE_NONCE_BYTES],
				   const uint8_t ng[SCHEDULE_NONCE_BYTES])
{
	uint8_t binding[BINDING_BYTES];

	make_binding(h12, binding);
	WRITER_LITERAL(w, "c=");
	base64_encode(w, binding, sizeof(binding));
	writer_char(w, ',');
	write_nonces(w, ni, ng);
}

void scram_client_final_write_proof(struct writer *w, const uint8_t proof[KDF_HASH_BYTES])
{
	WRITER_LITERAL(w, ",p=");
	base64_encode(w, proof, KDF_HASH_BYTES);
}

enum result scram_client_final_parse(struct slice text, const uint8_t h12[KDF_HASH_BYTES],
				     const uint8_t ni[SCHEDULE_NONCE_BYTES],
				     const uint8_t ng[SCHEDULE_NONCE_BYTES],
				     struct scram_client_final *out)
{
	uint8_t expected[BINDING_BYTES], binding[BINDING_BYTES], nonce[SCHEDULE_NONCE_BYTES];
	const char *start = text.at;
	enum result result;

	if (!skip(&text, SLICE("c=")) || !decode_exactly(take(&text), binding, sizeof(binding)) ||
	    !skip(&text, SLICE(",")))
		return RESULT_BAD;
	result = parse_nonces(&text, ni, nonce);
	if (result != RESULT_OK)
		return result;
	out->bare = slice_make(start, (size_t)(text.at - start));
	if (!skip(&text, SLICE(",p=")) || !decode_exactly(text, out->proof, KDF_HASH_BYTES))
		return RESULT_BAD;
	make_binding(h12, expected);
	if (!secret_is_equal(binding, expected, sizeof(binding)) ||
	    memcmp(nonce, ng, sizeof(nonce)) != 0)
		return RESULT_DENIED;
	return RESULT_OK;
}

void scram_server_final_write(struct writer *w, const uint8_t signature[KDF_HASH_BYTES])
{
	WRITER_LITERAL(w, "v=");
	base64_encode(w, signature, KDF_HASH_BYTES);
}

enum result scram_server_final_parse(struct slice text, uint8_t signature[KDF_HASH_BYTES])
{
	if (!skip(&text, SLICE("v=")) || !decode_exactly(text, signature, KDF_HASH_BYTES))
		return RESULT_BAD;
	return RESULT_OK;
}
