#include "shared/sip/message.h"

#include "shared/sip/chars.h"
#include "shared/sip/entries.h"
#include "shared/sip/head.h"
#include "shared/sip/plain.h"
#include "shared/sip/start_line.h"
#include "shared/sip/words.h"

#define BIT(header) (UINT64_C(1) << SIP_HEADER_##header)

/* Headers that may stand once (RFC 3261 7.3.1); of these the first four must. */
#define ONCE   (NEEDED | BIT(MAX_FORWARDS) | BIT(CONTENT_LENGTH))
#define NEEDED (BIT(FROM) | BIT(TO) | BIT(CALL_ID) | BIT(CSEQ))

_Static_assert(SIP_HEADER_COUNT <= SIP_HEADER_ROOM, "a bit of present for each header");
_Static_assert(sizeof(struct sip_line) == 16, "a line is a quarter of a register");

/*
 * The steps of the parse, which is made once for each width of what it reads by: in bytes, 64 where
 * sip_vector_is_wide.
 */
#define STEP static inline __attribute__((always_inline))
enum width { WIDTH_1, WIDTH_32, WIDTH_64 };

/* The first fault found counts: it is what the sender is told. */
STEP void fault_note(struct sip_message *message, enum sip_fault fault)
{
	if (message->fault == SIP_FAULT_NONE)
		message->fault = fault;
}

/* The name before the colon, space between the two legal; false if it is no token. */
static bool name_classify(const char *name, const char *colon, struct sip_line *line)
{
	const char *end = colon;

	while (end > name && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	line->id = (uint8_t)sip_header_find(slice_make(name, (size_t)(end - name)));
	if (line->id != SIP_HEADER_OTHER && line->flags == 0)
		return true;
	return end != name && sip_chars_skip(name, end, SIP_CHAR_TOKEN) == end;
}

/* From the colon that the scan found to the value, and from the name to the id. */
static void line_classify(struct sip_message *message, struct sip_line *line)
{
	const char *name = message->base + line->start, *colon = message->base + line->value;
	const char *end = message->base + line->end - 2;
	struct slice value = slice_make(name, 0);

	if (line->value != 0 && name_classify(name, colon, line)) {
		value = sip_slice_trim(slice_make(colon + 1, (size_t)(end - colon - 1)));
	} else {
		line->flags |= SIP_LINE_BROKEN;
		line->id = SIP_HEADER_OTHER;
	}
	line->value = sip_message_offset(message, value.at);
	line->value_len = (uint16_t)value.len;
}

/* Gives every line its id and value, and every id its first and last line. */
static void lines_index(struct sip_message *message)
{
	uint64_t present = 0;

	for (unsigned i = 0; i < message->line_count; i++) {
		struct sip_line *line = &message->lines[i];
		uint64_t bit;

		line_classify(message, line);
		if ((line->flags & SIP_LINE_BROKEN) != 0) {
			fault_note(message, SIP_FAULT_HEADER_LINE);
			continue;
		}
		bit = UINT64_C(1) << line->id;
		if ((present & bit) == 0)
			message->first[line->id] = (uint8_t)i;
		else if ((bit & ONCE) != 0)
			fault_note(message, SIP_FAULT_REPEATED);
		message->last[line->id] = (uint8_t)i;
		present |= bit;
	}
	message->present = present;
	if ((present & NEEDED) != NEEDED)
		fault_note(message, SIP_FAULT_MISSING);
}

/*
 * By what a message may be read. last: see plain.h; NULL where there are no vectors, or the head is
 * one that they leave alone.
 */
struct means {
	const char *last;
	bool is_wide;
	const struct sip_known_host *known; /* likely to stand in the top Via; NULL: none is */
	struct sip_skeletons *skeletons;
};

STEP bool plain_via(const struct means *means, struct slice text, struct sip_via *out)
{
	if (means->last == NULL)
		return false;
	if (means->is_wide && means->known != NULL && sip_plain_via_wide(text, means->known, out))
		return true;
	return sip_plain_via(text, means->last, means->known, out);
}

/* How many Via lines there are, if each holds one entry; 0: it does not show at once. */
STEP unsigned single_vias(const struct sip_message *message, const struct means *means)
{
	unsigned last = message->last[SIP_HEADER_VIA], count = 0;

	if (means->last == NULL || !sip_message_has(message, SIP_HEADER_VIA))
		return 0;
	if (message->first[SIP_HEADER_VIA] == last)
		return 1; /* if its one entry is plain */
	for (unsigned i = message->first[SIP_HEADER_VIA]; means->is_wide && i <= last; i++) {
		if (message->lines[i].id != SIP_HEADER_VIA)
			continue;
		if (!sip_plain_is_one_entry_wide(sip_message_line_value(message, i)))
			return 0;
		count++;
	}
	return count;
}

/* A few Via lines of one entry each, the first plainly written. */
STEP bool vias_take(struct sip_message *message, const struct means *means)
{
	unsigned count = single_vias(message, means);

	if (count == 0 || count > LIMIT_SIP_VIA_ENTRIES)
		return false;
	message->via_count = (uint8_t)count;
	return plain_via(means, sip_message_value(message, SIP_HEADER_VIA), &message->via);
}

/* The top Via: whom to answer. Without it there is nothing else to do. */
STEP bool vias_parse(struct sip_message *message, const struct means *means)
{
	struct sip_entries entries;
	struct sip_entry entry;
	unsigned count = 1;

	if (vias_take(message, means))
		return true;
	entries = sip_entries_begin(message, SIP_HEADER_VIA);
	if (!sip_entries_next(&entries, &entry) ||
	    (message->lines[entry.line].flags & SIP_LINE_BARE) != 0)
		return false;
	if (!plain_via(means, entry.text, &message->via) &&
	    sip_via_parse(entry.text, &message->via) != RESULT_OK)
		return false;
	while (sip_entries_next(&entries, &entry))
		count++;
	message->via_count = count > UINT8_MAX ? UINT8_MAX : (uint8_t)count;
	if (count > LIMIT_SIP_VIA_ENTRIES)
		fault_note(message, SIP_FAULT_TOO_MANY_VIAS);
	return true;
}

STEP bool party_parse(const struct sip_message *message, enum sip_header header,
		      const struct means *means, struct sip_party *out)
{
	struct slice value = sip_message_value(message, header);

	if (means->last != NULL && ((means->is_wide && sip_plain_party_wide(value, out)) ||
				    sip_plain_party(value, means->last, out)))
		return true;
	return sip_party_parse(value, out) == RESULT_OK;
}

/* Both of them as nearly all are; false: one by one. */
STEP bool parties_take(struct sip_message *message, const struct means *means)
{
	return means->last != NULL && means->is_wide && sip_message_has(message, SIP_HEADER_FROM) &&
	       sip_message_has(message, SIP_HEADER_TO) &&
	       sip_plain_parties_wide(sip_message_value(message, SIP_HEADER_FROM),
				      sip_message_value(message, SIP_HEADER_TO), &message->from,
				      &message->to);
}

STEP void parties_parse(struct sip_message *message, const struct means *means)
{
	if (parties_take(message, means)) {
		message->has_from = message->has_to = true;
		return;
	}
	if (sip_message_has(message, SIP_HEADER_FROM)) {
		message->has_from = party_parse(message, SIP_HEADER_FROM, means, &message->from);
		if (!message->has_from)
			fault_note(message, SIP_FAULT_FROM);
	}
	if (sip_message_has(message, SIP_HEADER_TO)) {
		message->has_to = party_parse(message, SIP_HEADER_TO, means, &message->to);
		if (!message->has_to)
			fault_note(message, SIP_FAULT_TO);
	}
}

static bool is_call_id(struct slice id)
{
	for (size_t i = 0; i < id.len; i++)
		if ((unsigned char)id.at[i] <= ' ' || id.at[i] == 0x7f)
			return false;
	return id.len != 0;
}

STEP void call_id_check(struct sip_message *message, const struct means *means)
{
	struct slice id = sip_message_value(message, SIP_HEADER_CALL_ID);
	bool is_plain = means->last != NULL && ((means->is_wide && sip_plain_call_id_wide(id)) ||
						sip_plain_call_id(id, means->last));

	if (!is_plain && !is_call_id(id))
		fault_note(message, SIP_FAULT_CALL_ID);
	message->call_id = id;
}

/* A request's, if it is a short number, a space and the method of its request line. */
STEP bool cseq_take(const struct sip_message *message, struct slice value, struct sip_cseq *out)
{
	struct slice name = message->method_name;
	size_t digits = value.len - name.len - 1; /* wraps around where there is no room for any */
	const char *space;

	if (!message->is_request || name.len - 1 >= SIP_SAME_MOST || digits - 1 >= 8)
		return false;
	space = value.at + digits;
	if (*space != ' ' || space - message->base < 8 ||
	    !sip_is_same(space + 1, name.at, name.len) || !sip_digits(space, digits, &out->number))
		return false;
	out->method = message->method;
	out->method_name = slice_make(space + 1, name.len);
	return true;
}

STEP void cseq_check(struct sip_message *message, const struct means *means)
{
	struct slice value = sip_message_value(message, SIP_HEADER_CSEQ);

	if (means->last != NULL && cseq_take(message, value, &message->cseq))
		return;
	if (sip_cseq_parse(value, &message->cseq) != RESULT_OK) {
		message->cseq.method = SIP_METHOD_OTHER;
		fault_note(message, SIP_FAULT_CSEQ);
		return;
	}
	if (!message->is_request) {
		message->method = message->cseq.method;
		message->method_name = message->cseq.method_name;
	} else if (message->method != message->cseq.method ||
		   (message->method == SIP_METHOD_OTHER &&
		    !slice_is_equal(message->method_name, message->cseq.method_name))) {
		fault_note(message, SIP_FAULT_CSEQ_METHOD);
	}
}

/* A number that is all of a line's value, before which there is the start line. */
STEP bool number_parse(const struct sip_message *message, struct slice value, uint32_t max,
		       uint32_t *out)
{
	const char *end = value.at + value.len;

	if (value.len == 2 && sip_two_digits(value.at, out))
		return *out <= max;
	if (value.len - 1 < 8 && end - message->base >= 8 && sip_digits(end, value.len, out))
		return *out <= max;
	return sip_number_parse(value, max, out);
}

STEP void max_forwards_check(struct sip_message *message)
{
	uint32_t value = 0;

	message->has_max_forwards = sip_message_has(message, SIP_HEADER_MAX_FORWARDS);
	if (!message->has_max_forwards)
		return;
	if (!number_parse(message, sip_message_value(message, SIP_HEADER_MAX_FORWARDS), UINT8_MAX,
			  &value))
		fault_note(message, SIP_FAULT_MAX_FORWARDS);
	message->max_forwards = (uint8_t)value;
}

/* Cuts off what follows the body (RFC 3261 18.3). */
STEP void content_length_check(struct sip_message *message)
{
	struct slice text = sip_message_value(message, SIP_HEADER_CONTENT_LENGTH);
	uint32_t value;

	message->has_content_length = sip_message_has(message, SIP_HEADER_CONTENT_LENGTH);
	if (!message->has_content_length)
		return;
	if (number_parse(message, text, (uint32_t)(message->len - message->body), &value))
		message->len = (uint16_t)(message->body + value);
	else if (text.len != 0 &&
		 sip_chars_skip(text.at, text.at + text.len, SIP_CHAR_DIGIT) == text.at + text.len)
		fault_note(message, SIP_FAULT_BODY_SHORT);
	else
		fault_note(message, SIP_FAULT_CONTENT_LENGTH);
}

/* A request line of the usual shape, or whatever it is. */
STEP enum sip_fault start_line_parse(struct sip_message *message, struct slice line,
				     const struct means *means)
{
	if (!means->is_wide || !sip_plain_request_line_wide(line, &message->method_name,
							    &message->version, &message->uri))
		return sip_start_line_parse(line, means->last, message);
	message->is_request = true;
	message->method = sip_method_find(message->method_name);
	return SIP_FAULT_NONE;
}

/* The same where the head is as nearly all are: false if it is not. */
STEP bool head_take(struct sip_message *message, const struct means *means)
{
	struct sip_head head;
	enum sip_fault fault;

	if (means->last == NULL || !sip_head_find(message, means->is_wide, &head))
		return false;
	fault = start_line_parse(message, slice_make(message->base, head.ends.at[0].cr), means);
	if ((means->skeletons == NULL ||
	     !sip_skeleton_find(means->skeletons, &head.ends, message, &head.found)) &&
	    !sip_head_read(message, &head))
		return false;
	message->has_bare = false;
	fault_note(message, fault);
	if ((head.found.repeated & ONCE) != 0)
		fault_note(message, SIP_FAULT_REPEATED);
	if ((message->present & NEEDED) != NEEDED)
		fault_note(message, SIP_FAULT_MISSING);
	return true;
}

/* Lines and their faults, with whatever stands before the first of them. */
static void head_scan(struct sip_message *message)
{
	struct sip_lines lines;

	sip_lines_scan(message->base, message->len, message->lines, &lines);
	message->line_count = lines.count;
	message->body = lines.body;
	message->has_bare = lines.has_bare;
	if (lines.has_bare)
		fault_note(message, SIP_FAULT_BARE_LINE_END);
	if (!lines.has_end)
		fault_note(message, SIP_FAULT_NO_EMPTY_LINE);
	if (lines.has_too_many)
		fault_note(message, SIP_FAULT_TOO_MANY_LINES);
	fault_note(message, sip_start_line_parse(slice_make(message->base, lines.start_line_len),
						 NULL, message));
}

/* An ACK is never answered, whichever of the two places says that it is one. */
STEP enum sip_verdict verdict(const struct sip_message *message)
{
	if (message->fault == SIP_FAULT_NONE)
		return SIP_VERDICT_OK;
	if (!message->is_request || message->method == SIP_METHOD_ACK ||
	    message->cseq.method == SIP_METHOD_ACK || sip_fault_status(message->fault) == 0)
		return SIP_VERDICT_DROP;
	return SIP_VERDICT_REFUSE;
}

STEP enum sip_verdict parse(const char *at, size_t len, enum width width,
			    const struct sip_expected *expected, struct sip_message *out)
{
	struct means means = {.is_wide = width == WIDTH_64};
	bool is_too_large;

	for (; len >= 2 && at[0] == '\r' && at[1] == '\n'; at += 2)
		len -= 2;
	out->fault = len == 0 ? SIP_FAULT_EMPTY : SIP_FAULT_NONE;
	if (len == 0)
		return SIP_VERDICT_DROP;
	is_too_large = len > LIMIT_SIP_MESSAGE_BYTES;
	if (is_too_large)
		out->fault = SIP_FAULT_TOO_LARGE;
	out->base = at;
	out->len = (uint16_t)(is_too_large ? LIMIT_SIP_MESSAGE_BYTES : len);
	out->has_from = out->has_to = false;
	if (width != WIDTH_1 && out->len >= SIP_PLAIN_WINDOW)
		means.last = at + out->len - SIP_PLAIN_WINDOW;
	if (expected != NULL) {
		means.known = &expected->host;
		means.skeletons = means.is_wide ? expected->skeletons : NULL;
	}
	if (!head_take(out, &means)) {
		means.last = NULL;
		head_scan(out);
		lines_index(out);
	}
	if (!vias_parse(out, &means)) {
		out->fault = SIP_FAULT_VIA;
		return SIP_VERDICT_DROP;
	}
	parties_parse(out, &means);
	call_id_check(out, &means);
	cseq_check(out, &means);
	max_forwards_check(out);
	content_length_check(out);
	return verdict(out);
}

#ifdef SIP_HAS_VECTOR
SIP_VECTOR_WIDE static enum sip_verdict
parse_wide(const char *at, size_t len, const struct sip_expected *expected, struct sip_message *out)
{
	return parse(at, len, WIDTH_64, expected, out);
}
#else
#define parse_wide(at, len, expected, out) parse(at, len, WIDTH_1, expected, out)
#endif

/* Apart from those that only choose, which need no room of their own then. */
static __attribute__((noinline)) enum sip_verdict parse_narrow(const char *at, size_t len,
							       const struct sip_expected *expected,
							       struct sip_message *out)
{
	return parse(at, len, sip_vector_is_there() ? WIDTH_32 : WIDTH_1, expected, out);
}

enum sip_verdict sip_message_parse(const char *at, size_t len, struct sip_message *out)
{
	return sip_message_parse_expecting(at, len, NULL, out);
}

enum sip_verdict sip_message_parse_expecting(const char *at, size_t len,
					     const struct sip_expected *expected,
					     struct sip_message *out)
{
	if (sip_vector_is_wide())
		return parse_wide(at, len, expected, out);
	return parse_narrow(at, len, expected, out);
}

enum sip_verdict sip_message_parse_scalar(const char *at, size_t len, struct sip_message *out)
{
	return parse(at, len, WIDTH_1, NULL, out);
}

/* urn:service:sos and what is below it (RFC 5031 4.2). */
static bool uri_is_emergency(const struct sip_uri *uri)
{
	struct slice sos = SLICE("service:sos");

	return uri->scheme == SIP_SCHEME_URN && uri->user.len >= sos.len &&
	       slice_is_equal_nocase(slice_make(uri->user.at, sos.len), sos) &&
	       (uri->user.len == sos.len || uri->user.at[sos.len] == '.');
}

enum sip_fault sip_message_proxy_fault(const struct sip_message *message)
{
	if (message->uri.scheme > SIP_SCHEME_TEL && !uri_is_emergency(&message->uri))
		return SIP_FAULT_URI_SCHEME;
	if (sip_message_has(message, SIP_HEADER_PROXY_REQUIRE))
		return SIP_FAULT_PROXY_REQUIRE;
	return SIP_FAULT_NONE;
}

struct slice sip_message_line_name(const struct sip_message *message, unsigned i)
{
	const char *at = message->base + message->lines[i].start;
	const char *end = message->base + message->lines[i].value;

	return slice_make(at, (size_t)(sip_chars_skip(at, end, SIP_CHAR_TOKEN) - at));
}

struct slice sip_message_value(const struct sip_message *message, enum sip_header header)
{
	if (!sip_message_has(message, header))
		return slice_make(message->base, 0);
	return sip_message_line_value(message, message->first[header]);
}
