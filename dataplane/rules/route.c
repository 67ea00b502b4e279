#include "dataplane/rules/route.h"

#include "dataplane/tables/peer_table.h"
#include "dataplane/tables/settings.h"
#include "dataplane/worker.h"
#include "shared/sip/entries.h"
#include "shared/sip/name_addr.h"

bool route_is_own_host(const struct tables *tables, const struct settings *settings,
		       struct slice host)
{
	struct sip_address address;
	char text[LIMIT_DOMAIN_BYTES + 1];
	struct writer w = writer_make(text, sizeof(text));

	if (settings_is_own_text(tables->settings, host))
		return true;
	if (sip_address_parse(host, &address) == RESULT_OK)
		return settings_is_own_address(tables->settings, &address);
	sip_host_write_canonical(host, &w);
	if (w.is_full)
		return false;
	return settings_is_own_domain(settings, slice_make(text, w.len));
}

/* The URI of a Route entry; RESULT_BAD if it is none of a scheme that names a host. */
static enum result entry_uri(struct slice text, struct sip_uri *uri)
{
	struct sip_name_addr addr;

	if (sip_name_addr_parse(text, &addr) != RESULT_OK ||
	    sip_uri_parse(addr.uri, uri) != RESULT_OK)
		return RESULT_BAD;
	return uri->scheme <= SIP_SCHEME_SIPS ? RESULT_OK : RESULT_BAD;
}

/* The gateway of our domain that has the address; NULL: none, or this one. */
static const struct peer *sibling_find(const struct tables *tables,
				       const struct sip_address *address)
{
	const struct peer *peer = NULL;

	if (address->family != 0 && peer_table_has_siblings(tables->peers))
		peer = peer_table_by_address(tables->peers, address);
	return peer && peer->is_sibling ? peer : NULL;
}

/* Whose a Route entry is. */
enum whose { WHOSE_BAD, WHOSE_OWN, WHOSE_OTHER };

/* uri is set unless it is bad, address if it is another's: family 0 where its host is a name. */
static enum whose entry_read(const struct tables *tables, const struct settings *settings,
			     struct slice entry, struct sip_uri *uri, struct sip_address *address)
{
	if (entry_uri(entry, uri) != RESULT_OK)
		return WHOSE_BAD;
	if (route_is_own_host(tables, settings, uri->host))
		return WHOSE_OWN;
	if (sip_address_parse(uri->host, address) != RESULT_OK)
		*address = (struct sip_address){0};
	return WHOSE_OTHER;
}

enum result route_stop_read(const struct tables *tables, const struct settings *settings,
			    struct slice entry, struct route_stop *out)
{
	struct sip_address address;
	struct sip_uri uri;
	enum whose whose = entry_read(tables, settings, entry, &uri, &address);

	if (whose == WHOSE_BAD)
		return RESULT_NOT_FOUND;
	*out = (struct route_stop){.token = uri.user};
	if (whose == WHOSE_OTHER)
		out->sibling = sibling_find(tables, &address);
	return whose == WHOSE_OWN || out->sibling ? RESULT_OK : RESULT_NOT_FOUND;
}

void route_next_read(const struct sip_message *message, unsigned at, struct route *route)
{
	struct sip_entries entries = sip_entries_begin(message, SIP_HEADER_ROUTE);
	struct sip_entry entry;
	struct sip_uri uri;

	route->next = (struct sip_address){0};
	for (unsigned i = 0; i <= at; i++)
		if (!sip_entries_next(&entries, &entry))
			return;
	if (entry_uri(entry.text, &uri) != RESULT_OK ||
	    sip_address_parse(uri.host, &route->next) != RESULT_OK)
		route->next = (struct sip_address){0};
}

/* An entry that is not written as we write ours; true: it is ours all the same. */
static bool foreign_read(const struct tables *tables, const struct settings *settings,
			 struct slice entry, struct route *out)
{
	struct sip_uri uri;
	enum whose whose = entry_read(tables, settings, entry, &uri, &out->next);

	out->is_bad = whose == WHOSE_BAD;
	out->is_siblings =
		whose == WHOSE_OTHER && out->count == 1 && sibling_find(tables, &out->next) != NULL;
	if (out->is_siblings || (whose == WHOSE_OWN && out->own == 0))
		out->token = uri.user;
	return whose == WHOSE_OWN;
}

static void entries_read(const struct tables *tables, const struct settings *settings,
			 const struct sip_message *message, struct route *out)
{
	struct sip_entries entries = sip_entries_begin(message, SIP_HEADER_ROUTE);
	struct sip_entry entry;
	bool is_own = true;

	while (sip_entries_next(&entries, &entry)) {
		struct slice token;

		out->count++;
		if (!is_own)
			continue;
		token = settings_own_token(tables->settings, entry.text);
		if (token.len == 0)
			is_own = foreign_read(tables, settings, entry.text, out);
		else if (out->own == 0)
			out->token = token;
		out->own = (uint16_t)(out->own + is_own);
	}
}

void route_read(const struct tables *tables, const struct settings *settings,
		const struct sip_message *message, struct route *out)
{
	unsigned line = message->first[SIP_HEADER_ROUTE];

	*out = (struct route){0};
	if (!sip_message_has(message, SIP_HEADER_ROUTE))
		return;
	/* Most often there is our own entry alone: then it is all of the one line. */
	if (line == message->last[SIP_HEADER_ROUTE])
		out->token =
			settings_own_token(tables->settings, sip_message_line_value(message, line));
	if (out->token.len > 0)
		out->own = out->count = 1;
	else
		entries_read(tables, settings, message, out);
}
