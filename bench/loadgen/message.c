#include "bench/loadgen/message.h"

#include <string.h>

#include "bench/loadgen/lines.h"

static const struct slice method_name[MESSAGE_KINDS] = {
	[MESSAGE_MESSAGE] = {"MESSAGE", 7},   [MESSAGE_INVITE] = {"INVITE", 6},
	[MESSAGE_ACK] = {"ACK", 3},	      [MESSAGE_BYE] = {"BYE", 3},
	[MESSAGE_REGISTER] = {"REGISTER", 8}, [MESSAGE_SPOOFED] = {"MESSAGE", 7},
	[MESSAGE_SCANNER] = {"OPTIONS", 7},
};

static void hex8_write(uint32_t value, char at[8])
{
	for (int i = 0; i < 8; i++)
		at[i] = "0123456789abcdef"[value >> (28 - 4 * i) & 15];
}

static void id_make(const struct message_style *style, const struct message_parties *parties,
		    char id[MESSAGE_ID_CHARS])
{
	hex8_write(style->job, id);
	hex8_write(parties->index, id + 8);
}

static bool hex8_read(const char *at, uint32_t *value)
{
	*value = 0;
	for (int i = 0; i < 8; i++) {
		int digit = at[i] >= '0' && at[i] <= '9'   ? at[i] - '0'
			    : at[i] >= 'a' && at[i] <= 'f' ? at[i] - 'a' + 10
							   : -1;

		if (digit < 0)
			return false;
		*value = *value << 4 | (uint32_t)digit;
	}
	return true;
}

bool message_id_read(struct slice call_id, uint32_t *job, uint32_t *index)
{
	return call_id.len == MESSAGE_ID_CHARS && hex8_read(call_id.at, job) &&
	       hex8_read(call_id.at + 8, index);
}

/* "tN@DOMAIN". */
static void name_write(const struct message_style *style, uint32_t terminal, struct writer *w)
{
	const char *domain = style->terminals->statics.domain;

	writer_char(w, 't');
	writer_u32(w, terminal);
	writer_char(w, '@');
	writer_bytes(w, domain, strlen(domain));
}

/* "tN@HOST:5060". */
static void place_write(const struct message_style *style, uint32_t terminal, struct writer *w)
{
	char host[TERMINAL_HOST_BYTES];
	size_t length = terminal_host_write(style->terminals, terminal, host);

	writer_char(w, 't');
	writer_u32(w, terminal);
	writer_char(w, '@');
	writer_bytes(w, host, length);
	WRITER_LITERAL(w, ":5060");
}

static bool is_in_dialog(enum message_kind kind)
{
	return kind == MESSAGE_ACK || kind == MESSAGE_BYE;
}

static void start_write(const struct message_style *style, enum message_kind kind,
			const struct message_parties *parties, struct writer *w)
{
	const char *domain = style->terminals->statics.domain;

	writer_slice(w, method_name[kind]);
	WRITER_LITERAL(w, " sip:");
	if (kind == MESSAGE_REGISTER)
		writer_bytes(w, domain, strlen(domain));
	else if (is_in_dialog(kind) || style->is_direct)
		place_write(style, parties->callee, w);
	else
		name_write(style, parties->callee, w);
	WRITER_LITERAL(w, " SIP/2.0\r\n");
}

struct slice message_level(const struct message_style *style)
{
	return style->terminals->statics.is_secure ? SLICE(";level=3\r\n")
						   : SLICE(";level=0\r\n");
}

/* Via, Max-Forwards, Route, Route-Security: what a gateway looks at first. */
static void top_write(const struct message_style *style, enum message_kind kind,
		      const struct message_parties *parties, const char *id, struct slice route,
		      struct writer *w)
{
	char host[TERMINAL_HOST_BYTES];
	size_t length = terminal_host_write(style->terminals, parties->caller, host);

	WRITER_LITERAL(w, "Via: SIP/2.0/UDP ");
	writer_bytes(w, host, length);
	WRITER_LITERAL(w, ":5060;branch=z9hG4bK");
	writer_bytes(w, id, MESSAGE_ID_CHARS);
	writer_char(w, (char)('a' + kind));
	WRITER_LITERAL(w, ";rport\r\nMax-Forwards: 70\r\n");
	writer_slice(w, route);
	if (style->is_marked && kind != MESSAGE_REGISTER && kind != MESSAGE_SCANNER) {
		WRITER_LITERAL(w, "Route-Security: ");
		writer_bytes(w, host, length);
		writer_slice(w, message_level(style));
	}
}

/* From, To, Call-ID, CSeq: what nobody may change. */
static void dialog_write(const struct message_style *style, enum message_kind kind,
			 const struct message_parties *parties, const char *id, struct writer *w)
{
	/* A spoofer takes the name of the next terminal. */
	uint32_t from = kind == MESSAGE_SPOOFED
				? parties->caller % style->terminals->statics.count + 1
				: parties->caller;

	WRITER_LITERAL(w, "From: <sip:");
	name_write(style, from, w);
	WRITER_LITERAL(w, ">;tag=");
	writer_bytes(w, id, MESSAGE_ID_CHARS);
	WRITER_LITERAL(w, "\r\nTo: <sip:");
	name_write(style, kind == MESSAGE_REGISTER ? parties->caller : parties->callee, w);
	writer_char(w, '>');
	if (is_in_dialog(kind)) {
		WRITER_LITERAL(w, ";tag=callee");
		writer_bytes(w, id, MESSAGE_ID_CHARS);
	}
	WRITER_LITERAL(w, "\r\nCall-ID: ");
	writer_bytes(w, id, MESSAGE_ID_CHARS);
	WRITER_LITERAL(w, "\r\nCSeq: ");
	writer_char(w, kind == MESSAGE_BYE ? '2' : '1');
	writer_char(w, ' ');
	writer_slice(w, method_name[kind]);
	WRITER_LITERAL(w, "\r\n");
}

/* Content-Length in four digits, leading zeros being legal, and a body that fills up to bytes. */
static void body_write(const struct message_style *style, bool is_filled, struct writer *w)
{
	static const size_t line = sizeof("Content-Length: 0000\r\n\r\n") - 1;
	size_t body = 0;
	char digits[4];

	if (is_filled && style->bytes > w->len + line)
		body = style->bytes - w->len - line;
	if (body > MESSAGE_BODY_MAX)
		body = MESSAGE_BODY_MAX;
	for (int i = 3, left = (int)body; i >= 0; i--, left /= 10)
		digits[i] = (char)('0' + left % 10);
	WRITER_LITERAL(w, "Content-Length: ");
	writer_bytes(w, digits, sizeof(digits));
	WRITER_LITERAL(w, "\r\n\r\n");
	if (body <= w->cap - w->len && !w->is_full)
		memset(w->at + w->len, 'b', body), w->len += body;
	else
		w->is_full = true;
}

enum result message_request_write(const struct message_style *style, enum message_kind kind,
				  const struct message_parties *parties, struct slice route,
				  struct writer *w)
{
	char id[MESSAGE_ID_CHARS];
	bool is_filled = kind == MESSAGE_MESSAGE || kind == MESSAGE_INVITE ||
			 kind == MESSAGE_SPOOFED;

	id_make(style, parties, id);
	start_write(style, kind, parties, w);
	top_write(style, kind, parties, id, route, w);
	dialog_write(style, kind, parties, id, w);
	if (kind == MESSAGE_INVITE || kind == MESSAGE_REGISTER) {
		WRITER_LITERAL(w, "Contact: <sip:");
		place_write(style, parties->caller, w);
		WRITER_LITERAL(w, ">\r\n");
	}
	if (kind == MESSAGE_REGISTER)
		WRITER_LITERAL(w, "Expires: 3600\r\n");
	if (kind == MESSAGE_SCANNER)
		WRITER_LITERAL(w, "User-Agent: friendly-scanner\r\n");
	else
		WRITER_LITERAL(w, "User-Agent: sekisho-loadgen\r\nSupported: timer, 100rel\r\n");
	if (is_filled)
		WRITER_LITERAL(w, "Content-Type: text/plain\r\n");
	body_write(style, is_filled, w);
	return w->is_full ? RESULT_SPACE : RESULT_OK;
}

/* One header line of the request as the response has it; what it is not to have is left out. */
static void line_echo(struct slice line, const char *id, struct writer *w)
{
	static const struct slice copied[] = {{"Via: ", 5},	{"Record-Route: ", 14},
					      {"Route-Security: ", 16}, {"From: ", 6},
					      {"Call-ID: ", 9}, {"CSeq: ", 6}};

	for (size_t i = 0; i < sizeof(copied) / sizeof(copied[0]); i++)
		if (line_begins(line, copied[i])) {
			writer_slice(w, line);
			return;
		}
	if (!line_begins(line, SLICE("To: ")))
		return;
	writer_bytes(w, line.at, line.len - 2);
	if (!memmem(line.at, line.len, ";tag=", 5)) {
		WRITER_LITERAL(w, ";tag=callee");
		writer_bytes(w, id, MESSAGE_ID_CHARS);
	}
	WRITER_LITERAL(w, "\r\n");
}

/* The proxy's Via; some put their Record-Route above it. */
static struct slice top_via(struct slice request)
{
	struct slice line;

	while (line_take(&request, &line) && !line_is_end(line))
		if (line_begins(line, SLICE("Via: ")))
			return line;
	return slice_make("", 0);
}

enum result message_ok_write(const struct message_style *style,
			     const struct message_parties *parties, struct slice request,
			     struct writer *w, size_t *rest)
{
	struct slice top = top_via(request), line;
	char id[MESSAGE_ID_CHARS];

	id_make(style, parties, id);
	if (top.len == 0 || !line_take(&request, &line))
		return RESULT_BAD;
	WRITER_LITERAL(w, "SIP/2.0 200 OK\r\n");
	writer_slice(w, top);
	*rest = w->len;
	while (line_take(&request, &line) && !line_is_end(line))
		if (line.at != top.at)
			line_echo(line, id, w);
	WRITER_LITERAL(w, "Contact: <sip:");
	place_write(style, parties->callee, w);
	WRITER_LITERAL(w, ">\r\nUser-Agent: sekisho-loadgen\r\nContent-Length: 0\r\n\r\n");
	return w->is_full ? RESULT_SPACE : RESULT_OK;
}

/* There is one proxy here, so there is one entry and its order is not to be turned round. */
enum result message_route_write(struct slice response, struct writer *w)
{
	struct slice line;

	while (line_take(&response, &line) && !line_is_end(line))
		if (line_begins(line, SLICE("Record-Route: "))) {
			writer_bytes(w, line.at + 7, line.len - 7);
			return w->is_full ? RESULT_SPACE : RESULT_OK;
		}
	return RESULT_BAD;
}
