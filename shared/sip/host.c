#include "shared/sip/host.h"

#include "shared/sip/chars.h"

/* Four numbers of 0 to 255 without leading zeros, three dots, nothing else. */
static bool ipv4_parse(const char *at, const char *end, uint8_t out[4])
{
	for (unsigned i = 0; i < 4; i++) {
		unsigned value = 0;
		const char *first = at;

		if (i != 0 && (at == end || *at++ != '.'))
			return false;
		first = at;
		while (at < end && at - first < 3 && sip_char_is(*at, SIP_CHAR_DIGIT))
			value = value * 10 + (unsigned)(*at++ - '0');
		if (at == first || value > 255 || (*first == '0' && at - first > 1))
			return false;
		out[i] = (uint8_t)value;
	}
	return at == end;
}

#define BYTES(value) ((value)*UINT32_C(0x01010101))
#define HIGH_BITS    BYTES(0x80u)

/* Up to four characters at at, zeros behind the end. */
static uint32_t four_load(const char *at, const char *end)
{
	size_t left = (size_t)(end - at);
	uint32_t four = 0;

	if (left >= sizeof(four)) {
		memcpy(&four, at, sizeof(four));
		return four;
	}
	for (size_t i = 0; i < left; i++)
		four |= (uint32_t)(unsigned char)at[i] << i * 8;
	return four;
}

/*
 * How many hexadecimal digits four characters begin with, and the number that they write: all
 * four at once, in the bytes of one word (the first character is the lowest byte).
 */
static unsigned hex_group(uint32_t four, uint32_t *value)
{
	uint32_t low = four & ~HIGH_BITS, digit = low ^ BYTES('0');
	uint32_t letter = (low | BYTES(0x20u)) ^ BYTES(0x60u); /* "a" is 1, "f" is 6 */
	uint32_t is_digit = ~(digit + BYTES(0x7fu - 9));
	uint32_t is_letter = ~(letter + BYTES(0x7fu - 6)) & (letter + BYTES(0x7fu));
	uint32_t other = (~(is_digit | is_letter) | four) & HIGH_BITS;
	unsigned count = other != 0 ? (unsigned)__builtin_ctz(other) / 8 : 4;
	uint32_t nibbles = (low & BYTES(15u)) + 9 * (low >> 6 & BYTES(1u));

	nibbles = __builtin_bswap32(nibbles);
	nibbles = (nibbles | nibbles >> 4) & 0x00ff00ff;
	nibbles = (nibbles | nibbles >> 8) & 0xffff;
	*value = nibbles >> (4 - count) * 4;
	return count;
}

/* Groups of an IPv6 address as they are read, those before and those behind the "::". */
struct ipv6_groups {
	__uint128_t run;  /* since the start or the "::", the last in the lowest bits */
	__uint128_t head; /* before the "::", in the highest bits */
	unsigned count;	  /* all of them */
	bool has_gap;
};

static bool group_add(struct ipv6_groups *groups, uint32_t value)
{
	groups->run = groups->run << 16 | value;
	return ++groups->count <= 8;
}

/* At a "::"; false if it is the second. */
static bool gap_note(struct ipv6_groups *groups)
{
	if (groups->has_gap)
		return false;
	groups->has_gap = true;
	if (groups->count != 0 && groups->count < 8)
		groups->head = groups->run << (8 - groups->count) * 16;
	groups->run = 0;
	return true;
}

static bool ipv4_tail_add(const char *at, const char *end, struct ipv6_groups *groups)
{
	uint8_t bytes[4];

	return ipv4_parse(at, end, bytes) &&
	       group_add(groups, (uint32_t)bytes[0] << 8 | bytes[1]) &&
	       group_add(groups, (uint32_t)bytes[2] << 8 | bytes[3]);
}

/* Reads groups up to the end; false where the grammar of RFC 4291 2.2 breaks. */
static bool ipv6_scan(const char *at, const char *end, struct ipv6_groups *groups)
{
	bool needs_group = false;

	if (end - at >= 2 && at[0] == ':' && at[1] == ':') {
		groups->has_gap = true;
		at += 2;
	}
	while (at < end) {
		uint32_t value;
		unsigned digits = hex_group(four_load(at, end), &value);

		if (digits == 0)
			return false;
		if (at + digits < end && at[digits] == '.')
			return ipv4_tail_add(at, end, groups);
		if (!group_add(groups, value))
			return false;
		at += digits;
		needs_group = false;
		if (at == end)
			break;
		if (*at++ != ':')
			return false;
		needs_group = true;
		if (at < end && *at == ':') {
			if (!gap_note(groups))
				return false;
			needs_group = false;
			at++;
		}
	}
	return !needs_group;
}

static bool ipv6_parse(const char *at, const char *end, uint8_t out[16])
{
	struct ipv6_groups groups = {0};
	uint64_t half[2];

	if (end - at > SIP_IPV6_CHARS || !ipv6_scan(at, end, &groups))
		return false;
	if (groups.has_gap ? groups.count > 7 : groups.count != 8)
		return false;
	groups.run |= groups.head;
	half[0] = __builtin_bswap64((uint64_t)(groups.run >> 64));
	half[1] = __builtin_bswap64((uint64_t)groups.run);
	memcpy(out, half, sizeof(half));
	return true;
}

enum result sip_address_parse(struct slice text, struct sip_address *out)
{
	struct sip_address address = {0};
	const char *at = text.at, *end = text.at + text.len;

	if (text.len >= 2 && *at == '[' && end[-1] == ']') {
		at++;
		end--;
	} else if (ipv4_parse(at, end, address.bytes)) {
		address.family = 4;
		*out = address;
		return RESULT_OK;
	}
	if (!ipv6_parse(at, end, address.bytes))
		return RESULT_BAD;
	address.family = 6;
	*out = address;
	return RESULT_OK;
}

enum result sip_address_parse_port(struct slice text, struct sip_address *out)
{
	const char *end = text.at + text.len, *at;
	struct slice host;
	uint16_t port = 0;

	at = sip_host_scan(text.at, end, &host);
	if (at == NULL)
		return RESULT_BAD;
	if (at < end && *at == ':')
		at = sip_port_scan(at + 1, end, &port);
	if (at != end || sip_address_parse(host, out) != RESULT_OK)
		return RESULT_BAD;
	out->port = port;
	return RESULT_OK;
}

bool sip_address_is_same_host(const struct sip_address *a, const struct sip_address *b)
{
	return a->family == b->family && memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

static void ipv4_write(const uint8_t bytes[4], struct writer *w)
{
	for (unsigned i = 0; i < 4; i++) {
		if (i != 0)
			writer_char(w, '.');
		writer_u32(w, bytes[i]);
	}
}

static unsigned group_at(const uint8_t bytes[16], unsigned i)
{
	return (unsigned)bytes[i * 2] << 8 | bytes[i * 2 + 1];
}

/* The longest run of two or more zero groups, the first of equals (RFC 5952 4.2); 0 if none. */
static unsigned zero_run(const uint8_t bytes[16], unsigned *start)
{
	unsigned best = 1, run = 0;

	for (unsigned i = 0; i < 8; i++) {
		run = group_at(bytes, i) == 0 ? run + 1 : 0;
		if (run > best) {
			best = run;
			*start = i + 1 - run;
		}
	}
	return best > 1 ? best : 0;
}

static void group_write(unsigned group, struct writer *w)
{
	static const char hex[] = "0123456789abcdef";
	bool is_begun = false;

	for (int shift = 12; shift >= 0; shift -= 4) {
		unsigned digit = group >> shift & 15;

		is_begun = is_begun || digit != 0 || shift == 0;
		if (is_begun)
			writer_char(w, hex[digit]);
	}
}

static void ipv6_write(const uint8_t bytes[16], struct writer *w)
{
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
	unsigned start = 8, run = zero_run(bytes, &start), i = 0;

	if (memcmp(bytes, mapped, sizeof(mapped)) == 0) {
		WRITER_LITERAL(w, "::ffff:");
		ipv4_write(bytes + 12, w);
		return;
	}
	while (i < 8) {
		if (i == start) {
			WRITER_LITERAL(w, "::");
			i += run;
			continue;
		}
		if (i != 0 && i != start + run)
			writer_char(w, ':');
		group_write(group_at(bytes, i), w);
		i++;
	}
}

void sip_address_write_bare(const struct sip_address *address, struct writer *w)
{
	if (address->family == 4)
		ipv4_write(address->bytes, w);
	else
		ipv6_write(address->bytes, w);
}

void sip_address_write_host(const struct sip_address *address, struct writer *w)
{
	if (address->family != 6) {
		ipv4_write(address->bytes, w);
		return;
	}
	writer_char(w, '[');
	ipv6_write(address->bytes, w);
	writer_char(w, ']');
}

void sip_address_write(const struct sip_address *address, struct writer *w)
{
	sip_address_write_host(address, w);
	if (address->port != 0) {
		writer_char(w, ':');
		writer_u32(w, address->port);
	}
}

/* An IPv6 address in its brackets; past it, or NULL. */
static const char *brackets_scan(const char *at, const char *end, uint8_t bytes[16])
{
	const char *past = memchr(at, ']', (size_t)(end - at));

	return past != NULL && ipv6_parse(at + 1, past, bytes) ? past + 1 : NULL;
}

const char *sip_host_scan(const char *at, const char *end, struct slice *host)
{
	const char *past;
	uint8_t bytes[16];

	if (at < end && *at == '[')
		past = brackets_scan(at, end, bytes);
	else
		past = sip_chars_skip(at, end, SIP_CHAR_HOST);
	if (past == NULL || past == at)
		return NULL;
	*host = slice_make(at, (size_t)(past - at));
	return past;
}

const char *sip_host_scan_address(const char *at, const char *end, struct slice *host,
				  struct sip_address *address)
{
	const char *past;

	*address = (struct sip_address){0};
	if (at == end || *at != '[') {
		past = sip_host_scan(at, end, host);
		if (past != NULL && ipv4_parse(at, past, address->bytes))
			address->family = 4;
		else
			memset(address->bytes, 0, 4);
		return past;
	}
	past = brackets_scan(at, end, address->bytes);
	if (past == NULL)
		return NULL;
	address->family = 6;
	*host = slice_make(at, (size_t)(past - at));
	return past;
}

void sip_host_write_canonical(struct slice host, struct writer *w)
{
	struct sip_address address;

	if (host.len != 0 && host.at[0] == '[' && sip_address_parse(host, &address) == RESULT_OK) {
		sip_address_write_host(&address, w);
		return;
	}
	for (size_t i = 0; i < host.len; i++)
		writer_char(w, sip_char_lower(host.at[i]));
}

bool sip_host_is_equal(struct slice a, struct slice b)
{
	struct sip_address x, y;

	if (a.len != 0 && b.len != 0 && a.at[0] == '[' && b.at[0] == '[' &&
	    sip_address_parse(a, &x) == RESULT_OK && sip_address_parse(b, &y) == RESULT_OK)
		return sip_address_is_same_host(&x, &y);
	return slice_is_equal_nocase(a, b);
}
