/*
 * Any bytes through our parser and through libosip2: where both accept, they read the same. The
 * messages of the corpus in which they do not are listed in sip_oracle_test.c, with reasons; here
 * the same reasons leave out what libosip2 cuts at a NUL and lists whose entries are not plain.
 */
#include <string.h>

#include "shared/sip/entries.h"
#include "tests/fuzz/target.h"
#include "tests/unit/shared/sip_oracle.h"

/* A route of fewer characters it leaves out, which <sip:R> has. */
#define ROUTE_LEAST 8

/* A sip URI without display name: of the others it drops some. */
static bool entry_is_plain(enum sip_header header, struct slice text)
{
	struct sip_party party;
	struct sip_via via;

	if (header == SIP_HEADER_VIA)
		return sip_via_parse(text, &via) == RESULT_OK;
	return text.len >= ROUTE_LEAST && sip_party_parse(text, &party) == RESULT_OK &&
	       party.display.len == 0 && party.uri.scheme <= SIP_SCHEME_SIPS;
}

static bool list_is_plain(const struct sip_message *message, enum sip_header header)
{
	struct sip_entries entries = sip_entries_begin(message, header);
	struct sip_entry entry;

	while (sip_entries_next(&entries, &entry))
		if (!entry_is_plain(header, entry.text))
			return false;
	return true;
}

/* The points on which the two have no reason to differ in this message. */
static unsigned points_that_count(const struct sip_message *message)
{
	unsigned points = ~(unsigned)(SIP_ORACLE_VERDICT | SIP_ORACLE_SERIES);

	if (!list_is_plain(message, SIP_HEADER_VIA))
		points &= ~(unsigned)SIP_ORACLE_VIAS;
	if (!list_is_plain(message, SIP_HEADER_ROUTE))
		points &= ~(unsigned)SIP_ORACLE_ROUTES;
	if (!list_is_plain(message, SIP_HEADER_RECORD_ROUTE))
		points &= ~(unsigned)SIP_ORACLE_RECORDS;
	if (!list_is_plain(message, SIP_HEADER_CONTACT))
		points &= ~(unsigned)SIP_ORACLE_CONTACTS;
	return points;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct sip_message message;
	static bool is_prepared;
	unsigned differ;

	if (!is_prepared)
		sip_oracle_prepare();
	is_prepared = true;
	if (memchr(data, '\0', size) != NULL || memmem(data, size, "%00", 3) != NULL)
		return 0;
	if (sip_message_parse((const char *)data, size, &message) != SIP_VERDICT_OK)
		return 0;
	differ = sip_oracle_compare(slice_make(data, size), &message);
	differ &= points_that_count(&message);
	for (unsigned i = 0; i < SIP_ORACLE_COUNT; i++)
		if ((differ >> i & 1) != 0)
			(void)fprintf(stderr, "they differ: %s\n", sip_oracle_point(i));
	MUST(differ == 0);
	return 0;
}
