#include "controlplane/peers/peer_message.h"

#include <jansson.h>
#include <stdbool.h>
#include <string.h>

#include "shared/base64url.h"

static const char *const type_name[] = {
	[PEER_HELLO] = "hello", [PEER_OFFER] = "offer", [PEER_ANSWER] = "answer",
	[PEER_READY] = "ready", [PEER_PING] = "ping",	[PEER_PONG] = "pong",
	[PEER_WANT] = "want",
};
#define TYPE_COUNT (sizeof(type_name) / sizeof(type_name[0]))

static bool type_read(const json_t *object, enum peer_message_type *type)
{
	const char *name = json_string_value(json_object_get(object, "type"));

	for (size_t i = PEER_HELLO; name && i < TYPE_COUNT; i++)
		if (strcmp(name, type_name[i]) == 0) {
			*type = (enum peer_message_type)i;
			return true;
		}
	return false;
}

static bool number_read(const json_t *object, const char *name, json_int_t least, json_int_t most,
			uint32_t *number)
{
	const json_t *value = json_object_get(object, name);

	if (!json_is_integer(value))
		return false;
	json_int_t got = json_integer_value(value);

	if (got < least || got > most)
		return false;
	*number = (uint32_t)got;
	return true;
}

static bool bytes_read(const json_t *object, const char *name, uint8_t *out, size_t wanted)
{
	const json_t *value = json_object_get(object, name);
	size_t got = 0;

	if (!json_is_string(value))
		return false;
	struct slice text = slice_make(json_string_value(value), json_string_length(value));

	return base64url_decode(text, out, wanted, &got) == RESULT_OK && got == wanted;
}

static bool hello_read(const json_t *object, struct peer_message *message)
{
	const json_t *domain = json_object_get(object, "domain");

	if (!json_is_string(domain) || json_string_length(domain) == 0 ||
	    json_string_length(domain) > LIMIT_DOMAIN_BYTES ||
	    strlen(json_string_value(domain)) != json_string_length(domain))
		return false;
	memcpy(message->domain, json_string_value(domain), json_string_length(domain) + 1);
	return number_read(object, "gateway", 0, 63, &message->gateway) &&
	       number_read(object, "workers", 1, PEER_MESSAGE_WORKERS, &message->workers);
}

static bool spis_read(const json_t *object, struct peer_message *message)
{
	const json_t *list = json_object_get(object, "spis");
	size_t count = json_array_size(list);

	if (count == 0 || count > PEER_MESSAGE_WORKERS)
		return false;
	for (size_t i = 0; i < count; i++) {
		const json_t *spi = json_array_get(list, i);

		/* RFC 4303 2.1: 1 to 255 are reserved, 0 never travels. */
		if (!json_is_integer(spi) || json_integer_value(spi) < 256 ||
		    json_integer_value(spi) > UINT32_MAX)
			return false;
		message->spi[i] = (uint32_t)json_integer_value(spi);
	}
	message->spi_count = (uint32_t)count;
	return true;
}

static bool keying_read(const json_t *object, struct peer_message *message)
{
	uint32_t suite = 0;

	if (message->type == PEER_OFFER && !number_read(object, "suite", 1, 255, &suite))
		return false;
	message->suite = (uint8_t)suite;
	return bytes_read(object, "share", message->share, PEER_SHARE_BYTES) &&
	       bytes_read(object, "nonce", message->nonce, PEER_NONCE_BYTES) &&
	       spis_read(object, message);
}

static bool body_read(const json_t *object, struct peer_message *message)
{
	switch (message->type) {
	case PEER_HELLO:
		return hello_read(object, message);
	case PEER_OFFER:
	case PEER_ANSWER:
		return number_read(object, "epoch", 1, UINT32_MAX, &message->epoch) &&
		       keying_read(object, message);
	case PEER_READY:
		return number_read(object, "epoch", 1, UINT32_MAX, &message->epoch);
	case PEER_PING:
	case PEER_PONG:
	case PEER_WANT:
		return true;
	}
	return false;
}

enum result peer_message_decode(const char *at, size_t length, struct peer_message *message)
{
	json_t *object = json_loadb(at, length, JSON_REJECT_DUPLICATES, NULL);
	struct peer_message read = {0};
	bool is_good =
		json_is_object(object) && type_read(object, &read.type) && body_read(object, &read);

	json_decref(object);
	if (!is_good)
		return RESULT_BAD;
	*message = read;
	return RESULT_OK;
}

static json_t *bytes_json(const uint8_t *bytes, size_t length)
{
	char text[BASE64URL_CHARS(PEER_SHARE_BYTES)];
	struct writer writer = writer_make(text, sizeof(text));

	base64url_encode(&writer, bytes, length);
	return json_stringn(text, writer.len);
}

static void keying_add(json_t *object, const struct peer_message *message)
{
	json_t *spis = json_array();

	for (uint32_t i = 0; i < message->spi_count; i++)
		json_array_append_new(spis, json_integer(message->spi[i]));
	if (message->type == PEER_OFFER)
		json_object_set_new(object, "suite", json_integer(message->suite));
	json_object_set_new(object, "share", bytes_json(message->share, PEER_SHARE_BYTES));
	json_object_set_new(object, "nonce", bytes_json(message->nonce, PEER_NONCE_BYTES));
	json_object_set_new(object, "spis", spis);
}

char *peer_message_encode(const struct peer_message *message, size_t *length)
{
	json_t *object = json_pack("{s:s}", "type", type_name[message->type]);

	if (message->type == PEER_HELLO) {
		json_object_set_new(object, "domain", json_string(message->domain));
		json_object_set_new(object, "gateway", json_integer(message->gateway));
		json_object_set_new(object, "workers", json_integer(message->workers));
	}
	if (message->type == PEER_OFFER || message->type == PEER_ANSWER ||
	    message->type == PEER_READY)
		json_object_set_new(object, "epoch", json_integer(message->epoch));
	if (message->type == PEER_OFFER || message->type == PEER_ANSWER)
		keying_add(object, message);
	char *text = json_dumps(object, JSON_COMPACT);

	json_decref(object);
	if (text)
		*length = strlen(text);
	return text;
}
