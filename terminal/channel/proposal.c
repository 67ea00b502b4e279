#include "terminal/channel/proposal.h"

#include "shared/base64url.h"

#define ATTRIBUTE "a=sekisho-channel:"
#define SPI_CHARS 8

enum field {
	FIELD_SUITES,
	FIELD_SHARE,
	FIELD_NONCE,
	FIELD_COMMITMENT,
	FIELD_SPI,
	FIELD_ADDRESS,
	FIELD_UDP,
	FIELD_COUNT,
};

static const struct slice field_names[FIELD_COUNT] = {
	[FIELD_SUITES] = {"suites", 6}, [FIELD_SHARE] = {"share", 5},
	[FIELD_NONCE] = {"nonce", 5},	[FIELD_COMMITMENT] = {"commitment", 10},
	[FIELD_SPI] = {"spi", 3},	[FIELD_ADDRESS] = {"address", 7},
	[FIELD_UDP] = {"udp", 3},
};

/* Of an answer; and one of the two that name places. */
#define REQUIRED (1u << FIELD_SUITES | 1u << FIELD_SHARE | 1u << FIELD_NONCE | 1u << FIELD_SPI)

static void write_name(enum field field, struct writer *w)
{
	writer_char(w, ';');
	writer_slice(w, field_names[field]);
	writer_char(w, '=');
}

static void write_places(const struct places *places, struct writer *w)
{
	unsigned in_udp = 0;

	for (unsigned i = 0; i < places->count; i++) {
		in_udp += places->place[i].port != 0;
		if (places->place[i].port != 0)
			continue;
		write_name(FIELD_ADDRESS, w);
		sip_address_write_bare(&places->place[i], w);
	}
	if (in_udp == 0)
		return;
	write_name(FIELD_UDP, w);
	places_write_udp(places, w);
}

void proposal_write(const struct proposal *proposal, struct writer *w)
{
	const uint8_t spi[] = {(uint8_t)(proposal->spi >> 24), (uint8_t)(proposal->spi >> 16),
			       (uint8_t)(proposal->spi >> 8), (uint8_t)proposal->spi};

	writer_char(w, '1');
	write_name(FIELD_SUITES, w);
	for (size_t i = 0; i < proposal->suites.count; i++) {
		if (i)
			writer_char(w, ',');
		writer_slice(w, suite_find(proposal->suites.suite[i])->name);
	}
	write_name(FIELD_SHARE, w);
	base64url_encode(w, proposal->share, sizeof(proposal->share));
	write_name(FIELD_NONCE, w);
	base64url_encode(w, proposal->nonce, sizeof(proposal->nonce));
	if (proposal->has_commitment) {
		write_name(FIELD_COMMITMENT, w);
		base64url_encode(w, proposal->commitment, sizeof(proposal->commitment));
	}
	write_name(FIELD_SPI, w);
	writer_hex(w, spi, sizeof(spi));
	write_places(&proposal->places, w);
}

void proposal_write_line(struct slice value, struct writer *w)
{
	WRITER_LITERAL(w, ATTRIBUTE);
	writer_slice(w, value);
	WRITER_LITERAL(w, "\r\n");
}

/* What stands up to the next byte c, which is taken off with it. */
static struct slice cut(struct slice *rest, char c)
{
	const char *end = rest->len ? memchr(rest->at, c, rest->len) : NULL;
	struct slice part = *rest;

	if (!end) {
		*rest = slice_make(rest->at + rest->len, 0);
		return part;
	}
	part.len = (size_t)(end - rest->at);
	*rest = slice_make(end + 1, rest->len - part.len - 1);
	return part;
}

static bool take_bytes(struct slice text, uint8_t *out, size_t len)
{
	size_t got;

	return base64url_decode(text, out, len, &got) == RESULT_OK && got == len;
}

static bool take_spi(struct slice text, uint32_t *out)
{
	uint32_t spi = 0;

	if (text.len != SPI_CHARS)
		return false;
	for (size_t i = 0; i < SPI_CHARS; i++) {
		char c = text.at[i];

		if (c >= '0' && c <= '9')
			spi = spi << 4 | (uint32_t)(c - '0');
		else if (c >= 'a' && c <= 'f')
			spi = spi << 4 | (uint32_t)(c - 'a' + 10);
		else
			return false;
	}
	*out = spi;
	return spi >= PROPOSAL_SPI_MIN;
}

static bool take_address(struct slice text, struct places *out)
{
	struct sip_address address;

	if (sip_address_parse(text, &address) != RESULT_OK || !place_is_usable(&address))
		return false;
	places_add(out, &address);
	return true;
}

static bool take_field(enum field field, struct slice text, struct proposal *out)
{
	switch (field) {
	case FIELD_SUITES:
		return suite_list_parse(text, &out->suites) == RESULT_OK;
	case FIELD_SHARE:
		return take_bytes(text, out->share, sizeof(out->share));
	case FIELD_NONCE:
		return take_bytes(text, out->nonce, sizeof(out->nonce));
	case FIELD_COMMITMENT:
		out->has_commitment = true;
		return take_bytes(text, out->commitment, sizeof(out->commitment));
	case FIELD_SPI:
		return take_spi(text, &out->spi);
	case FIELD_ADDRESS:
		return take_address(text, &out->places);
	case FIELD_UDP:
		return places_parse_udp(text, &out->places) == RESULT_OK;
	default:
		return false;
	}
}

enum result proposal_parse(struct slice value, struct proposal *out)
{
	struct proposal proposal = {0};
	unsigned seen = 0;
	struct slice rest = value;

	if (value.len > PROPOSAL_VALUE_CHARS || !slice_is_equal(cut(&rest, ';'), SLICE("1")))
		return RESULT_BAD;
	while (rest.len) {
		struct slice text = cut(&rest, ';'), name = cut(&text, '=');

		for (unsigned field = 0; field < FIELD_COUNT; field++) {
			if (!slice_is_equal(name, field_names[field]))
				continue;
			if ((seen & 1u << field) || !take_field(field, text, &proposal))
				return RESULT_BAD;
			seen |= 1u << field;
		}
	}
	if ((seen & REQUIRED) != REQUIRED || proposal.places.count == 0)
		return RESULT_BAD;
	*out = proposal;
	return RESULT_OK;
}

enum result proposal_find(struct slice sdp, struct slice *value)
{
	const struct slice attribute = SLICE(ATTRIBUTE);
	struct slice rest = sdp;
	bool is_found = false;

	while (rest.len) {
		struct slice line = cut(&rest, '\n');

		if (line.len && line.at[line.len - 1] == '\r')
			line.len--;
		if (line.len >= 2 && memcmp(line.at, "m=", 2) == 0)
			break;
		if (line.len < attribute.len || memcmp(line.at, attribute.at, attribute.len) != 0)
			continue;
		if (is_found)
			return RESULT_BAD;
		is_found = true;
		*value = slice_make(line.at + attribute.len, line.len - attribute.len);
	}
	return is_found ? RESULT_OK : RESULT_NOT_FOUND;
}
