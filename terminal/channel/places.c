#include "terminal/channel/places.h"

#include <string.h>

bool place_is_same(const struct sip_address *a, const struct sip_address *b)
{
	return a->port == b->port && sip_address_is_same_host(a, b);
}

static bool is_host_ipv4(const uint8_t *bytes)
{
	const bool is_link = bytes[0] == 169 && bytes[1] == 254;

	return bytes[0] != 0 && bytes[0] != 127 && bytes[0] < 224 && !is_link;
}

static bool is_host_ipv6(const uint8_t *bytes)
{
	static const uint8_t zero[10]; /* unspecified, loopback, and IPv4 in other clothes */
	const bool is_link = bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0x80;

	return bytes[0] != 0xff && !is_link && memcmp(bytes, zero, sizeof(zero)) != 0;
}

bool place_is_usable(const struct sip_address *place)
{
	if (place->port != 0 && place->port < PLACES_PORT_MIN)
		return false;
	return place->family == 4   ? is_host_ipv4(place->bytes)
	       : place->family == 6 ? is_host_ipv6(place->bytes)
				    : false;
}

static bool has(const struct places *places, const struct sip_address *place)
{
	for (unsigned i = 0; i < places->count; i++)
		if (place_is_same(&places->place[i], place))
			return true;
	return false;
}

void places_add(struct places *places, const struct sip_address *place)
{
	if (places->count < PLACES_MAX && place_is_usable(place) && !has(places, place))
		places->place[places->count++] = *place;
}

bool places_has_host(const struct places *places, const struct sip_address *host)
{
	for (unsigned i = 0; i < places->count; i++)
		if (sip_address_is_same_host(&places->place[i], host))
			return true;
	return false;
}

/* Have we a socket of this IP version and way? */
static bool can_reach(const struct places *own, const struct sip_address *place)
{
	for (unsigned i = 0; i < own->count; i++)
		if (own->place[i].family == place->family &&
		    (own->place[i].port == 0) == (place->port == 0))
			return true;
	return false;
}

struct places places_reachable(const struct places *own, const struct places *theirs)
{
	struct places reachable = {.count = 0};

	for (int is_in_udp = 0; is_in_udp <= 1; is_in_udp++)
		for (unsigned i = 0; i < theirs->count; i++)
			if ((theirs->place[i].port != 0) == is_in_udp &&
			    can_reach(own, &theirs->place[i]) && !has(own, &theirs->place[i]))
				places_add(&reachable, &theirs->place[i]);
	return reachable;
}

void places_write_udp(const struct places *places, struct writer *w)
{
	bool is_first = true;

	for (unsigned i = 0; i < places->count; i++) {
		if (places->place[i].port == 0)
			continue;
		if (!is_first)
			writer_char(w, ',');
		sip_address_write(&places->place[i], w);
		is_first = false;
	}
}

enum result places_parse_udp(struct slice text, struct places *places)
{
	struct slice rest = text;
	bool is_last = false;

	while (!is_last) {
		const char *comma = rest.len ? memchr(rest.at, ',', rest.len) : NULL;
		struct slice one = rest;
		struct sip_address place;

		is_last = comma == NULL;
		if (comma) {
			one.len = (size_t)(comma - rest.at);
			rest = slice_make(comma + 1, rest.len - one.len - 1);
		}
		if (places->count == PLACES_MAX ||
		    sip_address_parse_port(one, &place) != RESULT_OK || place.port == 0 ||
		    !place_is_usable(&place))
			return RESULT_BAD;
		places_add(places, &place);
	}
	return RESULT_OK;
}

void place_write(const struct sip_address *place, struct writer *w)
{
	if (place->port)
		sip_address_write(place, w);
	else
		sip_address_write_bare(place, w);
}
