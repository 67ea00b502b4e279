#include "shared/config/tree.h"

#include <arpa/inet.h>

#define SHOWN(text) (int)((text).len < 64 ? (text).len : 64), (text).at

/* An IP address, IPv6 with or without brackets, nothing behind it. */
static bool address_read(struct slice text, struct contract_address *out)
{
	struct contract_address address = {0};
	char word[INET6_ADDRSTRLEN];
	bool is_bracketed = text.len > 2 && text.at[0] == '[' && text.at[text.len - 1] == ']';

	if (is_bracketed)
		text = slice_make(text.at + 1, text.len - 2);
	if (text.len == 0 || text.len >= sizeof(word))
		return false;
	memcpy(word, text.at, text.len);
	word[text.len] = '\0';
	if (!is_bracketed && inet_pton(AF_INET, word, address.bytes) == 1)
		address.family = 4;
	else if (inet_pton(AF_INET6, word, address.bytes) == 1)
		address.family = 6;
	else
		return false;
	*out = address;
	return true;
}

/* 1 to max in at most five digits. */
static bool number_read(struct slice text, unsigned max, unsigned *out)
{
	unsigned value = 0;

	if (text.len == 0 || text.len > 5)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		if (text.at[i] < '0' || text.at[i] > '9')
			return false;
		value = 10 * value + (unsigned)(text.at[i] - '0');
	}
	if (value > max)
		return false;
	*out = value;
	return true;
}

bool config_address(struct config_node map, const char *key, enum config_need need,
		    struct contract_address *out)
{
	struct slice text;

	if (!tree_scalar(map, key, need, &text))
		return false;
	if (!address_read(text, out)) {
		config_mistake(map, key, "\"%.*s\" is no IP address", SHOWN(text));
		return false;
	}
	return true;
}

/* Where the port's colon stands: behind the bracket, or the only colon there is; len: none. */
static size_t port_colon(struct slice text)
{
	const char *colon = memchr(text.at, ':', text.len);
	const char *last = memrchr(text.at, ':', text.len);

	if (last == NULL)
		return text.len;
	if (text.at[0] == '[')
		return last > text.at && last[-1] == ']' ? (size_t)(last - text.at) : text.len;
	return colon == last ? (size_t)(last - text.at) : text.len;
}

bool config_endpoint(struct config_node map, const char *key, enum config_need need,
		     uint16_t default_port, struct contract_address *out)
{
	struct contract_address address;
	unsigned port = default_port;
	struct slice text;
	size_t colon;

	if (!tree_scalar(map, key, need, &text))
		return false;
	colon = text.len == 0 ? 0 : port_colon(text);
	if (!address_read(slice_make(text.at, colon), &address) ||
	    (colon < text.len &&
	     !number_read(slice_make(text.at + colon + 1, text.len - colon - 1), 65535, &port))) {
		config_mistake(map, key, "\"%.*s\" is no IP address with a port", SHOWN(text));
		return false;
	}
	if (port == 0) {
		config_mistake(map, key, "\"%.*s\" lacks a port", SHOWN(text));
		return false;
	}
	address.port = (uint16_t)port;
	*out = address;
	return true;
}

bool config_prefix(struct config_node map, const char *key, enum config_need need,
		   struct contract_address *out, uint8_t *out_bits)
{
	struct contract_address address;
	struct slice text;
	const char *slash;
	unsigned bits;
	size_t length;

	if (!tree_scalar(map, key, need, &text))
		return false;
	slash = memrchr(text.at, '/', text.len);
	length = slash == NULL ? 0 : (size_t)(slash - text.at);
	if (slash == NULL || !address_read(slice_make(text.at, length), &address) ||
	    !number_read(slice_make(slash + 1, text.len - length - 1),
			 address.family == 4 ? 32 : 128, &bits)) {
		config_mistake(map, key, "\"%.*s\" is no IP address with a prefix length",
			       SHOWN(text));
		return false;
	}
	*out = address;
	*out_bits = (uint8_t)bits;
	return true;
}
