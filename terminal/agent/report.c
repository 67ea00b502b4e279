#include "terminal/agent/report.h"

#include <assert.h>
#include <string.h>

#include "shared/limits.h"
#include "shared/readable.h"

/* The longest body, and the sentence round it. */
#define REPORT_TEXT_BYTES (LIMIT_SIP_MESSAGE_BYTES + 1024)

/* Of a MESSAGE's text in a sentence; JSON has all of it. */
#define REPORT_SHOWN_BYTES 256

json_t *report_string(struct slice text)
{
	char clean[REPORT_TEXT_BYTES] = "";
	size_t len = 0;

	for (size_t i = 0; i < text.len && len < sizeof(clean); i++)
		if (text.at[i] != '\r')
			clean[len++] = text.at[i];
	readable_make(clean, len, "\n\t");
	return json_stringn(clean, len);
}

static json_t *report_path(const struct ua_event *event, const struct series_link *link,
			   struct slice aor)
{
	json_t *path = json_array();

	for (unsigned i = event->series->count < LIMIT_ROUTE_SECURITY_ENTRIES
				  ? event->series->count
				  : LIMIT_ROUTE_SECURITY_ENTRIES;
	     i-- > 0;) {
		const struct sip_route_security_entry *entry = &event->series->entries[i];
		json_t *hop = json_object();
		char text[SIP_ADDRESS_CHARS];
		struct writer w = writer_make(text, sizeof(text));

		sip_address_write_bare(&entry->address, &w);
		json_object_set_new(hop, "address",
				    report_string(entry->is_wellformed ? slice_make(w.at, w.len)
								       : entry->text));
		if (entry->is_wellformed && entry->level != SIP_LEVEL_ABSENT)
			json_object_set_new(hop, "level", json_integer(entry->level));
		if (i == event->series->count - 1)
			json_object_set_new(hop, "who",
					    report_string(event->is_by_us ? aor : event->party));
		else if (sip_address_is_same_host(&entry->address, &link->gateway))
			json_object_set_new(hop, "who", json_string("our gateway"));
		json_array_append_new(path, hop);
	}
	return path;
}

static void write_status(const struct ua_event *event, struct writer *w)
{
	if (event->status) {
		writer_u32(w, event->status);
		writer_char(w, ' ');
	}
	writer_slice(w, event->reason);
}

static struct slice shown(struct slice text)
{
	return slice_make(text.at, text.len < REPORT_SHOWN_BYTES ? text.len : REPORT_SHOWN_BYTES);
}

#define TEXT(literal)                                                                              \
	{                                                                                          \
		literal, sizeof(literal) - 1                                                       \
	}

/* What stands before the other's name. */
static const struct {
	struct slice before;
	bool has_status; /* it follows, and a colon */
} phrases[UA_EVENT_COUNT] = {
	[UA_EVENT_REGISTERED] = {TEXT("registered as "), false},
	[UA_EVENT_REGISTER_FAILED] = {TEXT("not registered: "), true},
	[UA_EVENT_DEREGISTERED] = {TEXT("de-registered "), false},
	[UA_EVENT_CALLING] = {TEXT("a client here calls "), false},
	[UA_EVENT_INCOMING] = {TEXT("call from "), false},
	[UA_EVENT_RINGING] = {TEXT("it rings at "), false},
	[UA_EVENT_ESTABLISHED] = {TEXT("call established with "), false},
	[UA_EVENT_CALL_FAILED] = {TEXT("no call: "), true},
	[UA_EVENT_ENDED] = {TEXT("call ended with "), false},
	[UA_EVENT_MESSAGE] = {TEXT("message from "), false},
	[UA_EVENT_ANSWERED] = {TEXT(""), true},
	[UA_EVENT_REFUSED] = {TEXT("refused, "), true},
	[UA_EVENT_WARNING] = {TEXT("warning: "), true},
	[UA_EVENT_SILENCE] = {TEXT(""), true},
	[UA_EVENT_STRAY] = {TEXT("unasked: "), true},
	[UA_EVENT_PHONE_HERE] = {TEXT("a SIP client has registered here: "), false},
	[UA_EVENT_PHONE_GONE] = {TEXT("a SIP client has gone: "), false},
};

/* The event in words; the path comes behind. */
static void write_sentence(const struct ua_event *event, struct writer *w)
{
	writer_slice(w, phrases[event->kind].before);
	if (phrases[event->kind].has_status) {
		write_status(event, w);
		WRITER_LITERAL(w, ": ");
	}
	writer_slice(w, event->party);
	if (event->kind == UA_EVENT_REGISTERED) {
		WRITER_LITERAL(w, " for ");
		writer_u32(w, event->expires_s);
		WRITER_LITERAL(w, " s");
	} else if (event->kind == UA_EVENT_ENDED) {
		writer_slice(w, event->is_by_us ? SLICE(" by us") : SLICE(" by the other side"));
	} else if (event->kind == UA_EVENT_MESSAGE) {
		WRITER_LITERAL(w, ": \"");
		writer_slice(w, shown(event->text));
		writer_char(w, '"');
	}
}

bool report_is_event(struct slice name)
{
	static const char *const own[] = {
		"attached",	"attach-failed",   "rekeyed",	   "gateway-lost",
		"moved",	"channel-rekeyed", "channel-up",   "channel-moved",
		"channel-lost", "channel-refused", "channel-down",
	};

	for (unsigned kind = 0; kind < UA_EVENT_COUNT; kind++)
		if (slice_is_equal(name, ua_event_name((enum ua_event_kind)kind)))
			return true;
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		if (slice_is_equal(name, slice_make(own[i], strlen(own[i]))))
			return true;
	return false;
}

json_t *report_event(const char *name, const char *sentence)
{
	assert(report_is_event(slice_make(name, strlen(name))));
	json_t *report = json_object();

	json_object_set_new(report, "event", json_string(name));
	json_object_set_new(report, "text", report_string(slice_make(sentence, strlen(sentence))));
	return report;
}

static void set_slice(json_t *report, const char *key, struct slice value)
{
	if (value.len)
		json_object_set_new(report, key, report_string(value));
}

json_t *report_ua_event(const struct ua_event *event, const struct series_link *link,
			struct slice aor)
{
	char sentence[REPORT_TEXT_BYTES];
	struct writer w = writer_make(sentence, sizeof(sentence));
	bool has_party_key =
		event->kind != UA_EVENT_REGISTERED && event->kind != UA_EVENT_DEREGISTERED;
	json_t *report = json_object();
	size_t picture;

	write_sentence(event, &w);
	if (event->series) {
		WRITER_LITERAL(&w, ": ");
		picture = w.len;
		series_draw(event->series, event->is_by_us ? aor : event->party,
			    event->is_by_us ? event->party : aor, &w);
		json_object_set_new(report, "picture",
				    report_string(slice_make(w.at + picture, w.len - picture)));
	}
	json_object_set_new(report, "event", report_string(ua_event_name(event->kind)));
	json_object_set_new(report, "text", report_string(slice_make(w.at, w.len)));
	if (event->call)
		json_object_set_new(report, "call", json_integer(event->call));
	if (event->status)
		json_object_set_new(report, "status", json_integer(event->status));
	set_slice(report, "reason", event->reason);
	if (has_party_key)
		set_slice(report, event->is_by_us ? "to" : "from", event->party);
	if (event->kind == UA_EVENT_MESSAGE || event->kind == UA_EVENT_STRAY)
		set_slice(report, "message", event->text);
	if (event->kind == UA_EVENT_REGISTERED)
		json_object_set_new(report, "expires", json_integer(event->expires_s));
	if (event->kind == UA_EVENT_ENDED)
		json_object_set_new(report, "by", json_string(event->is_by_us ? "us" : "them"));
	if (event->series)
		json_object_set_new(report, "path", report_path(event, link, aor));
	return report;
}
