#include "bench/pipeline/dialog.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/pipeline/terminals.h"

#define TEXT_BYTES 1600

const char *const dialog_message_name[DIALOG_MESSAGES] = {"INVITE", "200", "ACK", "MESSAGE", "BYE"};

static const char *const method[DIALOG_MESSAGES] = {
	[DIALOG_INVITE] = "INVITE",
	[DIALOG_ACK] = "ACK",
	[DIALOG_MESSAGE] = "MESSAGE",
	[DIALOG_BYE] = "BYE",
};

uint32_t dialog_sender(const struct dialog *dialog, enum dialog_message message)
{
	return message == DIALOG_OK ? dialog->callee : dialog->caller;
}

uint32_t dialog_receiver(const struct dialog *dialog, enum dialog_message message)
{
	return message == DIALOG_OK ? dialog->caller : dialog->callee;
}

static void host_write(const struct contract_address *address, char text[64])
{
	char plain[INET6_ADDRSTRLEN];

	inet_ntop(address->family == 6 ? AF_INET6 : AF_INET, address->bytes, plain, sizeof(plain));
	snprintf(text, 64, address->family == 6 ? "[%s]" : "%s", plain);
}

/* The lines of a header, CRLFs included, one after the other; the rest of the message is found. */
static size_t lines_copy(struct slice message, const char *name, char *out, size_t room)
{
	size_t length = 0, name_length = strlen(name);
	const char *at = message.at, *end = message.at + message.len;

	while (at < end) {
		const char *line_feed = memchr(at, '\n', (size_t)(end - at));
		size_t line;

		/* No bare line feed is in what we write or take for right. */
		if (!line_feed || line_feed < at + 2 || line_feed[-1] != '\r')
			break;
		line = (size_t)(line_feed + 1 - at);
		if (line > name_length && memcmp(at, name, name_length) == 0 &&
		    at[name_length] == ':' && length + line < room) {
			memcpy(out + length, at, line);
			length += line;
		}
		at += line;
	}
	out[length] = '\0';
	return length;
}

/* Ends the head with Content-Length and a body that brings it all to `bytes`. */
static bool finish(struct dialog *dialog, enum dialog_message message, char *text, size_t length,
		   uint32_t bytes)
{
	static const char shape[] = "Content-Length: %zu\r\n\r\n";
	size_t empty = length + sizeof("Content-Length: 100\r\n\r\n") - 1;
	size_t body = bytes > empty + 99 ? bytes - empty : 0;

	if (body > 999)
		body = bytes - empty - 1;
	length += (size_t)snprintf(text + length, TEXT_BYTES - length, shape, body);
	if (length + body > TEXT_BYTES)
		return false;
	memset(text + length, 'b', body);
	length += body;
	dialog->text[message] = malloc(length);
	if (!dialog->text[message])
		return false;
	memcpy(dialog->text[message], text, length);
	dialog->length[message] = (uint16_t)length;
	return true;
}

static bool response_write(struct dialog *dialog, uint32_t bytes, struct slice above)
{
	static const char *const copied[] = {"Via", "Record-Route", "Route-Security", "From"};
	char text[TEXT_BYTES] = "SIP/2.0 200 OK\r\n", to[256];
	size_t length = strlen(text);

	for (size_t i = 0; i < 4; i++)
		length += lines_copy(above, copied[i], text + length, TEXT_BYTES - length);
	if (lines_copy(above, "To", to, sizeof(to)) < 3)
		return false;
	to[strlen(to) - 2] = '\0';
	length += (size_t)snprintf(text + length, TEXT_BYTES - length, "%s;tag=callee\r\n", to);
	length += lines_copy(above, "Call-ID", text + length, TEXT_BYTES - length);
	length += lines_copy(above, "CSeq", text + length, TEXT_BYTES - length);
	length += (size_t)snprintf(text + length, TEXT_BYTES - length,
				   "Contact: <sip:t%u@c.bench.example>\r\n", dialog->callee);
	return finish(dialog, DIALOG_OK, text, length, bytes);
}

static bool request_write(struct dialog *dialog, enum dialog_message message, uint8_t family,
			  uint32_t bytes, struct slice above)
{
	struct contract_address own = bench_terminal_address(family, dialog->caller);
	bool is_inside = message == DIALOG_ACK || message == DIALOG_BYE;
	char text[TEXT_BYTES], host[64], route[400] = "";
	size_t length;

	host_write(&own, host);
	/* The Record-Route of the 200 becomes the Route: the same entry under another name. */
	if (is_inside && lines_copy(above, "Record-Route", route, sizeof(route)) == 0)
		return false;
	length = (size_t)snprintf(
		text, sizeof(text),
		"%s sip:t%u@%sbench.example SIP/2.0\r\n"
		"Via: SIP/2.0/UDP %s:5060;branch=z9hG4bK%s%u;rport\r\n"
		"Max-Forwards: 70\r\n%s"
		"Route-Security: %s;level=%u\r\n"
		"From: <sip:t%u@bench.example>;tag=caller\r\n"
		"To: <sip:t%u@bench.example>%s\r\n"
		"Call-ID: bench-%u-%u\r\n"
		"CSeq: %u %s\r\n"
		"%s%s%s",
		method[message], dialog->callee, is_inside ? "c." : "", host, method[message],
		dialog->caller, is_inside ? route + strlen("Record-") : "", host, dialog->level, dialog->caller,
		dialog->callee, is_inside ? ";tag=callee" : "", dialog->caller, dialog->callee,
		message == DIALOG_BYE ? 2u : 1u, method[message],
		message == DIALOG_INVITE ? "Contact: <sip:t@" : "",
		message == DIALOG_INVITE ? host : "", message == DIALOG_INVITE ? ":5060>\r\n" : "");
	if (length >= sizeof(text))
		return false;
	length += (size_t)snprintf(text + length, sizeof(text) - length,
				   "User-Agent: bench\r\nSupported: timer, 100rel\r\n"
				   "Content-Type: text/plain\r\n");
	return finish(dialog, message, text, length, bytes);
}

bool dialog_write(struct dialog *dialog, enum dialog_message message, uint8_t family,
		  uint32_t bytes, struct slice above)
{
	return message == DIALOG_OK ? response_write(dialog, bytes, above)
				    : request_write(dialog, message, family, bytes, above);
}

static bool has_same(struct slice in, struct slice out, const char *name)
{
	char before[512], after[512];

	lines_copy(in, name, before, sizeof(before));
	lines_copy(out, name, after, sizeof(after));
	return before[0] && strcmp(before, after) == 0;
}

static unsigned line_count(struct slice message, const char *name)
{
	char lines[TEXT_BYTES];
	unsigned count = 0;

	lines_copy(message, name, lines, sizeof(lines));
	for (const char *at = lines; (at = strstr(at, "\r\n")) != NULL; at += 2)
		count++;
	return count;
}

static struct slice body_of(struct slice message)
{
	const char *at = memmem(message.at, message.len, "\r\n\r\n", 4);

	return at ? slice_make(at, message.len - (size_t)(at - message.at)) : slice_make("", 0);
}

static bool has_series(const struct dialog *dialog, uint8_t family, struct slice out)
{
	struct contract_address gateway = bench_gateway_address(family);
	struct contract_address caller = bench_terminal_address(family, dialog->caller);
	char expected[256], found[512], host[2][64];

	host_write(&gateway, host[0]);
	host_write(&caller, host[1]);
	snprintf(expected, sizeof(expected),
		 "Route-Security: %s;level=%u\r\nRoute-Security: %s;level=%u\r\n", host[0],
		 dialog->level, host[1], dialog->level);
	lines_copy(out, "Route-Security", found, sizeof(found));
	return strcmp(expected, found) == 0;
}

static bool has_start(const struct dialog *dialog, enum dialog_message message, struct slice out)
{
	char start[128];

	if (message == DIALOG_OK)
		snprintf(start, sizeof(start), "SIP/2.0 200 OK\r\n");
	else
		snprintf(start, sizeof(start), "%s sip:t%u@c.bench.example SIP/2.0\r\n",
			 method[message], dialog->callee);
	return out.len > strlen(start) && memcmp(out.at, start, strlen(start)) == 0;
}

const char *dialog_complaint(const struct dialog *dialog, enum dialog_message message,
			     uint8_t family, struct slice out)
{
	static const char *const kept[] = {"From", "To", "Call-ID", "CSeq"};
	struct slice in = slice_make(dialog->text[message], dialog->length[message]);

	if (!has_start(dialog, message, out))
		return "the start line is not what it must be";
	if (line_count(out, "Via") != (message == DIALOG_OK ? 1 : 2))
		return "there is a Via too many or too few";
	if (!has_series(dialog, family, out))
		return "the series is not gateway, caller";
	if (line_count(out, "Record-Route") != (message == DIALOG_INVITE || message == DIALOG_OK))
		return "Record-Route is not where it belongs";
	if (line_count(out, "Route") != 0)
		return "the gateway's Route entry is still there";
	for (size_t i = 0; i < 4; i++)
		if (!has_same(in, out, kept[i]))
			return kept[i];
	return slice_is_equal(body_of(in), body_of(out)) ? NULL : "the body has changed";
}

void dialog_free(struct dialog *dialog)
{
	for (int i = 0; i < DIALOG_MESSAGES; i++)
		free(dialog->text[i]);
}
