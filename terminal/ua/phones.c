#include "terminal/ua/phones.h"

#include "shared/sip/chars.h"
#include "shared/sip/entries.h"

static bool is_live(const struct phone *phone, uint64_t now_ms)
{
	return phone->contact.len && now_ms < phone->end_ms;
}

static void phone_end(struct phone *phone)
{
	text_clear(&phone->contact);
	*phone = (struct phone){0};
}

static bool is_loopback(const struct sip_address *address)
{
	static const uint8_t ipv6[16] = {[15] = 1};

	return address->family == 4 ? address->bytes[0] == 127
				    : address->family == 6 && memcmp(address->bytes, ipv6, 16) == 0;
}

struct flow phones_flow(const struct sip_uri *contact, const struct flow *from)
{
	struct flow flow = *from;
	struct sip_address address;
	struct slice transport;

	if (sip_address_parse(contact->host, &address) != RESULT_OK || !is_loopback(&address))
		return flow;
	flow.peer = address;
	flow.peer.port = contact->port ? contact->port : 5060;
	if (sip_uri_param(contact, SLICE("transport"), &transport))
		flow.kind = slice_is_equal_nocase(transport, SLICE("tcp")) ? FLOW_TCP : FLOW_UDP;
	if (flow.kind != from->kind)
		flow.connection = 0;
	return flow;
}

/* Of one Contact: its own parameter, else the Expires line (10.2.1.1). */
static uint32_t expires_s(const struct sip_message *request, const struct sip_name_addr *contact)
{
	struct slice value = sip_message_value(request, SIP_HEADER_EXPIRES), param;
	uint32_t seconds;

	if (sip_name_addr_param(contact, SLICE("expires"), &param) == RESULT_OK)
		value = param;
	if (!sip_number_parse(value, UINT32_MAX, &seconds) || seconds > PHONES_EXPIRES_S)
		return PHONES_EXPIRES_S;
	return seconds;
}

static struct phone *find(struct phones *phones, struct slice contact, uint64_t now_ms)
{
	struct phone *unused = NULL;

	for (unsigned i = 0; i < PHONES_MAX; i++) {
		struct phone *phone = &phones->at[i];

		if (phone->contact.len && slice_is_equal(text_slice(&phone->contact), contact))
			return phone;
		if (!is_live(phone, now_ms) && !unused)
			unused = phone;
	}
	return unused;
}

static enum result bind(struct phones *phones, uint64_t now_ms, const struct flow *from,
			const struct sip_message *request, struct slice text)
{
	struct sip_name_addr contact;
	struct sip_uri uri;
	struct phone *phone;
	uint32_t seconds;

	if (sip_name_addr_parse(text, &contact) != RESULT_OK ||
	    sip_uri_parse(contact.uri, &uri) != RESULT_OK || uri.headers.len ||
	    (uri.scheme != SIP_SCHEME_SIP && uri.scheme != SIP_SCHEME_SIPS))
		return RESULT_BAD;
	seconds = expires_s(request, &contact);
	phone = find(phones, contact.uri, now_ms);
	if (!phone)
		return seconds ? RESULT_SPACE : RESULT_OK;
	if (seconds == 0) {
		phone_end(phone);
		return RESULT_OK;
	}
	if (!is_live(phone, now_ms))
		phone->since = ++phones->registrations;
	if (text_set(&phone->contact, contact.uri) != RESULT_OK)
		return RESULT_MEMORY;
	phone->flow = phones_flow(&uri, from);
	phone->end_ms = now_ms + (uint64_t)seconds * 1000;
	return RESULT_OK;
}

enum result phones_register(struct phones *phones, uint64_t now_ms, const struct flow *from,
			    const struct sip_message *request)
{
	struct sip_entries entries = sip_entries_begin(request, SIP_HEADER_CONTACT);
	struct sip_entry entry;
	enum result result = RESULT_OK;

	while (result == RESULT_OK && sip_entries_next(&entries, &entry)) {
		if (slice_is_equal(entry.text, SLICE("*")))
			phones_end(phones);
		else
			result = bind(phones, now_ms, from, request, entry.text);
	}
	return result;
}

void phones_write(const struct phones *phones, uint64_t now_ms, struct writer *w)
{
	for (unsigned i = 0; i < PHONES_MAX; i++) {
		const struct phone *phone = &phones->at[i];

		if (!is_live(phone, now_ms))
			continue;
		WRITER_LITERAL(w, "Contact: <");
		writer_slice(w, text_slice(&phone->contact));
		WRITER_LITERAL(w, ">;expires=");
		writer_u64(w, (phone->end_ms - now_ms) / 1000);
		WRITER_LITERAL(w, "\r\n");
	}
}

const struct phone *phones_pick(const struct phones *phones, uint64_t now_ms)
{
	const struct phone *newest = NULL;

	for (unsigned i = 0; i < PHONES_MAX; i++)
		if (is_live(&phones->at[i], now_ms) &&
		    (!newest || phones->at[i].since > newest->since))
			newest = &phones->at[i];
	return newest;
}

unsigned phones_count(const struct phones *phones, uint64_t now_ms)
{
	unsigned count = 0;

	for (unsigned i = 0; i < PHONES_MAX; i++)
		count += is_live(&phones->at[i], now_ms);
	return count;
}

void phones_forget(struct phones *phones, const struct flow *flow)
{
	for (unsigned i = 0; i < PHONES_MAX; i++) {
		struct phone *phone = &phones->at[i];

		if (phone->contact.len && phone->flow.kind == flow->kind &&
		    phone->flow.peer.port == flow->peer.port &&
		    sip_address_is_same_host(&phone->flow.peer, &flow->peer))
			phone_end(phone);
	}
}

void phones_end(struct phones *phones)
{
	for (unsigned i = 0; i < PHONES_MAX; i++)
		phone_end(&phones->at[i]);
}
