/* Requests of ours outside the call: REGISTER, MESSAGE, OPTIONS. */
#include "terminal/ua/answering.h"
#include "terminal/ua/sending.h"

enum result ua_message(struct ua *ua, uint64_t now_ms, struct slice to, struct slice text,
		       const struct ua_forgery *forgery)
{
	struct flow channel = {0};
	struct sending sending;
	enum result result;

	sending_begin(ua, &channel, &sending, SLICE("MESSAGE"));
	result = sending_address(&sending, to);
	if (result != RESULT_OK)
		return result;
	sending_forge(&sending, forgery);
	sending.request.content_type = SLICE("text/plain");
	sending.request.body = text;
	return sending_start(ua, now_ms, &sending, PURPOSE_REQUEST, TIMER_LIFE_MS, NULL);
}

enum result ua_options(struct ua *ua, uint64_t now_ms, struct slice to,
		       const struct ua_forgery *forgery)
{
	struct flow channel = {0};
	struct sending sending;
	enum result result;

	sending_begin(ua, &channel, &sending, SLICE("OPTIONS"));
	result = sending_address(&sending, to);
	if (result != RESULT_OK)
		return result;
	sending_forge(&sending, forgery);
	return sending_start(ua, now_ms, &sending, PURPOSE_REQUEST, TIMER_LIFE_MS, NULL);
}

enum result ua_keep_alive(struct ua *ua, uint64_t now_ms, uint64_t life_ms)
{
	struct flow channel = {0};
	struct sending sending;
	enum result result;

	sending_begin(ua, &channel, &sending, SLICE("OPTIONS"));
	result = sending_address(&sending, text_slice(&ua->domain));
	if (result != RESULT_OK)
		return result;
	return sending_start(ua, now_ms, &sending, PURPOSE_KEEP_ALIVE, life_ms, NULL);
}

void ua_gateway_leave(struct ua *ua)
{
	for (unsigned i = 0; i < CLIENT_TRANSACTIONS; i++) {
		struct client *client = &ua->outer.clients.at[i];

		if (client->state != CLIENT_FREE && (client->purpose == PURPOSE_KEEP_ALIVE ||
						     client->purpose == PURPOSE_REGISTER))
			client_end(client);
	}
}

/* Expires and the Contact that names this very terminal (RFC 5626 4.1). */
static void write_binding(const struct ua *ua, uint32_t expires_s, struct writer *w)
{
	WRITER_LITERAL(w, "Contact: ");
	sending_write_contact(ua, &(struct flow){.kind = FLOW_CHANNEL}, slice_make(NULL, 0), w);
	WRITER_LITERAL(w, ";+sip.instance=\"<");
	writer_slice(w, text_slice(&ua->instance));
	WRITER_LITERAL(w, ">\"\r\nExpires: ");
	writer_u32(w, expires_s);
	WRITER_LITERAL(w, "\r\n");
}

enum result ua_register(struct ua *ua, uint64_t now_ms, const struct ua_registration *r)
{
	char lines[LIMIT_CONTACT_BYTES + 512], uri[LIMIT_DOMAIN_BYTES + 4];
	struct writer binding = writer_make(lines, sizeof(lines));
	struct writer domain = writer_make(uri, sizeof(uri));
	struct flow channel = {0};
	struct sending sending;

	sending_begin(ua, &channel, &sending, SLICE("REGISTER"));
	WRITER_LITERAL(&domain, "sip:");
	writer_slice(&domain, text_slice(&ua->domain));
	write_binding(ua, r->expires_s, &binding);
	if (binding.is_full || domain.is_full)
		return RESULT_SPACE;
	sending.request.uri = slice_make(domain.at, domain.len);
	sending.request.to = text_slice(&ua->uri);
	sending.request.from_tag = r->from_tag;
	sending.request.call_id = r->call_id;
	sending.request.cseq = r->cseq;
	sending.request.route_security_lines = slice_make(NULL, 0);
	sending.request.extra_lines = slice_make(binding.at, binding.len);
	return sending_start(ua, now_ms, &sending,
			     r->expires_s ? PURPOSE_REGISTER : PURPOSE_DEREGISTER, TIMER_LIFE_MS,
			     NULL);
}
