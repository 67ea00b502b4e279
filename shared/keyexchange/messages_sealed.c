/* The plaintexts of messages 3 and 4: lines of name=value. */
#include "shared/keyexchange/messages.h"

#include <string.h>

#include "shared/base64url.h"

/* Digits of an SPI. */
#define SPI_CHARS 8

struct line {
	struct slice name;
	struct slice value;
};

/* Takes the next line off text: RESULT_NOT_FOUND at the end. */
static enum result next_line(struct slice *text, struct line *out)
{
	const char *crlf, *equal;
	size_t len;

	if (text->len == 0)
		return RESULT_NOT_FOUND;
	crlf = memmem(text->at, text->len, "\r\n", 2);
	if (!crlf)
		return RESULT_BAD;
	len = (size_t)(crlf - text->at);
	equal = memchr(text->at, '=', len);
	if (!equal || equal == text->at || memchr(text->at, '\r', len) ||
	    memchr(text->at, '\n', len) || memchr(text->at, '\0', len))
		return RESULT_BAD;
	out->name = slice_make(text->at, (size_t)(equal - text->at));
	out->value = slice_make(equal + 1, (size_t)(crlf - equal) - 1);
	*text = slice_make(crlf + 2, text->len - len - 2);
	return RESULT_OK;
}

static void write_line(struct writer *w, struct slice name, struct slice value)
{
	writer_slice(w, name);
	writer_char(w, '=');
	writer_slice(w, value);
	WRITER_LITERAL(w, "\r\n");
}

static void write_number(struct writer *w, struct slice name, uint64_t value)
{
	writer_slice(w, name);
	writer_char(w, '=');
	writer_u64(w, value);
	WRITER_LITERAL(w, "\r\n");
}

static void write_spi(struct writer *w, uint32_t spi)
{
	const uint8_t bytes[4] = {(uint8_t)(spi >> 24), (uint8_t)(spi >> 16), (uint8_t)(spi >> 8),
				  (uint8_t)spi};

	WRITER_LITERAL(w, "spi=");
	writer_hex(w, bytes, sizeof(bytes));
	WRITER_LITERAL(w, "\r\n");
}

static bool parse_hex_digit(char c, uint32_t *out)
{
	if (c >= '0' && c <= '9')
		*out = (uint32_t)(c - '0');
	else if (c >= 'a' && c <= 'f')
		*out = (uint32_t)(c - 'a') + 10;
	else if (c >= 'A' && c <= 'F')
		*out = (uint32_t)(c - 'A') + 10;
	else
		return false;
	return true;
}

static bool parse_spi(struct slice text, uint32_t *out)
{
	uint32_t value = 0;

	if (text.len != SPI_CHARS)
		return false;
	for (size_t i = 0; i < SPI_CHARS; i++) {
		uint32_t digit;

		if (!parse_hex_digit(text.at[i], &digit))
			return false;
		value = value << 4 | digit;
	}
	*out = value;
	return value >= KEYEXCHANGE_SPI_MIN;
}

/* Decimal, one text for one value. */
static bool parse_number(struct slice text, uint64_t max, uint64_t *out)
{
	uint64_t value = 0;

	if (text.len == 0 || text.len > 20 || (text.at[0] == '0' && text.len > 1))
		return false;
	for (size_t i = 0; i < text.len; i++) {
		unsigned digit = (unsigned)(unsigned char)text.at[i] - '0';

		if (digit > 9 || value > (UINT64_MAX - digit) / 10)
			return false;
		value = value * 10 + digit;
	}
	*out = value;
	return value <= max;
}

void sealed_request_write(struct writer *w, const struct sealed_request *request)
{
	write_line(w, SLICE("scram"), request->scram);
	write_spi(w, request->spi);
}

enum result sealed_request_parse(struct slice plain, struct sealed_request *out)
{
	struct line line;

	if (next_line(&plain, &line) != RESULT_OK || !slice_is_equal(line.name, SLICE("scram")))
		return RESULT_BAD;
	out->scram = line.value;
	if (next_line(&plain, &line) != RESULT_OK || !slice_is_equal(line.name, SLICE("spi")) ||
	    !parse_spi(line.value, &out->spi) || plain.len > 0)
		return RESULT_BAD;
	return RESULT_OK;
}

void sealed_certificate_write(struct writer *w, const struct sealed_certificate *request)
{
	WRITER_LITERAL(w, "signature=");
	base64url_encode(w, request->signature, CERTIFICATE_SIGNATURE_BYTES);
	WRITER_LITERAL(w, "\r\n");
	write_spi(w, request->spi);
	WRITER_LITERAL(w, "\r\n");
	writer_slice(w, request->certificate);
}

enum result sealed_certificate_parse(struct slice plain, struct sealed_certificate *out)
{
	struct line line;

	if (next_line(&plain, &line) != RESULT_OK ||
	    !slice_is_equal(line.name, SLICE("signature")) ||
	    security_signature_parse(line.value, out->signature) != RESULT_OK)
		return RESULT_BAD;
	if (next_line(&plain, &line) != RESULT_OK || !slice_is_equal(line.name, SLICE("spi")) ||
	    !parse_spi(line.value, &out->spi))
		return RESULT_BAD;
	if (plain.len <= 2 || memcmp(plain.at, "\r\n", 2) != 0)
		return RESULT_BAD;
	out->certificate = slice_make(plain.at + 2, plain.len - 2);
	return RESULT_OK;
}

/* The lines of message 4, in the order in which they stand there. */
enum reply_line {
	REPLY_SCRAM,
	REPLY_GATEWAY,
	REPLY_SPI,
	REPLY_LEVEL,
	REPLY_MODE,
	REPLY_INNER,
	REPLY_SOFT,
	REPLY_HARD,
	REPLY_PACKETS,
	REPLY_BYTES,
	REPLY_COUNT,
};

static const struct slice reply_names[REPLY_COUNT] = {
	[REPLY_SCRAM] = {"scram", 5},	  [REPLY_GATEWAY] = {"gateway", 7},
	[REPLY_SPI] = {"spi", 3},	  [REPLY_LEVEL] = {"level", 5},
	[REPLY_MODE] = {"mode", 4},	  [REPLY_INNER] = {"inner", 5},
	[REPLY_SOFT] = {"soft", 4},	  [REPLY_HARD] = {"hard", 4},
	[REPLY_PACKETS] = {"packets", 7}, [REPLY_BYTES] = {"bytes", 5},
};

static const struct slice transport = {"transport", 9};
static const struct slice udp_tunnel = {"udp-tunnel", 10};

void sealed_reply_write(struct writer *w, const struct sealed_reply *reply)
{
	if (reply->scram.len > 0)
		write_line(w, reply_names[REPLY_SCRAM], reply->scram);
	write_line(w, reply_names[REPLY_GATEWAY], reply->gateway);
	write_spi(w, reply->spi);
	write_number(w, reply_names[REPLY_LEVEL], reply->level);
	write_line(w, reply_names[REPLY_MODE],
		   reply->mode == KEYEXCHANGE_TRANSPORT ? transport : udp_tunnel);
	WRITER_LITERAL(w, "inner=");
	sip_address_write(&reply->inner, w);
	WRITER_LITERAL(w, "\r\n");
	write_number(w, reply_names[REPLY_SOFT], reply->soft_s);
	write_number(w, reply_names[REPLY_HARD], reply->hard_s);
	write_number(w, reply_names[REPLY_PACKETS], reply->packets);
	write_number(w, reply_names[REPLY_BYTES], reply->bytes);
}

static bool parse_mode(struct slice text, enum keyexchange_mode *out)
{
	*out = slice_is_equal(text, transport) ? KEYEXCHANGE_TRANSPORT : KEYEXCHANGE_UDP_TUNNEL;
	return *out == KEYEXCHANGE_TRANSPORT || slice_is_equal(text, udp_tunnel);
}

static bool parse_reply_line(enum reply_line which, struct slice value, struct sealed_reply *out)
{
	uint64_t number = 0;
	bool is_fine;

	switch (which) {
	case REPLY_SCRAM:
		out->scram = value;
		return true;
	case REPLY_GATEWAY:
		out->gateway = value;
		return true;
	case REPLY_SPI:
		return parse_spi(value, &out->spi);
	case REPLY_LEVEL:
		is_fine = parse_number(value, 3, &number);
		out->level = (uint8_t)number;
		return is_fine;
	case REPLY_MODE:
		return parse_mode(value, &out->mode);
	case REPLY_INNER:
		return sip_address_parse_port(value, &out->inner) == RESULT_OK &&
		       out->inner.port != 0;
	case REPLY_SOFT:
		is_fine = parse_number(value, UINT32_MAX, &number);
		out->soft_s = (uint32_t)number;
		return is_fine;
	case REPLY_HARD:
		is_fine = parse_number(value, UINT32_MAX, &number);
		out->hard_s = (uint32_t)number;
		return is_fine;
	case REPLY_PACKETS:
		return parse_number(value, UINT64_MAX, &out->packets);
	case REPLY_BYTES:
		return parse_number(value, UINT64_MAX, &out->bytes);
	default:
		return false;
	}
}

static enum reply_line find_reply_line(struct slice name)
{
	enum reply_line which = 0;

	while (which < REPLY_COUNT && !slice_is_equal(reply_names[which], name))
		which++;
	return which;
}

enum result sealed_reply_parse(struct slice plain, struct sealed_reply *out)
{
	enum reply_line expected = REPLY_SCRAM;
	struct line line;
	enum result next;

	memset(out, 0, sizeof(*out));
	while ((next = next_line(&plain, &line)) == RESULT_OK) {
		enum reply_line which = find_reply_line(line.name);

		if (which == REPLY_COUNT)
			continue;
		if (which == REPLY_GATEWAY && expected == REPLY_SCRAM)
			expected = REPLY_GATEWAY;
		if (which != expected || !parse_reply_line(which, line.value, out))
			return RESULT_BAD;
		expected++;
	}
	return next == RESULT_NOT_FOUND && expected == REPLY_COUNT ? RESULT_OK : RESULT_BAD;
}
