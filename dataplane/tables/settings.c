#include "dataplane/tables/settings.h"

#include <stdlib.h>
#include <string.h>

#include <emmintrin.h>

#include "shared/sip/chars.h"

static void settings_free(void *context, void *memory)
{
	(void)context;
	free(memory);
}

static void own_text_set(struct own_text *text, const char *before, struct slice middle,
			 const char *behind)
{
	struct writer w = writer_make(text->chars, sizeof(text->chars));

	writer_bytes(&w, before, strlen(before));
	writer_slice(&w, middle);
	writer_bytes(&w, behind, strlen(behind));
	text->length = (uint8_t)w.len;
}

static void own_set(struct own_address *own, const struct contract_address *address)
{
	struct writer w = writer_make(own->text, sizeof(own->text));
	struct slice whole, host;

	own->address = settings_address(address);
	if (own->address.family == 0)
		return;
	sip_address_write_host(&own->address, &w);
	own->host_length = (uint8_t)w.len;
	w.len = 0;
	sip_address_write(&own->address, &w);
	own->length = (uint8_t)w.len;
	host = slice_make(own->text, own->host_length);
	whole = slice_make(own->text, own->length);
	own_text_set(&own->via, "Via: SIP/2.0/UDP ", whole, ";branch=");
	for (unsigned level = 0; level < SIP_LEVELS; level++) {
		char behind[] = ";level=?\r\n";

		behind[sizeof(";level=") - 1] = (char)('0' + level);
		own_text_set(&own->security[level], "Route-Security: ", host, behind);
	}
	own_text_set(&own->record, "@", whole, ";lr>");
	own_text_set(&own->via_tls, "Via: SIP/2.0/TLS ", host, ":5061;branch=");
	own_text_set(&own->record_tls, "@", host, ":5061;transport=tls;lr>");
}

enum result settings_table_init(struct settings_table *table, struct deferred *deferred,
				const struct contract_address (*own)[2], uint32_t port_count)
{
	struct settings *strict;

	if (port_count > SETTINGS_PORTS)
		return RESULT_BAD;
	strict = calloc(1, sizeof(*strict));
	if (!strict)
		return RESULT_MEMORY;
	strict->route_security = CONTRACT_RS_REQUIRE;
	strict->add_level = 1;
	memset(table, 0, sizeof(*table));
	table->deferred = deferred;
	table->port_count = port_count;
	for (uint32_t port = 0; port < port_count; port++) {
		for (unsigned family = 0; family < 2; family++)
			own_set(&table->own[port][family], &own[port][family]);
	}
	atomic_store_explicit(&table->current, strict, memory_order_release);
	return RESULT_OK;
}

void settings_table_fini(struct settings_table *table)
{
	free(atomic_load_explicit(&table->current, memory_order_relaxed));
	atomic_store_explicit(&table->current, NULL, memory_order_relaxed);
}

static enum result put_check(const struct contract_settings *put)
{
	if (put->gateway_id > 63 || put->domain_count > SETTINGS_DOMAINS ||
	    put->route_security_add_level > 3 || put->insecure_access > CONTRACT_INSECURE_ANY)
		return RESULT_BAD;
	if (put->route_security != CONTRACT_RS_REQUIRE &&
	    put->route_security != CONTRACT_RS_ANNOTATE)
		return RESULT_BAD;
	if (put->emergency_count > SETTINGS_EMERGENCY)
		return RESULT_BAD;
	for (unsigned i = 0; i < put->emergency_count; i++) {
		if (!memchr(put->emergency[i], 0, sizeof(put->emergency[i])))
			return RESULT_BAD;
	}
	for (unsigned i = 0; i < put->domain_count; i++) {
		if (!memchr(put->domain[i], 0, sizeof(put->domain[i])))
			return RESULT_BAD;
	}
	return RESULT_OK;
}

enum result settings_table_put(struct settings_table *table, const struct contract_settings *put)
{
	enum result result = put_check(put);
	struct settings *made;

	if (result != RESULT_OK)
		return result;
	if (deferred_reserve(table->deferred, 1) != RESULT_OK)
		return RESULT_MEMORY;
	made = calloc(1, sizeof(*made));
	if (!made)
		return RESULT_MEMORY;
	made->gateway_id = put->gateway_id;
	made->route_security = put->route_security;
	made->add_level = put->route_security_add_level;
	made->insecure_access = put->insecure_access;
	made->is_identity_always_asserted = put->is_identity_always_asserted != 0;
	made->is_legacy_restored = put->is_legacy_restored != 0;
	made->domain_count = put->domain_count;
	made->max_dialog_s = put->max_dialog_s;
	made->requests_per_second_per_sa = put->requests_per_second_per_sa;
	made->emergency_peer = put->emergency_peer;
	made->emergency_count = (uint8_t)put->emergency_count;
	memcpy(made->emergency_text, put->emergency, sizeof(made->emergency_text));
	for (unsigned i = 0; i < put->emergency_count; i++)
		made->emergency[i] =
			slice_make(made->emergency_text[i], strlen(made->emergency_text[i]));
	memcpy(made->text, put->domain, sizeof(made->text));
	for (unsigned i = 0; i < put->domain_count; i++)
		made->domain[i] = slice_make(made->text[i], strlen(made->text[i]));
	deferred_put(table->deferred, settings_free, NULL,
		     atomic_exchange_explicit(&table->current, made, memory_order_acq_rel));
	return RESULT_OK;
}

bool settings_is_own_domain(const struct settings *settings, struct slice domain)
{
	for (unsigned i = 0; i < settings->domain_count; i++) {
		if (slice_is_equal(settings->domain[i], domain))
			return true;
	}
	return false;
}

bool settings_is_own_address(const struct settings_table *table, const struct sip_address *address)
{
	for (uint32_t port = 0; port < table->port_count; port++) {
		if (sip_address_is_same_host(&table->own[port][address->family == 6].address,
					     address))
			return true;
	}
	return false;
}

bool settings_is_own_text(const struct settings_table *table, struct slice host)
{
	bool is_ipv6 = host.len > 0 && host.at[0] == '[';

	for (uint32_t port = 0; port < table->port_count; port++) {
		const struct own_address *own = &table->own[port][is_ipv6];

		if (own->host_length == host.len && host.len > 0 &&
		    memcmp(own->text, host.at, host.len) == 0)
			return true;
	}
	return false;
}

#define ENTRY_START	  "<sip:"
#define ENTRY_START_CHARS (sizeof(ENTRY_START) - 1)

/* Of our own texts there are no shorter ones: they are told apart by their last characters. */
#define END_CHARS 16

static inline bool ends_with(struct slice entry, struct slice end)
{
	const char *tail = entry.at + entry.len - END_CHARS, *other = end.at + end.len - END_CHARS;

	if (end.len < END_CHARS || entry.len <= ENTRY_START_CHARS + end.len)
		return false;
	if (((text_key_eight(tail + 8) ^ text_key_eight(other + 8)) |
	     (text_key_eight(tail) ^ text_key_eight(other))) != 0)
		return false;
	return memcmp(entry.at + entry.len - end.len, end.at, end.len - END_CHARS) == 0;
}

/* Sixteen characters of those that tokens are written with: 255 each, else 0. */
static inline __m128i token_chars(const char *at)
{
	__m128i text = _mm_loadu_si128((const __m128i *)(const void *)at);
	__m128i lower = _mm_or_si128(text, _mm_set1_epi8(0x20));
	__m128i letter = _mm_and_si128(_mm_cmpgt_epi8(lower, _mm_set1_epi8('a' - 1)),
				       _mm_cmplt_epi8(lower, _mm_set1_epi8('z' + 1)));
	__m128i digit = _mm_and_si128(_mm_cmpgt_epi8(text, _mm_set1_epi8('0' - 1)),
				      _mm_cmplt_epi8(text, _mm_set1_epi8('9' + 1)));
	__m128i sign = _mm_or_si128(_mm_cmpeq_epi8(text, _mm_set1_epi8('-')),
				    _mm_cmpeq_epi8(text, _mm_set1_epi8('_')));

	return _mm_or_si128(_mm_or_si128(letter, digit), sign);
}

/* What is shorter than any token is looked at one by one. */
static bool is_token_text(struct slice text)
{
	__m128i all;

	if (text.len < 16)
		return sip_chars_skip(text.at, text.at + text.len, SIP_CHAR_UNRESERVED) ==
		       text.at + text.len;
	all = token_chars(text.at + text.len - 16);
	for (size_t i = 0; i + 16 < text.len; i += 16)
		all = _mm_and_si128(all, token_chars(text.at + i));
	return _mm_movemask_epi8(all) == 0xffff;
}

struct slice settings_own_token(const struct settings_table *table, struct slice entry)
{
	for (uint32_t i = 0; i < 4 * table->port_count; i++) {
		const struct own_address *own = &table->own[i / 4][i % 2];
		struct slice end = own_text_slice(i & 2 ? &own->record_tls : &own->record);
		struct slice user;

		if (!ends_with(entry, end) || memcmp(entry.at, ENTRY_START, ENTRY_START_CHARS) != 0)
			continue;
		user = slice_make(entry.at + ENTRY_START_CHARS,
				  entry.len - ENTRY_START_CHARS - end.len);
		/* Anything else may mean that the host is another. */
		if (is_token_text(user))
			return user;
	}
	return slice_make(entry.at, 0);
}
