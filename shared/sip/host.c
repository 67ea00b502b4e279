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

static unsigned hex_value(char c)
{
	return sip_char_is(c, SIP_CHAR_DIGIT) ? (unsigned)(c - '0')
					      : (unsigned)(sip_char_lower(c) - 'a' + 10);
}

/* Groups of an IPv6 address as they are read; gap is the group index of "::", or -1. */
struct ipv6_groups {
	uint8_t bytes[16];
	unsigned count;
	int gap;
};

/* One group of one to four digits; NULL if there is none. */
static const char *ipv6_group_scan(const char *at, const char *end, struct ipv6_groups *groups)
{
	const char *first = at;
	unsigned value = 0;

	while (at < end && at - first < 4 && sip_char_is(*at, SIP_CHAR_HEX))
		value = value << 4 | hex_value(*at++);
	if (at == first || groups->count == 8)
		return NULL;
	groups->bytes[groups->count * 2] = (uint8_t)(value >> 8);
	groups->bytes[groups->count * 2 + 1] = (uint8_t)value;
	groups->count++;
	return at;
}

/* Reads groups up to the end; false where the grammar of RFC 4291 2.2 breaks. */
static bool ipv6_scan(const char *at, const char *end, struct ipv6_groups *groups)
{
	bool needs_group = false;

	if (end - at >= 2 && at[0] == ':' && at[1] == ':') {
		groups->gap = 0;
		at += 2;
	}
	while (at < end) {
		const char *past = ipv6_group_scan(at, end, groups);

		if (past == NULL)
			return false;
		if (past < end && *past == '.') {
			unsigned place = --groups->count;

			groups->count += 2;
			return groups->count <= 8 &&
			       ipv4_parse(at, end, groups->bytes + (size_t)place * 2);
		}
		at = past;
		needs_group = false;
		if (at == end)
			break;
		if (*at++ != ':')
			return false;
		needs_group = true;
		if (at < end && *at == ':') {
			if (groups->gap >= 0)
				return false;
			groups->gap = (int)groups->count;
			needs_group = false;
			at++;
		}
	}
	return !needs_group;
}

static bool ipv6_parse(const char *at, const char *end, uint8_t out[16])
{
	struct ipv6_groups groups = {.gap = -1};
	size_t head, tail;

	if (end - at > SIP_IPV6_CHARS || !ipv6_scan(at, end, &groups))
		return false;
	if (groups.gap < 0 ? groups.count != 8 : groups.count > 7)
		return false;
	head = groups.gap < 0 ? 16 : (size_t)groups.gap * 2;
	tail = (size_t)groups.count * 2 - head;
	memset(out, 0, 16);
	memcpy(out, groups.bytes, head);
	memcpy(out + 16 - tail, groups.bytes + head, tail);
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

const char *sip_host_scan(const char *at, const char *end, struct slice *host)
{
	const char *past;
	uint8_t bytes[16];

	if (at < end && *at == '[') {
		past = memchr(at, ']', (size_t)(end - at));
		if (past == NULL || !ipv6_parse(at + 1, past, bytes))
			return NULL;
		past++;
	} else {
		past = sip_chars_skip(at, end, SIP_CHAR_HOST);
		if (past == at)
			return NULL;
	}
	*host = slice_make(at, (size_t)(past - at));
	return past;
}

const char *sip_port_scan(const char *at, const char *end, uint16_t *port)
{
	const char *past = sip_chars_skip(at, end, SIP_CHAR_DIGIT);
	uint32_t value;

	if (!sip_number_parse(slice_make(at, (size_t)(past - at)), 65535, &value) || value == 0)
		return NULL;
	*port = (uint16_t)value;
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
