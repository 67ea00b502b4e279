#include "dataplane/rules/reply.h"

#include "dataplane/rules/to_tag.h"
#include "shared/sip/entries.h"
#include "shared/sip/reply.h"

#define RETRY_AFTER                                                                                \
	"Retry-After: 5\r\n" /* seconds: a peer's link is made anew by then, or not soon */

/* What a status owes its reader beside itself (RFC 3261 8.2.2.3, 21.5.4). */
static struct slice extra_of(const struct packet_rules *rules, struct writer *w)
{
	if (rules->status == 503)
		return SLICE(RETRY_AFTER);
	if (rules->status != 420)
		return slice_make("", 0);
	WRITER_LITERAL(w, "Unsupported: ");
	writer_slice(w, sip_message_value(rules->message, SIP_HEADER_PROXY_REQUIRE));
	WRITER_LITERAL(w, "\r\n");
	return w->is_full ? slice_make("", 0) : slice_make(w->at, w->len);
}

enum result reply_write(struct packet_rules *rules, struct writer *w)
{
	const struct sip_message *message = rules->message;
	char tag[TO_TAG_CHARS], extra_room[256];
	struct writer extra = writer_make(extra_room, sizeof(extra_room));
	struct sip_reply reply = {
		.status = rules->status,
		.source = rules->ingress.remote,
		.extra = extra_of(rules, &extra),
	};

	/* Before the first keys only a REGISTER is answered, whose response needs no tag of ours.
	 */
	if (rules->keys->has_persistent) {
		to_tag_make(rules->keys->to_tag, &rules->ingress.leg, message->via.branch, message,
			    tag);
		reply.to_tag = slice_make(tag, sizeof(tag));
	}
	rules->egress = rules->ingress;
	return sip_reply_write(message, &reply, w);
}

/* The lines of Via without our own entry. */
static void vias_write(const struct sip_message *message, struct writer *w)
{
	struct sip_entries entries = sip_entries_begin(message, SIP_HEADER_VIA);
	struct sip_entry entry;

	for (unsigned i = 0; sip_entries_next(&entries, &entry); i++) {
		if (i == 0)
			continue;
		WRITER_LITERAL(w, "Via: ");
		writer_slice(w, entry.text);
		WRITER_LITERAL(w, "\r\n");
	}
}

static void line_write(const struct sip_message *message, enum sip_header header, struct writer *w)
{
	writer_slice(w, sip_message_line(message, message->first[header]));
}

/* The To line with a tag of ours where the 2xx had the callee's. */
static void to_write(const struct packet_rules *rules, struct writer *w)
{
	const struct sip_message *message = rules->message;
	struct slice value = sip_message_value(message, SIP_HEADER_TO), tag = message->to.tag;
	struct sip_entries entries = sip_entries_begin(message, SIP_HEADER_VIA);
	char own[TO_TAG_CHARS];
	struct sip_entry below = {0};
	struct sip_via via = {0};

	if (message->status / 100 != 2 || tag.len == 0) {
		line_write(message, SIP_HEADER_TO, w);
		return;
	}
	for (unsigned i = 0; i < 2; i++) {
		if (!sip_entries_next(&entries, &below))
			below.text = slice_make("", 0);
	}
	if (sip_via_parse(below.text, &via) != RESULT_OK)
		via.branch = slice_make("", 0);
	to_tag_make(rules->keys->to_tag, &rules->egress.leg, via.branch, message, own);
	WRITER_LITERAL(w, "To: ");
	writer_bytes(w, value.at, (size_t)(tag.at - value.at));
	writer_bytes(w, own, sizeof(own));
	writer_bytes(w, tag.at + tag.len, (size_t)(value.at + value.len - tag.at) - tag.len);
	WRITER_LITERAL(w, "\r\n");
}

enum result bad_gateway_write(const struct packet_rules *rules, struct writer *w)
{
	const struct sip_message *message = rules->message;

	WRITER_LITERAL(w, "SIP/2.0 502 Bad Gateway\r\n");
	vias_write(message, w);
	line_write(message, SIP_HEADER_FROM, w);
	to_write(rules, w);
	line_write(message, SIP_HEADER_CALL_ID, w);
	line_write(message, SIP_HEADER_CSEQ, w);
	WRITER_LITERAL(w, "Content-Length: 0\r\n\r\n");
	return w->is_full ? RESULT_SPACE : RESULT_OK;
}
