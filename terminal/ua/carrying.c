#include "terminal/ua/carrying.h"

#include "shared/sip/chars.h"
#include "terminal/ua/answering.h"
#include "terminal/ua/body.h"

/* What each leg has of its own, or the agent writes anew, or nobody else is to see. */
static bool is_own(enum sip_header header)
{
	switch (header) {
	case SIP_HEADER_VIA:
	case SIP_HEADER_ROUTE:
	case SIP_HEADER_RECORD_ROUTE:
	case SIP_HEADER_ROUTE_SECURITY:
	case SIP_HEADER_MAX_FORWARDS:
	case SIP_HEADER_FROM:
	case SIP_HEADER_TO:
	case SIP_HEADER_CALL_ID:
	case SIP_HEADER_CSEQ:
	case SIP_HEADER_CONTACT:
	case SIP_HEADER_CONTENT_TYPE:
	case SIP_HEADER_CONTENT_LENGTH:
	case SIP_HEADER_AUTHORIZATION:
	case SIP_HEADER_PROXY_AUTHORIZATION:
	case SIP_HEADER_PROXY_REQUIRE:
	case SIP_HEADER_PATH:
	case SIP_HEADER_SERVICE_ROUTE:
	case SIP_HEADER_SECURITY_CLIENT:
	case SIP_HEADER_SECURITY_COOKIE:
	case SIP_HEADER_SECURITY_SERVER:
	case SIP_HEADER_SECURITY_VERIFY:
	case SIP_HEADER_REMOTE_PARTY_ID:
	case SIP_HEADER_P_ASSERTED_IDENTITY:
	case SIP_HEADER_P_PREFERRED_IDENTITY:
	case SIP_HEADER_RACK: /* carry_request writes it */
		return true;
	default:
		return false;
	}
}

/* Only our own agent says how a message came. */
static bool is_forged(struct slice name)
{
	return slice_is_equal_nocase(name, SLICE("Sekisho-Path")) ||
	       slice_is_equal_nocase(name, SLICE("Sekisho-Fault"));
}

void carry_lines(const struct sip_message *message, struct writer *w)
{
	/* Where a redirection leads is for the one who asked to know. */
	bool is_redirection = !message->is_request && message->status / 100 == 3;

	for (unsigned i = 0; i < message->line_count; i++) {
		enum sip_header header = message->lines[i].id;

		if (is_own(header) && !(is_redirection && header == SIP_HEADER_CONTACT))
			continue;
		if (header == SIP_HEADER_OTHER && is_forged(sip_message_line_name(message, i)))
			continue;
		writer_slice(w, sip_message_line(message, i));
	}
}

void carried_make(const struct ua *ua, const struct sip_message *message,
		  const struct judgement *judgement, struct slice party, bool is_ours,
		  struct carried *out)
{
	out->lines = writer_make(out->buffer, sizeof(out->buffer));
	if (judgement)
		judgement_write(ua, judgement, party, is_ours, &out->lines);
	carry_lines(message, &out->lines);
}

void carry_origin(const struct sip_message *message, struct request *out)
{
	out->from_display = message->from.display;
	if (message->has_max_forwards && message->max_forwards)
		out->max_forwards = (uint8_t)(message->max_forwards - 1);
}

static bool is_forming_dialog(const struct sip_message *response)
{
	return response->status > 100 && response->status < 300 &&
	       (response->method == SIP_METHOD_INVITE || response->method == SIP_METHOD_UPDATE);
}

bool carry_response(struct ua *ua, uint64_t now_ms, struct call *call, enum ua_way way,
		    struct server *server, const struct sip_message *response,
		    const struct judgement *judgement, struct slice lines)
{
	struct carried carried;
	struct body body;
	struct answering answering = {
		.status = response->status,
		.reason = response->reason,
		.to_tag = response->to.tag,
		.is_forming_dialog = is_forming_dialog(response),
		.party = response->to.uri.text,
	};

	/* A request's answer comes back against its way. */
	carried_make(ua, response, way == UA_OUTWARD ? judgement : NULL, response->to.uri.text,
		     true, &carried);
	/* What is wrong with the path, in the one header that every client knows for it (20.43). */
	if (way == UA_OUTWARD && judgement && judgement->sentence.len)
		ua_write_warning(ua, &server->flow, judgement->sentence, &carried.lines);
	if (call)
		answering.party = text_slice(&call->party);
	if (carried.lines.is_full ||
	    !body_carry(ua, call, way == UA_OUTWARD ? UA_INWARD : UA_OUTWARD, response, lines,
			&body))
		return false;
	answering.lines = slice_make(carried.lines.at, carried.lines.len);
	answering.content_type = body.type;
	answering.body = body.bytes;
	ua_respond(ua, server, now_ms, &answering);
	return true;
}

/*
 * "1 8 INVITE": the second number is that of our INVITE, which runs ahead of the client's by what
 * we asked on our own.
 */
static void write_rack(struct slice value, uint32_t ahead, struct writer *w)
{
	const char *first = memchr(value.at, ' ', value.len);
	const char *end = value.at + value.len;
	const char *second = first ? memchr(first + 1, ' ', (size_t)(end - first - 1)) : NULL;
	uint32_t number;

	if (!second || !sip_number_parse(slice_make(first + 1, (size_t)(second - first - 1)),
					 UINT32_MAX - ahead, &number)) {
		writer_slice(w, value);
		return;
	}
	writer_bytes(w, value.at, (size_t)(first + 1 - value.at));
	writer_u32(w, number + ahead);
	writer_bytes(w, second, (size_t)(end - second));
}

static void carry_rack(const struct sip_message *request, uint32_t ahead, struct writer *w)
{
	if (!sip_message_has(request, SIP_HEADER_RACK))
		return;
	WRITER_LITERAL(w, "RAck: ");
	write_rack(sip_message_value(request, SIP_HEADER_RACK), ahead, w);
	WRITER_LITERAL(w, "\r\n");
}

/* Those that refresh where the dialog's requests go (12.2, RFC 3311, RFC 6665). */
static bool has_contact(enum sip_method method)
{
	return method == SIP_METHOD_UPDATE || method == SIP_METHOD_SUBSCRIBE ||
	       method == SIP_METHOD_NOTIFY || method == SIP_METHOD_REFER;
}

enum result carry_request(struct ua *ua, uint64_t now_ms, struct call *call, enum ua_way way,
			  struct server *server, const struct sip_message *request,
			  const struct judgement *judgement)
{
	struct dialog *dialog = way == UA_OUTWARD ? &call->outer : &call->inner;
	struct flow channel = {0};
	struct sending sending;
	struct carried carried;
	struct body body;
	struct client *client;
	enum result result;

	if (!body_carry(ua, call, way, request, slice_make(NULL, 0), &body))
		return RESULT_BAD;
	sending_begin(ua, way == UA_OUTWARD ? &channel : &call->phone, &sending,
		      request->method_name);
	dialog->local_cseq = request->cseq.number + dialog->cseq_shift;
	dialog_fill(dialog, request->method_name, dialog->local_cseq, &sending.request);
	carry_origin(request, &sending.request);
	if (has_contact(request->method))
		sending_add_contact(ua, &sending, text_slice(&call->party));
	carried_make(ua, request, judgement, text_slice(&call->party), false, &carried);
	carry_rack(request, dialog->cseq_shift, &carried.lines);
	if (carried.lines.is_full)
		return RESULT_SPACE;
	sending.request.extra_lines = slice_make(carried.lines.at, carried.lines.len);
	sending.request.content_type = body.type;
	sending.request.body = body.bytes;
	result = sending_start(ua, now_ms, &sending, PURPOSE_CARRIED, TIMER_LIFE_MS, &client);
	if (result != RESULT_OK)
		return result;
	client->call = call_index(ua, call) + 1;
	client->asked_by = server->number;
	return RESULT_OK;
}

struct server *carrying_server(struct ua *ua, const struct client *client)
{
	struct side *asking = flow_is_local(&client->flow) ? &ua->outer : &ua->inner;

	return servers_get(&asking->servers, client->asked_by);
}
