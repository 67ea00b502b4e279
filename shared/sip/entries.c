#include "shared/sip/entries.h"

#include "shared/sip/chars.h"

/* Past the entry that starts at at: the comma that ends it, or end. */
static const char *entry_skip(const char *at, const char *end)
{
	if (memchr(at, ',', (size_t)(end - at)) == NULL)
		return end;
	while (at < end && *at != ',') {
		const char *past = NULL;

		if (*at == '"')
			past = sip_quoted_skip(at, end);
		else if (*at == '<')
			past = memchr(at, '>', (size_t)(end - at));
		else
			past = at + 1;
		if (past == NULL)
			return end;
		at = past;
	}
	return at;
}

struct sip_entries sip_entries_begin(const struct sip_message *message, enum sip_header header)
{
	return (struct sip_entries){
		.message = message,
		.header = header,
		.line = sip_message_has(message, header) ? message->first[header]
							 : LIMIT_SIP_HEADER_LINES,
	};
}

/* Moves to the header's next line, or past all of them. */
static void line_advance(struct sip_entries *entries)
{
	unsigned last = entries->message->last[entries->header];

	entries->at = 0;
	while (entries->line < last) {
		entries->line++;
		if (entries->message->lines[entries->line].id == entries->header)
			return;
	}
	entries->line = LIMIT_SIP_HEADER_LINES;
}

bool sip_entries_next(struct sip_entries *entries, struct sip_entry *out)
{
	const struct sip_message *message = entries->message;
	const struct sip_line *line;
	const char *at, *end, *past;

	if (entries->line == LIMIT_SIP_HEADER_LINES)
		return false;
	line = &message->lines[entries->line];
	end = message->base + line->value + line->value_len;
	at = message->base + (entries->at == 0 ? line->value : entries->at);
	past = entry_skip(at, end);
	out->text = sip_slice_trim(slice_make(at, (size_t)(past - at)));
	out->line = (uint16_t)entries->line;
	out->start = sip_message_offset(message, out->text.at);
	out->end = (uint16_t)(out->start + out->text.len);
	out->is_first = entries->at == 0;
	out->is_last = past == end;
	if (out->is_last) {
		out->next = sip_message_offset(message, end);
		line_advance(entries);
	} else {
		past = sip_chars_skip(past + 1, end, SIP_CHAR_LWS);
		out->next = sip_message_offset(message, past);
		entries->at = out->next;
	}
	return true;
}

unsigned sip_entries_count(const struct sip_message *message, enum sip_header header)
{
	struct sip_entries entries = sip_entries_begin(message, header);
	struct sip_entry entry;
	unsigned count = 0;

	while (sip_entries_next(&entries, &entry))
		count++;
	return count;
}
