/* Where this terminal can be reached by another one, and what a user is told of such places. */
#include "terminal/agent/state.h"

struct places data_channel_places(const struct agent *agent)
{
	struct places places = {.count = 0};
	struct sip_address place = agent->own;

	/* ESP itself has no ports that a NAT could tell terminals by. */
	place.port = 0;
	if (!agent->link.is_tunnel)
		places_add(&places, &place);
	if (agent->sockets.encap < 0)
		return places;
	place.port = SOCKETS_ENCAP_PORT;
	places_add(&places, &place);
	if (agent->link.is_tunnel && agent->link.seen.family)
		places_add(&places, &agent->link.seen);
	return places;
}

bool data_channel_is_behind_nat(const struct agent *agent)
{
	const struct sip_address *seen = &agent->link.seen;

	/* A tunnel there is without NAT, too, where the settings say so. */
	return agent->link.is_tunnel &&
	       !(seen->family && sip_address_is_same_host(seen, &agent->own));
}

json_t *data_channel_place_text(const struct sip_address *place)
{
	char text[SIP_ADDRESS_PORT_CHARS];
	struct writer w = writer_make(text, sizeof(text));

	place_write(place, &w);
	return json_stringn(w.at, w.len);
}

void data_channel_no_way_write(const struct agent *agent, const struct call_channel *channel,
			       struct writer *w)
{
	const struct sip_address *seen = &agent->link.seen;

	WRITER_LITERAL(w, "no way to the other side was found that works both ways; asked at ");
	for (unsigned i = 0; i < channel->places.count; i++) {
		if (i)
			WRITER_LITERAL(w, ", ");
		place_write(&channel->places.place[i], w);
	}
	if (tunnel_has_heard(channel->tunnel))
		WRITER_LITERAL(w, "; it was heard, but does not hear us");
	else
		WRITER_LITERAL(w, "; nothing of it arrived");
	if (!data_channel_is_behind_nat(agent)) {
		WRITER_LITERAL(w, ". This terminal is behind no NAT: a firewall, or the other "
				  "side's NAT, is between");
		return;
	}
	WRITER_LITERAL(w, ". This terminal is behind a NAT");
	if (seen->family) {
		WRITER_LITERAL(w, " that shows it to the gateway as ");
		sip_address_write(seen, w);
	}
	WRITER_LITERAL(w, ": one of the NATs between gives each connection a port of its own "
			  "(symmetric), or a firewall lets no UDP through");
}
