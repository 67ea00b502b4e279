#include "bench/loadgen/check.h"

#include <rte_hash_crc.h>
#include <stdio.h>
#include <string.h>

#include "bench/loadgen/lines.h"

/* What a proxy has put in so far. */
struct additions {
	unsigned vias, record_routes, marks;
};

static bool begins_with_gateway(const struct check *check, struct slice line, size_t skip)
{
	const char *host = check->style->terminals->gateway_host;

	return line.len > skip + strlen(host) &&
	       memcmp(line.at + skip, host, strlen(host)) == 0;
}

/* The gateway's entry, at the level of the link it sent it over. Newest on top: right above the
 * sender's. */
static bool is_mark(const struct check *check, struct slice line, struct slice sent)
{
	struct slice level = message_level(check->style);

	return line_begins(sent, SLICE("Route-Security: ")) && line.len >= level.len &&
	       memcmp(line.at + line.len - level.len, level.at, level.len) == 0;
}

/* A line that is not in the text as sent: one that a proxy adds, where it may? */
static bool is_addition(const struct check *check, struct slice line, struct slice sent,
			struct additions *added)
{
	if (line_begins(line, SLICE("Via: SIP/2.0/UDP ")) && begins_with_gateway(check, line, 17)) {
		added->vias++;
		return check->proxy != CHECK_SEKISHO || memmem(line.at, line.len, ";sk=", 4);
	}
	if (line_begins(line, SLICE("Record-Route: <sip:"))) {
		added->record_routes++;
		return true;
	}
	if (line_begins(line, SLICE("Route-Security: ")) && begins_with_gateway(check, line, 16)) {
		added->marks++;
		return is_mark(check, line, sent);
	}
	return false;
}

/* Our Via, where the packet really came from being added; in what order parameters stand is the
 * proxy's affair. */
static bool is_stamped(struct slice sent, struct slice line)
{
	static const struct slice asks = {";rport\r\n", 8};
	const char *branch = memchr(sent.at, ';', sent.len);
	size_t by = branch ? (size_t)(branch - sent.at) : 0;

	return by > 0 && sent.len > by + asks.len && line.len > sent.len &&
	       memcmp(line.at, sent.at, by) == 0 &&
	       memmem(line.at + by, line.len - by, branch, sent.len - by - asks.len) &&
	       memmem(line.at + by, line.len - by, ";rport=5060", 11);
}

/* A line that a proxy changes. */
static bool is_change(struct slice sent, struct slice line)
{
	if (line_begins(sent, SLICE("Max-Forwards: 70")))
		return line_begins(line, SLICE("Max-Forwards: 69")) && line.len == sent.len;
	return line_begins(sent, SLICE("Via: ")) && is_stamped(sent, line);
}

/* The request line: as sent, or where the callee is looked up with the Contact as Request-URI. */
static bool has_start(const struct check *check, enum message_kind kind,
		      const struct message_parties *parties, struct slice sent, struct slice line)
{
	char host[TERMINAL_HOST_BYTES], start[160];
	size_t method = (size_t)((const char *)memchr(sent.at, ' ', sent.len) - sent.at);
	int length;

	if (check->proxy == CHECK_DIRECT || kind == MESSAGE_ACK || kind == MESSAGE_BYE)
		return slice_is_equal(sent, line);
	terminal_host_write(check->style->terminals, parties->callee, host);
	length = snprintf(start, sizeof(start), "%.*s sip:t%u@%s:5060 SIP/2.0\r\n", (int)method,
			  sent.at, parties->callee, host);
	return line.len == (size_t)length && memcmp(line.at, start, line.len) == 0;
}

/* Compare what is left of both line by line; once both are equally long they must be equal. */
static const char *rest_compare(const struct check *check, struct slice sent, struct slice received,
				struct additions *added)
{
	struct slice wanted = {0}, line;

	while (sent.len != received.len || memcmp(sent.at, received.at, sent.len) != 0) {
		struct slice before = sent;

		if (!line_take(&received, &line))
			return "a header line is missing, or the body has changed";
		if (line_take(&sent, &wanted) &&
		    (slice_is_equal(wanted, line) || is_change(wanted, line)))
			continue;
		sent = before;
		if (!is_addition(check, line, sent, added))
			return "a header line has changed, or is nobody's";
	}
	return NULL;
}

const char *check_request(const struct check *check, enum message_kind kind,
			  const struct message_parties *parties, struct slice sent,
			  struct slice received)
{
	bool is_sekisho = check->proxy == CHECK_SEKISHO;
	struct additions added = {0};
	struct slice first, start;
	const char *complaint;

	if (!line_take(&sent, &first) || !line_take(&received, &start) ||
	    !has_start(check, kind, parties, first, start))
		return "the start line is not what it must be";
	complaint = rest_compare(check, sent, received, &added);
	if (complaint)
		return complaint;
	if (added.vias != 1)
		return "the gateway's Via is missing or there twice";
	if (added.marks != (is_sekisho && check->style->is_marked ? 1 : 0))
		return "the gateway's Route-Security entry is missing or one too many";
	if (is_sekisho && added.record_routes != (kind == MESSAGE_INVITE ? 1 : 0))
		return "Record-Route is not where it belongs";
	return NULL;
}

uint32_t check_print(struct slice text)
{
	return rte_hash_crc(text.at, (uint32_t)text.len, 0x5e155e15);
}

const char *check_ok(uint32_t print, struct slice received)
{
	struct slice start;

	if (!line_take(&received, &start) || !slice_is_equal(start, SLICE("SIP/2.0 200 OK\r\n")))
		return "a response is not the 200 that was sent";
	return check_print(received) == print ? NULL : "a response has changed on its way";
}

/* These headers of an answer are those of the request; of the Via and the To what was sent stands
 * first, with more behind. */
static const char *echo_compare(struct slice sent, struct slice received)
{
	static const struct slice kept[] = {{"From: ", 6}, {"Call-ID: ", 9}, {"CSeq: ", 6}};
	static const struct slice longer[] = {{"Via: ", 5}, {"To: ", 4}};

	for (size_t i = 0; i < 3; i++)
		if (!slice_is_equal(line_value(sent, kept[i]), line_value(received, kept[i])))
			return "an answer has another From, Call-ID or CSeq than its request";
	for (size_t i = 0; i < 2; i++) {
		struct slice before = line_value(sent, longer[i]);

		if (i == 0)
			before.len -= 6; /* ;rport */
		if (!line_begins(line_value(received, longer[i]), before))
			return "an answer has another Via or To than its request";
	}
	return NULL;
}

const char *check_refusal(struct slice sent, struct slice received)
{
	if (!line_begins(received, SLICE("SIP/2.0 403 ")))
		return "a spoofed request was not answered with 403";
	return echo_compare(sent, received);
}

const char *check_registered(struct slice sent, struct slice received)
{
	if (!line_begins(received, SLICE("SIP/2.0 200 ")))
		return "a REGISTER was not answered with 200";
	return echo_compare(sent, received);
}
