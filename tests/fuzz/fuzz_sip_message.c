/* Any bytes as a datagram: parsed, walked over, answered and edited. */
#include <string.h>

#include "shared/sip/edit.h"
#include "shared/sip/entries.h"
#include "shared/sip/message.h"
#include "shared/sip/reply.h"
#include "shared/sip/route_security.h"
#include "tests/edit_apply.h"
#include "tests/fuzz/target.h"

static bool is_within(const struct sip_message *message, struct slice s)
{
	return s.at >= message->base && s.at + s.len <= message->base + message->len;
}

/* Lines lie one behind the other between the start line and the body. */
static void lines_check(const struct sip_message *message)
{
	unsigned past = 0;

	MUST(message->line_count <= LIMIT_SIP_HEADER_LINES);
	MUST(message->body <= message->len);
	for (unsigned i = 0; i < message->line_count; i++) {
		const struct sip_line *line = &message->lines[i];

		MUST(line->start >= past && line->start < line->end);
		MUST(line->value >= line->start && line->value + line->value_len <= line->end - 2);
		MUST(line->id < SIP_HEADER_COUNT && line->end <= message->body);
		MUST(memcmp(message->base + line->end - 2, "\r\n", 2) == 0);
		past = line->end;
	}
}

static void entries_check(const struct sip_message *message)
{
	for (unsigned id = 1; id < SIP_HEADER_COUNT; id++) {
		struct sip_entries entries = sip_entries_begin(message, (enum sip_header)id);
		struct sip_entry entry;
		unsigned past = 0, count = 0;

		while (sip_entries_next(&entries, &entry)) {
			MUST(entry.start >= past && entry.start <= entry.end);
			MUST(entry.end <= entry.next || entry.is_last);
			MUST(message->lines[entry.line].id == id);
			past = entry.end;
			count++;
		}
		MUST((count != 0) == sip_message_has(message, (enum sip_header)id));
		if (id == SIP_HEADER_VIA && message->via_count < UINT8_MAX)
			MUST(count == message->via_count);
	}
}

static void accepted_check(const struct sip_message *message)
{
	char text[1024];
	struct writer w = writer_make(text, sizeof(text));

	MUST(is_within(message, message->from.uri.text) && is_within(message, message->to.tag));
	MUST(is_within(message, message->call_id) && message->call_id.len != 0);
	MUST(is_within(message, message->via.text) && message->via.host.len != 0);
	MUST(message->via_count >= 1 && message->via_count <= LIMIT_SIP_VIA_ENTRIES);
	MUST(slice_is_equal(message->method_name, message->cseq.method_name));
	MUST(message->is_request || (message->status >= 100 && message->status < 700));
	if (sip_uri_canonical_aor(&message->from.uri, &w) != RESULT_OK)
		MUST(message->from.uri.scheme >= SIP_SCHEME_TEL);
}

/* No line of ours ends but where we end it, and the answer to what parses parses. */
static void reply_check(const struct sip_message *message, bool is_accepted)
{
	static char text[40000];
	static struct sip_message answer;
	struct sip_reply reply = {.status = 404, .to_tag = SLICE("t")};
	struct writer w = writer_make(text, sizeof(text));
	struct slice out;

	MUST(sip_address_parse_port(SLICE("[2001:db8::1]:5060"), &reply.source) == RESULT_OK);
	MUST(sip_reply_write(message, &reply, &w) == RESULT_OK);
	MUST(writer_finish(&w, &out) == RESULT_OK);
	for (size_t i = 0; i < out.len; i++) {
		MUST(out.at[i] != '\r' || (i + 1 < out.len && out.at[i + 1] == '\n'));
		MUST(out.at[i] != '\n' || (i > 0 && out.at[i - 1] == '\r'));
	}
	MUST(memcmp(out.at + out.len - 4, "\r\n\r\n", 4) == 0);
	if (!is_accepted || out.len > LIMIT_SIP_MESSAGE_BYTES)
		return;
	MUST(sip_message_parse(out.at, out.len, &answer) == SIP_VERDICT_OK);
	MUST(slice_is_equal(answer.from.tag, message->from.tag));
	MUST(slice_is_equal(answer.via.branch, message->via.branch));
	MUST(answer.via_count == message->via_count && answer.to.tag.len != 0);
}

/* What is taken out is gone, and the rest parses as before. */
static void edit_check(const struct sip_message *message)
{
	static char text[LIMIT_SIP_MESSAGE_BYTES + SIP_EDIT_ARENA_BYTES + SIP_EDIT_STRIDE];
	static struct sip_message edited;
	static struct sip_edit edit;
	struct sip_address source = {.family = 4, .port = 5060, .bytes = {192, 0, 2, 1}};
	struct sip_via_patch patches[SIP_VIA_PATCHES];
	size_t len;

	memcpy(text, message->base, message->len);
	sip_edit_begin(&edit);
	sip_edit_patch_via(&edit, message, patches,
			   sip_via_stamp(&message->via, &source, slice_make("", 0), patches));
	sip_edit_remove_entries(&edit, message, SIP_HEADER_ROUTE, 0, 2);
	sip_edit_remove_header(&edit, message, SIP_HEADER_P_ASSERTED_IDENTITY);
	if (edit_apply(&edit, text, message->len, sizeof(text) - SIP_EDIT_STRIDE, &len) != RESULT_OK) {
		MUST(edit.error == RESULT_SPACE);
		return;
	}
	if (len > LIMIT_SIP_MESSAGE_BYTES)
		return;
	MUST(sip_message_parse(text, len, &edited) == SIP_VERDICT_OK);
	MUST(!sip_message_has(&edited, SIP_HEADER_P_ASSERTED_IDENTITY));
	MUST(edited.via_count == message->via_count);
	MUST(slice_is_equal(edited.call_id, message->call_id));
	MUST(slice_is_equal(edited.via.received, SLICE("192.0.2.1")) ||
	     slice_is_equal(edited.via.host, SLICE("192.0.2.1")));
	if (sip_entries_count(message, SIP_HEADER_ROUTE) >= 2)
		MUST(sip_entries_count(&edited, SIP_HEADER_ROUTE) ==
		     sip_entries_count(message, SIP_HEADER_ROUTE) - 2);
	else
		MUST(!sip_message_has(&edited, SIP_HEADER_ROUTE));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct sip_message message;
	enum sip_verdict verdict;
	struct sip_route_security series;

	verdict = sip_message_parse((const char *)data, size, &message);
	MUST((verdict == SIP_VERDICT_OK) == (message.fault == SIP_FAULT_NONE));
	if (verdict == SIP_VERDICT_DROP)
		return 0;
	MUST(verdict == SIP_VERDICT_OK || sip_fault_status(message.fault) != 0);
	lines_check(&message);
	entries_check(&message);
	sip_route_security_read(&message, &series);
	reply_check(&message, verdict == SIP_VERDICT_OK);
	if (verdict == SIP_VERDICT_OK) {
		accepted_check(&message);
		edit_check(&message);
	}
	return 0;
}
