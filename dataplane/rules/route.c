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
	struct text_key domain;

	if (settings_is_own_text(tables->settings, host))
		return true;
	if (sip_address_parse(host, &address) == RESULT_OK)
		return settings_is_own_address(tables->settings, &address);
	sip_host_write_canonical(host, &w);
	if (w.is_full)
		return false;
	domain = text_key_make(slice_make(text, w.len));
	return settings_is_own_domain(settings, &domain);
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

enum result route_stop_read(const struct tables *tables, const struct settings *settings,
			    struct slice entry, struct route_stop *out)
{
	struct sip_address address;
	struct sip_uri uri;

	if (entry_uri(entry, &uri) != RESULT_OK)
		return RESULT_NOT_FOUND;
	*out = (struct route_stop){.token = uri.user};
	if (route_is_own_host(tables, settings, uri.host))
		return RESULT_OK;
	if (sip_address_parse(uri.host, &address) != RESULT_OK)
		return RESULT_NOT_FOUND;
	out->sibling = sibling_find(tables, &address);
	return out->sibling ? RESULT_OK : RESULT_NOT_FOUND;
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

void route_read(const struct tables *tables, const struct settings *settings,
		const struct sip_message *message, struct route *out)
{
	struct sip_entries entries = sip_entries_begin(message, SIP_HEADER_ROUTE);
	struct sip_entry entry;
	bool is_past_own = false;

	*out = (struct route){0};
	while (sip_entries_next(&entries, &entry)) {
		struct sip_uri uri;
		struct slice token;

		out->count++;
		if (is_past_own)
			continue;
		token = settings_own_token(tables->settings, entry.text);
		if (token.len > 0) {
			if (out->own++ == 0)
				out->token = token;
			continue;
		}
		if (entry_uri(entry.text, &uri) != RESULT_OK) {
			out->is_bad = true;
			is_past_own = true;
			continue;
		}
		if (route_is_own_host(tables, settings, uri.host)) {
			if (out->own++ == 0)
				out->token = uri.user;
			continue;
		}
		is_past_own = true;
		if (sip_address_parse(uri.host, &out->next) != RESULT_OK)
			out->next = (struct sip_address){0};
		out->is_siblings = out->count == 1 && sibling_find(tables, &out->next) != NULL;
		if (out->is_siblings)
			out->token = uri.user;
	}
}
