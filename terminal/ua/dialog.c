#include "terminal/ua/dialog.h"

#include "shared/sip/entries.h"

static void write_route(struct slice entry, struct writer *w)
{
	WRITER_LITERAL(w, "Route: ");
	writer_slice(w, entry);
	WRITER_LITERAL(w, "\r\n");
}

void dialog_write_callee_routes(const struct sip_message *request, struct writer *w)
{
	struct sip_entries entries = sip_entries_begin(request, SIP_HEADER_RECORD_ROUTE);
	struct sip_entry entry;

	while (sip_entries_next(&entries, &entry))
		write_route(entry.text, w);
}

void dialog_write_caller_routes(const struct sip_message *response, struct writer *w)
{
	unsigned count = sip_entries_count(response, SIP_HEADER_RECORD_ROUTE);

	for (unsigned wanted = count; wanted-- > 0;) {
		struct sip_entries entries = sip_entries_begin(response, SIP_HEADER_RECORD_ROUTE);
		struct sip_entry entry;

		for (unsigned i = 0; sip_entries_next(&entries, &entry); i++)
			if (i == wanted)
				write_route(entry.text, w);
	}
}

static enum result set_routes(struct dialog *dialog, const struct sip_message *message,
			      void (*write)(const struct sip_message *, struct writer *))
{
	char buffer[LIMIT_SIP_MESSAGE_BYTES];
	struct writer w = writer_make(buffer, sizeof(buffer));
	struct slice lines;
	enum result result;

	write(message, &w);
	result = writer_finish(&w, &lines);
	return result == RESULT_OK ? text_set(&dialog->route_lines, lines) : result;
}

enum result dialog_take_target(struct dialog *dialog, const struct sip_message *message)
{
	struct sip_name_addr contact;
	struct sip_uri uri;

	if (sip_name_addr_parse(sip_message_value(message, SIP_HEADER_CONTACT), &contact) !=
		    RESULT_OK ||
	    sip_uri_parse(contact.uri, &uri) != RESULT_OK || uri.headers.len ||
	    (uri.scheme != SIP_SCHEME_SIP && uri.scheme != SIP_SCHEME_SIPS))
		return RESULT_BAD;
	return text_set(&dialog->target, contact.uri);
}

static enum result set_parties(struct dialog *dialog, const struct sip_message *message,
			       const struct sip_party *local, const struct sip_party *remote)
{
	const struct {
		struct text *text;
		struct slice value;
	} fields[] = {
		{&dialog->call_id, message->call_id}, {&dialog->local_uri, local->uri.text},
		{&dialog->local_tag, local->tag},     {&dialog->remote_uri, remote->uri.text},
		{&dialog->remote_tag, remote->tag},
	};

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (text_set(fields[i].text, fields[i].value) != RESULT_OK)
			return RESULT_MEMORY;
	return dialog_take_target(dialog, message);
}

enum result dialog_from_response(struct dialog *dialog, const struct sip_message *response)
{
	enum result result;

	if (response->to.tag.len == 0)
		return RESULT_BAD;
	result = set_parties(dialog, response, &response->from, &response->to);
	if (result != RESULT_OK)
		return result;
	dialog->is_caller = true;
	/* A PRACK or UPDATE may have come between two responses. */
	if (dialog->local_cseq < response->cseq.number)
		dialog->local_cseq = response->cseq.number;
	return set_routes(dialog, response, dialog_write_caller_routes);
}

enum result dialog_from_request(struct dialog *dialog, const struct sip_message *request,
				struct slice local_tag)
{
	struct sip_party local = request->to;
	enum result result;

	local.tag = local_tag;
	result = set_parties(dialog, request, &local, &request->from);
	if (result != RESULT_OK)
		return result;
	dialog->remote_cseq = request->cseq.number;
	return set_routes(dialog, request, dialog_write_callee_routes);
}

void dialog_clear(struct dialog *dialog)
{
	text_clear(&dialog->call_id);
	text_clear(&dialog->local_uri);
	text_clear(&dialog->local_tag);
	text_clear(&dialog->remote_uri);
	text_clear(&dialog->remote_tag);
	text_clear(&dialog->target);
	text_clear(&dialog->route_lines);
	*dialog = (struct dialog){0};
}

static bool has_tags(const struct dialog *dialog, const struct sip_message *message,
		     struct slice local, struct slice remote)
{
	return dialog_is_live(dialog) &&
	       slice_is_equal(text_slice(&dialog->call_id), message->call_id) &&
	       slice_is_equal(text_slice(&dialog->local_tag), local) &&
	       slice_is_equal(text_slice(&dialog->remote_tag), remote);
}

bool dialog_has_request(const struct dialog *dialog, const struct sip_message *request)
{
	return has_tags(dialog, request, request->to.tag, request->from.tag);
}

bool dialog_has_response(const struct dialog *dialog, const struct sip_message *response)
{
	return has_tags(dialog, response, response->from.tag, response->to.tag);
}

void dialog_fill(const struct dialog *dialog, struct slice method, uint32_t cseq,
		 struct request *out)
{
	out->method = method;
	out->uri = text_slice(&dialog->target);
	out->route_lines = text_slice(&dialog->route_lines);
	out->from = text_slice(&dialog->local_uri);
	out->from_tag = text_slice(&dialog->local_tag);
	out->to = text_slice(&dialog->remote_uri);
	out->to_tag = text_slice(&dialog->remote_tag);
	out->call_id = text_slice(&dialog->call_id);
	out->cseq = cseq;
}
