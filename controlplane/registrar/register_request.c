#include "controlplane/registrar/register_request.h"

#include <string.h>

#include "shared/sip/chars.h"
#include "shared/sip/entries.h"

#define SIP_PORT 5060

static bool is_ours(const struct registrar *r, const struct sip_uri *uri)
{
	if ((uri->scheme != SIP_SCHEME_SIP && uri->scheme != SIP_SCHEME_SIPS) || uri->user.len > 0)
		return false;
	for (size_t i = 0; i < r->domain_count; i++)
		if (sip_host_is_equal(uri->host, slice_make(r->domains[i], r->domain_len[i])))
			return true;
	return false;
}

/* Nobody registers for another: From and To are the same canonical identity. */
static bool parse_aor(const struct sip_message *m, struct register_request *out)
{
	char room[LIMIT_AOR_BYTES];
	struct slice from, to;

	if (sip_uri_aor(&m->to.uri, out->aor, &to) != RESULT_OK ||
	    sip_uri_aor(&m->from.uri, room, &from) != RESULT_OK)
		return false;
	out->aor_len = to.len;
	return slice_is_equal(from, to);
}

/* Contact as it stands in one entry. */
struct contact {
	struct slice uri;
	uint32_t expires_s;
	uint16_t q_thousandths;
	struct slice instance;
	const char *reason; /* why it is refused */
};

static unsigned refuse_contact(struct contact *contact, unsigned status, const char *reason)
{
	contact->reason = reason;
	return status;
}

/* qvalue (RFC 3261 25.1): 0 to 1 with at most three digits. */
static bool parse_q(struct slice text, uint16_t *out)
{
	unsigned value = 0, scale = 1000;

	if (text.len == 0 || text.len > 5 || (text.at[0] != '0' && text.at[0] != '1') ||
	    (text.len > 1 && text.at[1] != '.'))
		return false;
	value = (unsigned)(text.at[0] - '0') * scale;
	for (size_t i = 2; i < text.len; i++) {
		if (!sip_char_is(text.at[i], SIP_CHAR_DIGIT))
			return false;
		scale /= 10;
		value += (unsigned)(text.at[i] - '0') * scale;
	}
	*out = (uint16_t)value;
	return value <= 1000;
}

static bool parse_instance(struct slice value, struct slice *out)
{
	if (value.len < 2 || value.at[0] != '"' || value.at[value.len - 1] != '"' ||
	    memchr(value.at, '\\', value.len) || value.len - 2 > REGISTRAR_INSTANCE_BYTES)
		return false;
	*out = slice_make(value.at + 1, value.len - 2);
	return true;
}

/* The parameters: 0 or 400. What is no number in expires counts as not there (RFC 3261 20.10). */
static unsigned parse_params(const struct sip_name_addr *addr, struct contact *out)
{
	struct slice value;
	uint32_t number;
	enum result result = sip_name_addr_param(addr, SLICE("expires"), &value);

	if (result == RESULT_BAD)
		return refuse_contact(out, 400, "the parameters of a Contact are malformed");
	if (result == RESULT_OK && sip_number_parse(value, UINT32_MAX, &number))
		out->expires_s = number;
	result = sip_name_addr_param(addr, SLICE("q"), &value);
	if (result == RESULT_BAD || (result == RESULT_OK && !parse_q(value, &out->q_thousandths)))
		return refuse_contact(out, 400, "q of a Contact is no number from 0 to 1");
	result = sip_name_addr_param(addr, SLICE("+sip.instance"), &value);
	if (result == RESULT_BAD || (result == RESULT_OK && !parse_instance(value, &out->instance)))
		return refuse_contact(out, 400,
				      "+sip.instance of a Contact is malformed or too long");
	return 0;
}

/* Is it where the SA says that the terminal is? */
static bool is_at(const struct sip_uri *uri, const struct sip_address *inner)
{
	struct sip_address address;

	return uri->scheme == SIP_SCHEME_SIP &&
	       sip_address_parse(uri->host, &address) == RESULT_OK &&
	       sip_address_is_same_host(&address, inner) &&
	       (uri->port ? uri->port : SIP_PORT) == inner->port;
}

static unsigned parse_contact(struct slice text, uint32_t expires_s,
			      const struct sip_address *inner, struct contact *out)
{
	struct sip_name_addr addr;
	struct sip_uri uri;

	*out = (struct contact){.expires_s = expires_s, .q_thousandths = 1000};
	if (sip_name_addr_parse(text, &addr) != RESULT_OK ||
	    sip_uri_parse(addr.uri, &uri) != RESULT_OK || addr.uri.len > LIMIT_CONTACT_BYTES)
		return refuse_contact(out, 400, "a Contact is malformed or too long");
	if (!is_at(&uri, inner))
		return refuse_contact(out, 403, "a Contact is elsewhere than its SA");
	out->uri = addr.uri;
	return parse_params(&addr, out);
}

static unsigned refuse(struct register_request *out, unsigned status, const char *reason)
{
	out->reason = reason;
	return status;
}

/* Takes a contact over what was there: one that stays over one that goes, then the higher q. */
static void merge(struct register_request *out, const struct contact *c)
{
	bool is_first = out->contact.len == 0;

	if (!is_first &&
	    (c->expires_s == 0 || (out->expires_s > 0 && c->q_thousandths <= out->q_thousandths)))
		return;
	out->contact = c->uri;
	out->expires_s = c->expires_s;
	out->q_thousandths = c->q_thousandths;
}

static unsigned parse_contacts(const struct sip_message *m, uint32_t expires_s,
			       const struct sip_address *inner, struct register_request *out)
{
	struct sip_entries entries = sip_entries_begin(m, SIP_HEADER_CONTACT);
	struct sip_entry entry;

	while (sip_entries_next(&entries, &entry)) {
		struct contact c;
		unsigned status = parse_contact(entry.text, expires_s, inner, &c);

		if (status != 0)
			return refuse(out, status, c.reason);
		/* two instances at one address would be two terminals in one */
		if (out->contact.len > 0 &&
		    !slice_is_equal(c.instance, slice_make(out->instance, strlen(out->instance))))
			return refuse(out, 400, "its Contacts are of two terminals");
		memcpy(out->instance, c.instance.len ? c.instance.at : "", c.instance.len);
		out->instance[c.instance.len] = '\0';
		merge(out, &c);
	}
	out->kind = out->expires_s == 0 ? REGISTER_REMOVE : REGISTER_ADD;
	return 0;
}

/* The Expires header, or the default: what a Contact without expires gets. */
static uint32_t header_expires(const struct registrar *r, const struct sip_message *m)
{
	uint32_t number;

	if (sip_message_has(m, SIP_HEADER_EXPIRES) &&
	    sip_number_parse(sip_message_value(m, SIP_HEADER_EXPIRES), UINT32_MAX, &number))
		return number;
	return r->expires_default_s;
}

static unsigned bound_expires(const struct registrar *r, struct register_request *out)
{
	if (out->kind != REGISTER_ADD)
		return 0;
	if (out->expires_s < r->expires_min_s)
		return refuse(out, 423, "it asks for less time than registration.min");
	if (out->expires_s > r->expires_max_s)
		out->expires_s = r->expires_max_s;
	return 0;
}

unsigned register_request_parse(const struct registrar *r, const struct sip_message *m,
				const struct sip_address *inner, struct register_request *out)
{
	unsigned count = sip_entries_count(m, SIP_HEADER_CONTACT), status;
	uint32_t expires_s = header_expires(r, m);

	memset(out, 0, sizeof(*out));
	if (sip_message_has(m, SIP_HEADER_REQUIRE))
		return refuse(out, 420, "it requires an extension");
	if (!is_ours(r, &m->uri))
		return refuse(out, 404, "its Request-URI is no domain of ours");
	if (!parse_aor(m, out))
		return refuse(out, 403, "From and To are not one name");
	if (count > REGISTER_CONTACTS_MAX)
		return refuse(out, 400, "it has too many Contacts");
	if (count == 0)
		return 0;
	if (count == 1 && slice_is_equal(sip_message_value(m, SIP_HEADER_CONTACT), SLICE("*"))) {
		out->kind = REGISTER_REMOVE_ALL;
		return sip_message_has(m, SIP_HEADER_EXPIRES) && expires_s == 0
			       ? 0
			       : refuse(out, 400, "Contact: * without Expires: 0");
	}
	status = parse_contacts(m, expires_s, inner, out);
	return status ? status : bound_expires(r, out);
}
