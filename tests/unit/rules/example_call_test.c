/*
 * The patent's call (P20) and its kin, hop by hop, as the example call has them: gateways A and
 * B in process, terminals played by the test. Each line of each hop byte for byte, but for opaque
 * values, of which one name is one value, and no two names are.
 *
 *	terminal 1 --1--> gateway A --2--> gateway B --3--> terminal 2
 *	           <--6--           <--5--           <--4--
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <x86intrin.h>

#include <cmocka.h>

#include "tests/unit/event_taken.h"
#include "tests/unit/rules/gateway_kit.h"

#define NAMES	    64
#define NAME_CHARS  32
#define VALUE_CHARS 160

/* Opaque values by name. */
struct names {
	unsigned count;
	char name[NAMES][NAME_CHARS];
	char value[NAMES][VALUE_CHARS];
};

struct world {
	struct gateway_kit *a;
	struct gateway_kit *b;
	struct names names;
	unsigned hop; /* where the message in result stands; 0: it went no further */
	struct kit_result result;
	enum drop_reason reason;
};

static const struct kit_rule policy_a[] = {{POLICY_ALLOW, "user-a@abc.com", "xyz.com", 0, 0}};
static const struct kit_rule policy_b[] = {
	{POLICY_ALLOW, "user-a@abc.com", "user-b@xyz.com", 0, 0},
};

static int world_make(void **state)
{
	struct world *world = calloc(1, sizeof(*world));
	struct contract_peer b_at_a = gateway_kit_peer_make(1, "xyz.com", "2001:abcd::5060");
	struct contract_peer a_at_b = gateway_kit_peer_make(1, "abc.com", "2001:6789::5060");

	world->a = gateway_kit_create("abc.com", "2001:6789::5060");
	world->b = gateway_kit_create("xyz.com", "2001:abcd::5060");
	gateway_kit_peer(world->a, &b_at_a);
	gateway_kit_peer(world->b, &a_at_b);
	gateway_kit_terminal(world->a, 1, "user-a@abc.com", "2001:1234::10");
	gateway_kit_terminal(world->b, 1, "user-b@xyz.com", "2001:cdef::10");
	gateway_kit_identity(world->a, "user-d@abc.com", 0);
	gateway_kit_identity(world->b, "user-d@xyz.com", 0);
	gateway_kit_policy(world->a, policy_a, 1);
	gateway_kit_policy(world->b, policy_b, 1);
	*state = world;
	return 0;
}

static int world_end(void **state)
{
	struct world *world = *state;

	gateway_kit_destroy(world->a);
	gateway_kit_destroy(world->b);
	free(world);
	return 0;
}

static const char *name_value(const struct names *names, const char *name, size_t length)
{
	for (unsigned i = 0; i < names->count; i++) {
		if (strlen(names->name[i]) == length && memcmp(names->name[i], name, length) == 0)
			return names->value[i];
	}
	return NULL;
}

static void name_set(struct names *names, const char *name, size_t length, const char *value,
		     size_t value_length)
{
	for (unsigned i = 0; i < names->count; i++) {
		if (strlen(names->value[i]) == value_length &&
		    memcmp(names->value[i], value, value_length) == 0)
			fail_msg("%.*s and %s are one value", (int)length, name, names->name[i]);
	}
	assert_true(names->count < NAMES && length < NAME_CHARS && value_length < VALUE_CHARS);
	memcpy(names->name[names->count], name, length);
	memcpy(names->value[names->count], value, value_length);
	names->count++;
}

/* Length of the name in "<name>", 0 if what stands there is no opaque value. */
static size_t opaque_length(const char *at, const char *end)
{
	const char *past = at + 1;

	if (*at != '<')
		return 0;
	while (past < end && (*past == '-' || (*past >= '0' && *past <= '9') ||
			      (*past >= 'A' && *past <= 'Z') || (*past >= 'a' && *past <= 'z')))
		past++;
	return past < end && *past == '>' ? (size_t)(past - at - 1) : 0;
}

static bool is_opaque_char(char c)
{
	return c == '-' || c == '_' || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	       (c >= 'a' && c <= 'z');
}

/* Does a line read as expected? Opaque values met first are learnt. */
static bool is_line_equal(struct names *names, struct slice expected, struct slice line)
{
	const char *at = expected.at, *end = at + expected.len;
	const char *in = line.at, *in_end = in + line.len;

	while (at < end) {
		size_t length = opaque_length(at, end);
		const char *from = in, *value;

		if (length == 0) {
			if (in == in_end || *in++ != *at++)
				return false;
			continue;
		}
		while (in < in_end && is_opaque_char(*in))
			in++;
		value = name_value(names, at + 1, length);
		if (!value)
			name_set(names, at + 1, length, from, (size_t)(in - from));
		else if (strlen(value) != (size_t)(in - from) ||
			 memcmp(value, from, (size_t)(in - from)) != 0)
			return false;
		at += length + 2;
	}
	return in == in_end;
}

/* The opaque values of a text put in; one that is not known yet is chosen. Lines end in CRLF. */
static size_t text_fill(struct names *names, const char *text, char *out)
{
	const char *end = text + strlen(text);
	char *to = out;

	for (const char *at = text; at < end;) {
		size_t length = opaque_length(at, end);
		char chosen[64];

		if (length > 0) {
			int chosen_length = snprintf(chosen, sizeof(chosen), "chosen-%.*s",
						     (int)length, at + 1);

			if (!name_value(names, at + 1, length))
				name_set(names, at + 1, length, chosen, (size_t)chosen_length);
			to = stpcpy(to, name_value(names, at + 1, length));
			at += length + 2;
			continue;
		}
		if (*at == '\n')
			*to++ = '\r';
		*to++ = *at++;
	}
	return (size_t)(to - out);
}

/* The next line of a text whose lines end in end_chars characters. */
static struct slice line_next(const char **at, const char *end, size_t end_chars)
{
	const char *from = *at, *newline = memchr(from, '\n', (size_t)(end - from));

	assert_non_null(newline);
	*at = newline + 1;
	return slice_make(from, (size_t)(newline + 1 - from) - end_chars);
}

static struct slice name_of(struct slice line)
{
	const char *colon = memchr(line.at, ':', line.len);

	return slice_make(line.at, colon ? (size_t)(colon - line.at) : 0);
}

/* The index-th line of a header. */
static bool line_find(struct slice text, size_t end_chars, struct slice header, unsigned index,
		      struct slice *out)
{
	const char *at = text.at, *end = at + text.len;

	line_next(&at, end, end_chars);
	while (at < end) {
		struct slice line = line_next(&at, end, end_chars);

		if (line.len == 0)
			return false;
		if (slice_is_equal(name_of(line), header) && index-- == 0) {
			*out = line;
			return true;
		}
	}
	return false;
}

static void header_compare(struct world *world, struct slice expected, struct slice header)
{
	struct slice text = slice_make(world->result.bytes, world->result.length);

	for (unsigned i = 0;; i++) {
		struct slice want = SLICE("nothing"), have = SLICE("nothing");
		bool is_wanted = line_find(expected, 1, header, i, &want);
		bool is_there = line_find(text, 2, header, i, &have);

		if (!is_wanted && !is_there)
			return;
		if (is_wanted != is_there || !is_line_equal(&world->names, want, have))
			fail_msg("hop %u: want \"%.*s\", have \"%.*s\" in\n%.*s", world->hop,
				 (int)want.len, want.at, (int)have.len, have.at, (int)text.len,
				 text.at);
	}
}

/* What stands on this hop is what the page says: start line, and the lines of these headers. */
static void expect(struct world *world, unsigned hop, const char *start, const char *own,
		   const char *common)
{
	static const char *const headers[] = {
		"Via", "Record-Route", "Route", "Route-Security", "From",
		"To",  "Call-ID",      "CSeq",	"Contact",	  "Max-Forwards"};
	const char *at, *in = world->result.bytes;
	char text[4096];
	struct slice expected;

	snprintf(text, sizeof(text), "%s%s%s", start, own, common);
	expected = slice_make(text, strlen(text));
	if (world->hop != hop)
		fail_msg("on hop %u instead of %u (drop %s)", world->hop, hop,
			 drop_reason_name(world->reason));
	at = text;
	if (!is_line_equal(&world->names, line_next(&at, text + expected.len, 1),
			   line_next(&in, in + world->result.length, 2)))
		fail_msg("hop %u: %.*s", hop, (int)world->result.length, world->result.bytes);
	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++)
		header_compare(world, expected, slice_make(headers[i], strlen(headers[i])));
}

/* On which hop what a gateway sent now stands. */
static unsigned hop_of(const struct world *world, const struct gateway_kit *gateway)
{
	bool is_peer = world->result.egress.kind == LEG_PEER;

	if (world->result.end != KIT_SENT)
		return 0;
	if (gateway == world->a)
		return is_peer ? 2 : 6;
	return is_peer ? 5 : 3;
}

/* The gateway at the end of a hop gets the bytes. */
static void deliver(struct world *world, unsigned hop, const char *bytes, size_t length)
{
	struct gateway_kit *gateway = hop == 1 || hop == 5 ? world->a : world->b;
	struct ingress_sa sa = hop == 1 || hop == 4 ? gateway_kit_from_terminal(gateway, 1)
						    : gateway_kit_from_peer(gateway, 1);

	gateway_kit_receive(gateway, &sa, bytes, length, &world->result);
	world->reason = world->result.end == KIT_DROPPED ? world->result.reason : DROP_NONE;
	world->hop = hop_of(world, gateway);
}

/* A terminal sends what the page says on hop 1 or 4. */
static void terminal_sends(struct world *world, unsigned hop, const char *start, const char *own,
			   const char *common)
{
	char text[4096], bytes[8192];
	size_t length;

	snprintf(text, sizeof(text), "%s%s%sContent-Length: 0\n\n", start, own, common);
	length = text_fill(&world->names, text, bytes);
	deliver(world, hop, bytes, length);
}

/* What stands on hop 2 or 5 goes on to its gateway. */
static void pass_on(struct world *world)
{
	char bytes[8192];
	size_t length = world->result.length;

	assert_true(world->hop == 2 || world->hop == 5);
	assert_true(length < sizeof(bytes));
	memcpy(bytes, world->result.bytes, length);
	deliver(world, world->hop, bytes, length);
}

static void expect_absorbed(struct world *world)
{
	assert_int_equal(world->hop, 0);
	assert_string_equal(drop_reason_name(world->reason),
			    drop_reason_name(DROP_sip_ack_absorbed));
}

#define VIA_T(n) "Via: SIP/2.0/UDP [2001:1234::10]:5060;branch=z9hG4bK<t" #n ">;rport\n"
#define VIA_TS(n)                                                                                  \
	"Via: SIP/2.0/UDP [2001:1234::10]:5060;branch=z9hG4bK<t" #n                                \
	">;rport=5060;received=2001:1234::10\n"
#define VIA_U(n) "Via: SIP/2.0/UDP [2001:cdef::10]:5060;branch=z9hG4bK<u" #n ">;rport\n"
#define VIA_US(n)                                                                                  \
	"Via: SIP/2.0/UDP [2001:cdef::10]:5060;branch=z9hG4bK<u" #n                                \
	">;rport=5060;received=2001:cdef::10\n"
#define VIA_A(n, m)                                                                                \
	"Via: SIP/2.0/UDP [2001:6789::5060]:5060;branch=z9hG4bK<a" #n ">;sk=<skA-" m ">\n"
#define VIA_B(n, m)                                                                                \
	"Via: SIP/2.0/UDP [2001:abcd::5060]:5060;branch=z9hG4bK<b" #n ">;sk=<skB-" m ">\n"
#define RR_A  "Record-Route: <sip:<tokenA>@[2001:6789::5060]:5060;lr>\n"
#define RR_B  "Record-Route: <sip:<tokenB>@[2001:abcd::5060]:5060;lr>\n"
#define R_A   "Route: <sip:<tokenA>@[2001:6789::5060]:5060;lr>\n"
#define R_B   "Route: <sip:<tokenB>@[2001:abcd::5060]:5060;lr>\n"
#define RS_1  "Route-Security: [2001:1234::10];level=3\n"
#define RS_2  "Route-Security: [2001:cdef::10];level=3\n"
#define RS_A  "Route-Security: [2001:6789::5060];level=3\n"
#define RS_B  "Route-Security: [2001:abcd::5060];level=3\n"
#define MF(n) "Max-Forwards: " #n "\n"

/* The lines that name the request: from, to (with what follows its URI) and cseq. */
#define LINES(from, to, cseq)                                                                      \
	"From: <sip:" from ">;tag=<a>\nTo: <sip:" to "\nCall-ID: <call>\nCSeq: " cseq "\n"
#define A_TO_B(cseq)	    LINES("user-a@abc.com", "user-b@xyz.com>", cseq)
#define A_TO_B_TAGGED(cseq) LINES("user-a@abc.com", "user-b@xyz.com>;tag=<b>", cseq)
#define CONTACT_1	    "Contact: <sip:user-a@[2001:1234::10]:5060>\n"
#define CONTACT_2	    "Contact: <sip:user-b@[2001:cdef::10]:5060>\n"

/* 1.1: hops 1 to 3. */
static void invite_play(struct world *world)
{
	static const char start[] = "INVITE sip:user-b@xyz.com SIP/2.0\n";
	static const char common[] = A_TO_B("1 INVITE") CONTACT_1;

	terminal_sends(world, 1, start, VIA_T(1) RS_1 MF(70), common);
	expect(world, 2, start, VIA_A(1, "INVITE") VIA_TS(1) RR_A RS_A RS_1 MF(69), common);
	pass_on(world);
	expect(world, 3, "INVITE sip:user-b@[2001:cdef::10]:5060 SIP/2.0\n",
	       VIA_B(1, "INVITE") VIA_A(1, "INVITE") VIA_TS(1) RR_B RR_A RS_B RS_A RS_1 MF(68),
	       common);
}

/* 1.2 and its kin: a response of terminal 2 to the INVITE, hops 4 to 6. */
static void invite_answer_play(struct world *world, const char *start, const char *more)
{
	char common[2048];

	snprintf(common, sizeof(common), "%s%s", RS_B RS_A RS_1 A_TO_B_TAGGED("1 INVITE"), more);
	terminal_sends(world, 4, start, VIA_B(1, "INVITE") VIA_A(1, "INVITE") VIA_TS(1), common);
	expect(world, 5, start, VIA_A(1, "INVITE") VIA_TS(1), common);
	pass_on(world);
	expect(world, 6, start, VIA_TS(1), common);
}

/* 1.4 */
static void ack_play(struct world *world)
{
	static const char start[] = "ACK sip:user-b@[2001:cdef::10]:5060 SIP/2.0\n";
	static const char common[] = A_TO_B_TAGGED("1 ACK");

	terminal_sends(world, 1, start, VIA_T(2) R_A R_B RS_1 MF(70), common);
	expect(world, 2, start, VIA_A(2, "ACK") VIA_TS(2) R_B RS_A RS_1 MF(69), common);
	pass_on(world);
	expect(world, 3, start, VIA_B(2, "ACK") VIA_A(2, "ACK") VIA_TS(2) RS_B RS_A RS_1 MF(68),
	       common);
}

static void call_set_up(struct world *world)
{
	invite_play(world);
	invite_answer_play(world, "SIP/2.0 180 Ringing\n", RR_B RR_A CONTACT_2);
	invite_answer_play(world, "SIP/2.0 200 OK\n", RR_B RR_A CONTACT_2);
	ack_play(world);
}

static void call_is_set_up_and_ended_by_terminal_1(void **state)
{
	static const char start[] = "BYE sip:user-b@[2001:cdef::10]:5060 SIP/2.0\n";
	static const char common[] = A_TO_B_TAGGED("2 BYE");
	static const char answer[] = RS_B RS_A RS_1 A_TO_B_TAGGED("2 BYE");
	struct world *world = *state;

	call_set_up(world);
	terminal_sends(world, 1, start, VIA_T(3) R_A R_B RS_1 MF(70), common);
	expect(world, 2, start, VIA_A(3, "BYE") VIA_TS(3) R_B RS_A RS_1 MF(69), common);
	pass_on(world);
	expect(world, 3, start, VIA_B(3, "BYE") VIA_A(3, "BYE") VIA_TS(3) RS_B RS_A RS_1 MF(68),
	       common);
	terminal_sends(world, 4, "SIP/2.0 200 OK\n", VIA_B(3, "BYE") VIA_A(3, "BYE") VIA_TS(3),
		       answer);
	expect(world, 5, "SIP/2.0 200 OK\n", VIA_A(3, "BYE") VIA_TS(3), answer);
	pass_on(world);
	expect(world, 6, "SIP/2.0 200 OK\n", VIA_TS(3), answer);
}

#define BACK_LINES                                                                                 \
	"From: <sip:user-b@xyz.com>;tag=<b>\nTo: <sip:user-a@abc.com>;tag=<a>\n"                   \
	"Call-ID: <call>\nCSeq: 1 BYE\n"

static void call_is_ended_by_terminal_2(void **state)
{
	static const char start[] = "BYE sip:user-a@[2001:1234::10]:5060 SIP/2.0\n";
	static const char answer[] = RS_A RS_B RS_2 BACK_LINES;
	struct world *world = *state;

	call_set_up(world);
	terminal_sends(world, 4, start, VIA_U(1) R_B R_A RS_2 MF(70), BACK_LINES);
	expect(world, 5, start, VIA_B(4, "BYE2") VIA_US(1) R_A RS_B RS_2 MF(69), BACK_LINES);
	pass_on(world);
	expect(world, 6, start, VIA_A(4, "BYE2") VIA_B(4, "BYE2") VIA_US(1) RS_A RS_B RS_2 MF(68),
	       BACK_LINES);
	terminal_sends(world, 1, "SIP/2.0 200 OK\n", VIA_A(4, "BYE2") VIA_B(4, "BYE2") VIA_US(1),
		       answer);
	expect(world, 2, "SIP/2.0 200 OK\n", VIA_B(4, "BYE2") VIA_US(1), answer);
	pass_on(world);
	expect(world, 3, "SIP/2.0 200 OK\n", VIA_US(1), answer);
}

/* 3.1 and 3.2 */
static void cancel_play(struct world *world)
{
	static const char start[] = "CANCEL sip:user-b@xyz.com SIP/2.0\n";
	static const char common[] = A_TO_B("1 CANCEL");
	static const char answer[] = RS_B RS_A RS_1 A_TO_B_TAGGED("1 CANCEL");

	terminal_sends(world, 1, start, VIA_T(1) RS_1 MF(70), common);
	expect(world, 2, start, VIA_A(1, "CANCEL") VIA_TS(1) RS_A RS_1 MF(69), common);
	pass_on(world);
	expect(world, 3, "CANCEL sip:user-b@[2001:cdef::10]:5060 SIP/2.0\n",
	       VIA_B(1, "CANCEL") VIA_A(1, "CANCEL") VIA_TS(1) RS_B RS_A RS_1 MF(68), common);
	terminal_sends(world, 4, "SIP/2.0 200 OK\n",
		       VIA_B(1, "CANCEL") VIA_A(1, "CANCEL") VIA_TS(1), answer);
	expect(world, 5, "SIP/2.0 200 OK\n", VIA_A(1, "CANCEL") VIA_TS(1), answer);
	pass_on(world);
	expect(world, 6, "SIP/2.0 200 OK\n", VIA_TS(1), answer);
}

/* 3.4 */
static void refusal_ack_play(struct world *world)
{
	static const char start[] = "ACK sip:user-b@xyz.com SIP/2.0\n";
	static const char common[] = A_TO_B_TAGGED("1 ACK");

	terminal_sends(world, 1, start, VIA_T(1) RS_1 MF(70), common);
	expect(world, 2, start, VIA_A(1, "ACK") VIA_TS(1) RS_A RS_1 MF(69), common);
	pass_on(world);
	expect(world, 3, "ACK sip:user-b@[2001:cdef::10]:5060 SIP/2.0\n",
	       VIA_B(1, "ACK") VIA_A(1, "ACK") VIA_TS(1) RS_B RS_A RS_1 MF(68), common);
}

static void cancel_follows_its_invite_and_the_487_is_acked(void **state)
{
	struct world *world = *state;

	invite_play(world);
	invite_answer_play(world, "SIP/2.0 180 Ringing\n", RR_B RR_A CONTACT_2);
	cancel_play(world);
	invite_answer_play(world, "SIP/2.0 487 Request Terminated\n", "");
	refusal_ack_play(world);
}

static void busy_486_is_passed_and_acked(void **state)
{
	struct world *world = *state;

	invite_play(world);
	invite_answer_play(world, "SIP/2.0 486 Busy Here\n", "");
	refusal_ack_play(world);
}

static void keys_rotate(struct world *world)
{
	world->a->now_ms += 60000;
	world->b->now_ms += 60000;
	for (uint8_t purpose = CONTRACT_KEY_SK; purpose <= CONTRACT_KEY_TOKEN; purpose++) {
		gateway_kit_key(world->a, purpose, 2);
		gateway_kit_key(world->b, purpose, 2);
	}
}

/* The name may get another value now, and must: the old one stays taken. */
static void name_forget(struct names *names, const char *name)
{
	for (unsigned i = 0; i < names->count; i++) {
		if (strcmp(names->name[i], name) == 0)
			snprintf(names->name[i], NAME_CHARS, "old-%u", i);
	}
}

static void retransmission_after_rotation_differs_in_sk_and_token_only(void **state)
{
	static const char *const renewed[] = {"skA-INVITE", "skB-INVITE", "tokenA", "tokenB"};
	struct world *world = *state;

	invite_play(world);
	keys_rotate(world);
	for (unsigned i = 0; i < 4; i++)
		name_forget(&world->names, renewed[i]);
	invite_play(world);
}

static void cancel_after_rotation_has_the_branch_of_its_invite(void **state)
{
	struct world *world = *state;

	invite_play(world);
	keys_rotate(world);
	cancel_play(world);
	invite_answer_play(world, "SIP/2.0 487 Request Terminated\n", "");
	refusal_ack_play(world);
}

static void from_of_another_terminal_is_refused_and_its_ack_absorbed(void **state)
{
	struct world *world = *state;
	struct contract_event event;

	terminal_sends(world, 1, "INVITE sip:user-b@xyz.com SIP/2.0\n", VIA_T(1) RS_1 MF(70),
		       LINES("user-c@abc.com", "user-b@xyz.com>", "1 INVITE") CONTACT_1);
	expect(world, 6, "SIP/2.0 403 Forbidden\n", VIA_TS(1) RS_1,
	       LINES("user-c@abc.com", "user-b@xyz.com>;tag=<tagA>", "1 INVITE"));
	terminal_sends(world, 1, "ACK sip:user-b@xyz.com SIP/2.0\n", VIA_T(1) RS_1 MF(70),
		       LINES("user-c@abc.com", "user-b@xyz.com>;tag=<tagA>", "1 ACK"));
	expect_absorbed(world);
	assert_true(event_taken(world->a->events, &event));
	assert_int_equal(event.kind, CONTRACT_EVENT_SENDER_MISMATCH);
	assert_string_equal(event.claimed, "sip:user-c@abc.com");
	assert_false(event_taken(world->a->events, &event));
}

/* 6.1 and 6.2 for one callee; the 404 as terminal 1 gets it is left in world->result. */
#define DENIED_AT_B(callee)                                                                        \
	do {                                                                                       \
		static const char denied_start[] = "INVITE sip:" callee " SIP/2.0\n";              \
		static const char denied_common[] =                                                \
			LINES("user-a@abc.com", callee ">", "1 INVITE") CONTACT_1;                 \
		static const char tagged[] =                                                       \
			LINES("user-a@abc.com", callee ">;tag=<tagB>", "1 INVITE");                \
                                                                                                   \
		terminal_sends(world, 1, denied_start, VIA_T(1) RS_1 MF(70), denied_common);       \
		expect(world, 2, denied_start, VIA_A(1, "INVITE") VIA_TS(1) RR_A RS_A RS_1 MF(69), \
		       denied_common);                                                             \
		pass_on(world);                                                                    \
		expect(world, 5, "SIP/2.0 404 Not Found\n",                                        \
		       VIA_A(1, "INVITE") VIA_TS(1) RS_A RS_1, tagged);                            \
		pass_on(world);                                                                    \
		expect(world, 6, "SIP/2.0 404 Not Found\n", VIA_TS(1) RS_A RS_1, tagged);          \
	} while (0)

static void denied_callee_at_gateway_b_is_not_found_and_the_ack_absorbed_there(void **state)
{
	static const char start[] = "ACK sip:user-d@xyz.com SIP/2.0\n";
	static const char common[] = LINES("user-a@abc.com", "user-d@xyz.com>;tag=<tagB>", "1 ACK");
	struct world *world = *state;

	DENIED_AT_B("user-d@xyz.com");
	terminal_sends(world, 1, start, VIA_T(1) RS_1 MF(70), common);
	expect(world, 2, start, VIA_A(1, "ACK") VIA_TS(1) RS_A RS_1 MF(69), common);
	pass_on(world);
	expect_absorbed(world);
}

/* The result with the value of its To tag and the callee's letter blotted out. */
static size_t blotted(const struct world *world, char letter, char *out)
{
	const char *tag = name_value(&world->names, "tagB", 4);
	size_t tag_length = strlen(tag), length = 0;

	for (size_t i = 0; i < world->result.length; i++) {
		const char *at = world->result.bytes + i;

		if (world->result.length - i >= tag_length && memcmp(at, tag, tag_length) == 0) {
			out[length++] = '#';
			i += tag_length - 1;
		} else if (i > 5 && *at == letter && memcmp(at - 5, "user-", 5) == 0) {
			out[length++] = '?';
		} else {
			out[length++] = *at;
		}
	}
	return length;
}

static void denied_and_unknown_callee_differ_in_the_tag_only(void **state)
{
	char denied[KIT_MESSAGE_BYTES], unknown[KIT_MESSAGE_BYTES];
	struct world *world = *state;
	size_t denied_length, unknown_length;

	DENIED_AT_B("user-d@xyz.com");
	denied_length = blotted(world, 'd', denied);
	memset(&world->names, 0, sizeof(world->names));
	DENIED_AT_B("user-x@xyz.com");
	unknown_length = blotted(world, 'x', unknown);
	assert_int_equal(denied_length, unknown_length);
	assert_memory_equal(denied, unknown, denied_length);
}

#define DENIED_AT_A(callee)                                                                        \
	do {                                                                                       \
		terminal_sends(world, 1, "INVITE sip:" callee " SIP/2.0\n", VIA_T(1) RS_1 MF(70),  \
			       LINES("user-a@abc.com", callee ">", "1 INVITE") CONTACT_1);         \
		expect(world, 6, "SIP/2.0 404 Not Found\n", VIA_TS(1) RS_1,                        \
		       LINES("user-a@abc.com", callee ">;tag=<tagA>", "1 INVITE"));                \
		terminal_sends(world, 1, "ACK sip:" callee " SIP/2.0\n", VIA_T(1) RS_1 MF(70),     \
			       LINES("user-a@abc.com", callee ">;tag=<tagA>", "1 ACK"));           \
		expect_absorbed(world);                                                            \
		memset(&world->names, 0, sizeof(world->names));                                    \
	} while (0)

static void denied_unknown_and_unreachable_at_gateway_a_are_not_found(void **state)
{
	struct world *world = *state;

	DENIED_AT_A("user-d@abc.com");
	DENIED_AT_A("user-x@abc.com");
	DENIED_AT_A("user-z@nowhere.example");
}

static void request_grows_by_less_than_300_bytes(void **state)
{
	static const char start[] = "INVITE sip:user-b@xyz.com SIP/2.0\n";
	size_t contact = strlen("sip:user-b@[2001:cdef::10]:5060") - strlen("sip:user-b@xyz.com");
	struct world *world = *state;
	char bytes[8192], text[4096];
	size_t before, growth;

	snprintf(text, sizeof(text), "%s%s%s\n", start, VIA_T(1) RS_1 MF(70),
		 A_TO_B("1 INVITE") CONTACT_1);
	before = text_fill(&world->names, text, bytes);
	deliver(world, 1, bytes, before);
	growth = world->result.length - before;
	print_message("gateway A adds %zu bytes\n", growth);
	assert_true(growth < 300);
	before = world->result.length;
	pass_on(world);
	growth = world->result.length - before - contact;
	print_message("gateway B adds %zu bytes\n", growth);
	assert_true(growth < 300);
}

static int cycles_compare(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

#define TIMED_RUNS 10000

static void denied_and_unknown_callee_take_the_same_time(void **state)
{
	static const char *const callees[] = {"user-d@xyz.com", "user-x@xyz.com"};
	static uint64_t cycles[2][TIMED_RUNS];
	struct world *world = *state;
	struct ingress_sa sa = gateway_kit_from_peer(world->b, 1);
	char bytes[2][4096], text[4096];
	size_t length[2];
	double ratio;

	for (unsigned i = 0; i < 2; i++) {
		snprintf(text, sizeof(text),
			 "INVITE sip:%s SIP/2.0\n%sFrom: <sip:user-a@abc.com>;tag=<a>\n"
			 "To: <sip:%s>\nCall-ID: <call>\nCSeq: 1 INVITE\nContent-Length: 0\n\n",
			 callees[i], VIA_A(1, "INVITE") VIA_TS(1) RS_A RS_1 MF(69), callees[i]);
		length[i] = text_fill(&world->names, text, bytes[i]);
	}
	for (unsigned run = 0; run < 2 * TIMED_RUNS; run++) {
		/* Neither always comes after the other. */
		unsigned i = (run ^ run >> 1) & 1;
		uint64_t begun = __rdtsc();

		gateway_kit_receive(world->b, &sa, bytes[i], length[i], &world->result);
		cycles[i][run / 2] = __rdtsc() - begun;
		assert_int_equal(world->result.status, 404);
	}
	for (unsigned i = 0; i < 2; i++)
		qsort(cycles[i], TIMED_RUNS, sizeof(cycles[i][0]), cycles_compare);
	print_message("median cycles: denied %lu, unknown %lu\n", cycles[0][TIMED_RUNS / 2],
		      cycles[1][TIMED_RUNS / 2]);
	ratio = (double)cycles[0][TIMED_RUNS / 2] / (double)cycles[1][TIMED_RUNS / 2];
	assert_true(ratio > 0.9 && ratio < 1.1);
}

#define WORLD_TEST(name) cmocka_unit_test_setup_teardown(name, world_make, world_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(call_is_set_up_and_ended_by_terminal_1),
		WORLD_TEST(call_is_ended_by_terminal_2),
		WORLD_TEST(cancel_follows_its_invite_and_the_487_is_acked),
		WORLD_TEST(busy_486_is_passed_and_acked),
		WORLD_TEST(retransmission_after_rotation_differs_in_sk_and_token_only),
		WORLD_TEST(cancel_after_rotation_has_the_branch_of_its_invite),
		WORLD_TEST(from_of_another_terminal_is_refused_and_its_ack_absorbed),
		WORLD_TEST(denied_callee_at_gateway_b_is_not_found_and_the_ack_absorbed_there),
		WORLD_TEST(denied_and_unknown_callee_differ_in_the_tag_only),
		WORLD_TEST(denied_unknown_and_unreachable_at_gateway_a_are_not_found),
		WORLD_TEST(request_grows_by_less_than_300_bytes),
		WORLD_TEST(denied_and_unknown_callee_take_the_same_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
