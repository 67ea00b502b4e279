#include "controlplane/digest/nonces.h"

#include <stdlib.h>
#include <string.h>

#include "shared/base64url.h"
#include "shared/keyexchange/kdf.h"
#include "shared/keyexchange/secret.h"

#define MAC_BYTES 16

/* On the wire: b64url of these bytes, NONCE_CHARS characters. */
struct nonce_text {
	uint8_t serial_be32[4];
	uint8_t time_be32[4];
	uint8_t mac[MAC_BYTES];
};

_Static_assert(BASE64URL_CHARS(sizeof(struct nonce_text)) == NONCE_CHARS, "a nonce's text");

struct spent {
	uint32_t serial; /* 0: none yet */
	struct nonce_use use;
};

struct nonces {
	struct secret key;
	uint32_t serial; /* of the last one made; they begin at 1 */
	struct spent spent[NONCE_USES];
};

static void u32_put(uint8_t out[4], uint32_t value)
{
	for (int i = 0; i < 4; i++)
		out[i] = (uint8_t)(value >> (24 - 8 * i));
}

static uint32_t u32_get(const uint8_t at[4])
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static bool mac_make(const struct nonces *nonces, const struct nonce_text *text,
		     const struct sip_address *source, uint8_t out[MAC_BYTES])
{
	const uint8_t port[2] = {(uint8_t)(source->port >> 8), (uint8_t)source->port};
	const struct slice parts[] = {
		slice_make(text->serial_be32, 4),
		slice_make(text->time_be32, 4),
		slice_make(port, sizeof(port)),
		slice_make(source->bytes, source->family == 4 ? 4 : 16),
	};
	uint8_t mac[KDF_HASH_BYTES];

	if (kdf_hmac(slice_make(nonces->key.bytes, SECRET_BYTES), parts, 4, mac) != RESULT_OK)
		return false;
	memcpy(out, mac, MAC_BYTES);
	return true;
}

enum result nonces_create(struct random_source random, struct nonces **nonces)
{
	struct nonces *made = calloc(1, sizeof(*made));
	enum result result;

	if (made == NULL)
		return RESULT_MEMORY;
	result = random_fill(&random, made->key.bytes, SECRET_BYTES);
	if (result != RESULT_OK) {
		free(made);
		return result;
	}
	*nonces = made;
	return RESULT_OK;
}

void nonces_destroy(struct nonces *nonces)
{
	if (nonces == NULL)
		return;
	secret_wipe(&nonces->key);
	free(nonces);
}

enum result nonces_make(struct nonces *nonces, const struct sip_address *source, uint64_t now_s,
			char out[NONCE_CHARS])
{
	struct writer w = writer_make(out, NONCE_CHARS);
	struct nonce_text text;

	if (++nonces->serial == 0)
		nonces->serial = 1;
	u32_put(text.serial_be32, nonces->serial);
	u32_put(text.time_be32, (uint32_t)now_s);
	if (!mac_make(nonces, &text, source, text.mac))
		return RESULT_IO;
	base64url_encode(&w, &text, sizeof(text));
	return RESULT_OK;
}

static bool text_read(struct slice nonce, struct nonce_text *text)
{
	size_t length = 0;

	return base64url_decode(nonce, text, sizeof(*text), &length) == RESULT_OK &&
	       length == sizeof(*text);
}

static bool is_same(const struct nonce_use *a, const struct nonce_use *b, bool is_ack)
{
	return a->call == b->call && (is_ack || a->request == b->request);
}

enum nonce_verdict nonces_check(const struct nonces *nonces, struct slice nonce,
				const struct sip_address *source, const struct nonce_use *use,
				bool is_ack, uint64_t now_s)
{
	struct nonce_text text;
	const struct spent *spent;
	uint8_t mac[MAC_BYTES];
	uint32_t serial;

	if (!text_read(nonce, &text) || !mac_make(nonces, &text, source, mac) ||
	    !secret_is_equal(mac, text.mac, MAC_BYTES))
		return NONCE_FOREIGN;
	serial = u32_get(text.serial_be32);
	spent = &nonces->spent[serial % NONCE_USES];
	if (spent->serial == serial)
		return is_same(&spent->use, use, is_ack) ? NONCE_RIGHT : NONCE_SPENT;
	if (is_ack || (uint32_t)now_s - u32_get(text.time_be32) > NONCE_LIFETIME_S ||
	    (spent->serial != 0 && (int32_t)(serial - spent->serial) < 0))
		return NONCE_STALE;
	return NONCE_RIGHT;
}

void nonces_spend(struct nonces *nonces, struct slice nonce, const struct nonce_use *use)
{
	struct nonce_text text;
	struct spent *spent;
	uint32_t serial;

	if (!text_read(nonce, &text))
		return;
	serial = u32_get(text.serial_be32);
	spent = &nonces->spent[serial % NONCE_USES];
	if (spent->serial != serial)
		*spent = (struct spent){.serial = serial, .use = *use};
}
