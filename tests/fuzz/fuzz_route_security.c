/* Any bytes as an entry, and as the value of a line: what is right survives being written. */
#include <string.h>

#include "shared/sip/route_security.h"
#include "tests/fuzz/target.h"

static void entry_check(struct slice text)
{
	struct sip_route_security_entry entry, again;
	char line[SIP_ROUTE_SECURITY_LINE_CHARS];
	struct writer w = writer_make(line, sizeof(line));

	sip_route_security_entry_parse(text, &entry);
	if (!entry.is_wellformed) {
		MUST(entry.address.family == 0 && entry.level == SIP_LEVEL_ABSENT);
		MUST(!sip_route_security_entry_is_equal(&entry, &entry));
		return;
	}
	MUST(entry.level <= SIP_LEVEL_CONFIDENTIAL || entry.level == SIP_LEVEL_ABSENT);
	sip_route_security_write(&entry.address, entry.level, &w);
	MUST(!w.is_full);
	sip_route_security_entry_parse(slice_make(line + 16, w.len - 18), &again);
	MUST(sip_route_security_entry_is_equal(&entry, &again));
}

static void series_check(const uint8_t *data, size_t size)
{
	static const char head[] = "OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP h\r\n"
				   "From: <sip:a@b>\r\nTo: <sip:a@b>\r\nCall-ID: c\r\n"
				   "CSeq: 1 OPTIONS\r\nRoute-Security: ";
	static char text[LIMIT_SIP_MESSAGE_BYTES];
	static struct sip_message message;
	struct sip_route_security series;

	if (size > sizeof(text) - sizeof(head) - 4)
		return;
	memcpy(text, head, sizeof(head) - 1);
	memcpy(text + sizeof(head) - 1, data, size);
	memcpy(text + sizeof(head) - 1 + size, "\r\n\r\n", 4);
	if (sip_message_parse(text, sizeof(head) + 3 + size, &message) != SIP_VERDICT_OK)
		return;
	sip_route_security_read(&message, &series);
	MUST(series.count >= 1);
	for (unsigned i = 0; i < series.count && i < LIMIT_ROUTE_SECURITY_ENTRIES; i++)
		entry_check(series.entries[i].text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	entry_check(slice_make(data, size));
	series_check(data, size);
	return 0;
}
