#include "controlplane/cdr/record.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "shared/sip/host.h"
#include "shared/writer.h"

static const char *event_name(uint16_t kind)
{
	switch (kind) {
	case CONTRACT_EVENT_DIALOG_START:
		return "start";
	case CONTRACT_EVENT_DIALOG_END:
		return "end";
	case CONTRACT_EVENT_SENDER_MISMATCH:
		return "refused-sender";
	case CONTRACT_EVENT_ROUTE_SECURITY:
		return "refused-route-security";
	case CONTRACT_EVENT_REFUSED:
		return "refused";
	case CONTRACT_EVENT_RESPONSE_SERIES:
		return "refused-response";
	default:
		return NULL;
	}
}

bool cdr_is_recorded(const struct contract_event *event)
{
	return event_name(event->kind) != NULL;
}

/* "2026-11-27T05:14:18.123Z" */
static json_t *time_json(uint64_t time_ms)
{
	time_t seconds = (time_t)(time_ms / 1000);
	char text[64];
	struct tm parts;
	size_t length;

	gmtime_r(&seconds, &parts);
	length = strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &parts);
	snprintf(text + length, sizeof(text) - length, ".%03uZ", (unsigned)(time_ms % 1000));
	return json_string(text);
}

/* Bytes from the wire: where they are no UTF-8, those that are not ASCII are shown as "?". */
static json_t *text_json(const char *text)
{
	json_t *json = json_string(text);
	char plain[LIMIT_AOR_BYTES + 1];
	size_t i;

	if (json != NULL)
		return json;
	for (i = 0; text[i] != '\0' && i < sizeof(plain) - 1; i++)
		plain[i] = (unsigned char)text[i] < 0x80 ? text[i] : '?';
	plain[i] = '\0';
	return json_string(plain);
}

static json_t *address_json(const struct contract_address *from)
{
	struct sip_address address = {.family = from->family, .port = from->port};
	char text[SIP_ADDRESS_PORT_CHARS + 1];
	struct writer w = writer_make(text, sizeof(text));

	memcpy(address.bytes, from->bytes, sizeof(address.bytes));
	sip_address_write(&address, &w);
	return json_stringn(w.at, w.len);
}

static json_t *leg_json(const struct contract_leg *leg, cdr_peer_name *peer_name, const void *ctx)
{
	const char *name;

	switch ((enum contract_leg_kind)leg->kind) {
	case CONTRACT_LEG_TERMINAL:
		return json_pack("{s:s,s:i,s:I,s:i,s:o}", "kind", "terminal", "level",
				 (int)leg->level, "binding", (json_int_t)leg->index, "generation",
				 (int)leg->generation, "address", address_json(&leg->address));
	case CONTRACT_LEG_PEER:
		name = peer_name(ctx, leg->index);
		return json_pack("{s:s,s:i,s:s}", "kind", "peer", "level", (int)leg->level, "name",
				 name != NULL ? name : "gone");
	case CONTRACT_LEG_CLEAR:
		return json_pack("{s:s,s:i,s:o}", "kind", "clear", "level", (int)leg->level,
				 "address", address_json(&leg->address));
	case CONTRACT_LEG_SELF:
		return json_pack("{s:s}", "kind", "gateway");
	case CONTRACT_LEG_NONE:
		break;
	}
	return json_null();
}

static size_t line_write(json_t *json, char line[CDR_LINE_BYTES])
{
	size_t length = 0;

	if (json != NULL) {
		length = json_dumpb(json, line, CDR_LINE_BYTES - 1, JSON_COMPACT);
		if (length > CDR_LINE_BYTES - 1)
			length = 0;
	}
	json_decref(json);
	if (length > 0)
		line[length++] = '\n';
	return length;
}

size_t cdr_record_write(const struct contract_event *event, cdr_peer_name *peer_name,
			const void *ctx, char line[CDR_LINE_BYTES])
{
	json_t *json =
		json_pack("{s:o,s:s,s:o,s:o,s:o,s:o,s:i,s:o,s:o}", "time",
			  time_json(event->time_ms), "event", event_name(event->kind), "method",
			  text_json(event->method), "caller", text_json(event->caller), "callee",
			  text_json(event->callee), "call_id", text_json(event->call_id), "status",
			  (int)event->status, "came_by", leg_json(&event->came_by, peer_name, ctx),
			  "goes_to", leg_json(&event->goes_to, peer_name, ctx));

	if (json != NULL && event->claimed[0] != '\0')
		json_object_set_new(json, "claimed", text_json(event->claimed));
	return line_write(json, line);
}

size_t cdr_ended_write(uint64_t time_ms, const struct contract_sa *sa, const char *reason,
		       char line[CDR_LINE_BYTES])
{
	return line_write(json_pack("{s:o,s:s,s:o,s:o,s:i,s:i,s:s}", "time", time_json(time_ms),
				    "event", "sa-ended", "subscriber", text_json(sa->subscriber),
				    "address", address_json(&sa->inner_remote), "sa",
				    (int)sa->index, "generation", (int)sa->generation, "reason",
				    reason),
			  line);
}

size_t cdr_loss_write(uint64_t time_ms, const char *where, uint64_t count,
		      char line[CDR_LINE_BYTES])
{
	return line_write(json_pack("{s:o,s:s,s:s,s:I}", "time", time_json(time_ms), "event",
				    "lost", "where", where, "count", (json_int_t)count),
			  line);
}
