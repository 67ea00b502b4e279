#include "shared/sip/route_security.h"

#include "shared/sip/chars.h"
#include "shared/sip/entries.h"
#include "shared/sip/params.h"

/* Nothing, or exactly one "level" of one digit. */
static bool level_parse(struct slice text, uint8_t *level)
{
	struct sip_params params = sip_params_begin(text);
	struct sip_param param;
	enum result result;

	*level = SIP_LEVEL_ABSENT;
	while ((result = sip_params_next(&params, &param)) == RESULT_OK) {
		if (*level != SIP_LEVEL_ABSENT || param.value.len != 1 ||
		    !slice_is_equal_nocase(param.name, SLICE("level")) || *param.value.at < '0' ||
		    *param.value.at > '3')
			return false;
		*level = (uint8_t)(*param.value.at - '0');
	}
	return result == RESULT_NOT_FOUND;
}

/* Brackets around IPv6 and none around IPv4. */
static bool address_parse(struct slice text, struct sip_address *out)
{
	return sip_address_parse(text, out) == RESULT_OK &&
	       (out->family == 6) == (text.at[0] == '[');
}

void sip_route_security_entry_parse(struct slice text, struct sip_route_security_entry *out)
{
	const char *at, *end, *past;

	out->text = sip_slice_trim(text);
	at = out->text.at;
	end = at + out->text.len;
	past = at;
	while (past < end && *past != ';' && !sip_char_is(*past, SIP_CHAR_LWS))
		past++;
	out->is_wellformed = address_parse(slice_make(at, (size_t)(past - at)), &out->address) &&
			     level_parse(slice_make(past, (size_t)(end - past)), &out->level);
	if (!out->is_wellformed) {
		out->address = (struct sip_address){0};
		out->level = SIP_LEVEL_ABSENT;
	}
}

/* True if the entry is written just so: this host, whose address is known, and a level. */
static bool is_of_host(struct slice host, const struct sip_address *address, struct slice text,
		       struct sip_route_security_entry *out)
{
	static const char level[] = ";level=";
	size_t level_at = host.len + sizeof(level) - 1;
	char digit;

	if (address->family == 0 || text.len != level_at + 1 ||
	    memcmp(text.at, host.at, host.len) != 0 ||
	    memcmp(text.at + host.len, level, sizeof(level) - 1) != 0)
		return false;
	digit = text.at[level_at];
	if (digit < '0' || digit > '3')
		return false;
	out->text = text;
	out->address = (struct sip_address){.family = address->family};
	memcpy(out->address.bytes, address->bytes, sizeof(out->address.bytes));
	out->level = (uint8_t)(digit - '0');
	out->is_wellformed = true;
	return true;
}

/* Entry by entry, where a line is not one that was known as a whole. */
static void line_read(const struct sip_message *message, unsigned line,
		      struct sip_route_security *out)
{
	struct sip_entries entries = {
		.message = message, .header = SIP_HEADER_ROUTE_SECURITY, .line = line};
	struct sip_entry entry = {.is_last = false};

	for (; !entry.is_last && sip_entries_next(&entries, &entry); out->count++) {
		if (out->count < LIMIT_ROUTE_SECURITY_ENTRIES)
			sip_route_security_entry_parse(entry.text, &out->entries[out->count]);
	}
}

void sip_route_security_read_from(const struct sip_message *message, struct slice host,
				  const struct sip_address *address, struct sip_route_security *out)
{
	const struct sip_via *via = &message->via;

	out->count = 0;
	if (!sip_message_has(message, SIP_HEADER_ROUTE_SECURITY))
		return;
	for (unsigned i = message->first[SIP_HEADER_ROUTE_SECURITY];
	     i <= message->last[SIP_HEADER_ROUTE_SECURITY]; i++) {
		struct slice value = sip_message_line_value(message, i);
		struct sip_route_security_entry *to;

		if (message->lines[i].id != SIP_HEADER_ROUTE_SECURITY)
			continue;
		to = out->count < LIMIT_ROUTE_SECURITY_ENTRIES ? &out->entries[out->count] : NULL;
		/* Most lines are one entry that says what the top Via says, or the caller knows. */
		if (to != NULL &&
		    (is_of_host(via->host, &via->address, value, to) ||
		     is_of_host(host, address, value, to)))
			out->count++;
		else
			line_read(message, i, out);
	}
}

void sip_route_security_read(const struct sip_message *message, struct sip_route_security *out)
{
	static const struct sip_address none;

	sip_route_security_read_from(message, slice_make("", 0), &none, out);
}

bool sip_route_security_entry_is(const struct sip_route_security_entry *entry,
				 const struct sip_address *address, uint8_t level)
{
	return entry->is_wellformed && entry->level == level &&
	       sip_address_is_same_host(&entry->address, address);
}

bool sip_route_security_entry_is_equal(const struct sip_route_security_entry *a,
				       const struct sip_route_security_entry *b)
{
	return b->is_wellformed && sip_route_security_entry_is(a, &b->address, b->level);
}

void sip_route_security_write(const struct sip_address *address, uint8_t level, struct writer *w)
{
	WRITER_LITERAL(w, "Route-Security: ");
	sip_address_write_host(address, w);
	if (level != SIP_LEVEL_ABSENT) {
		WRITER_LITERAL(w, ";level=");
		writer_u32(w, level);
	}
	WRITER_LITERAL(w, "\r\n");
}
