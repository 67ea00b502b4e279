#include "tests/unit/rules/call_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct kit_rule policy_a[] = {{POLICY_ALLOW, "user-a@abc.com", "xyz.com", 0, 0}};
static const struct kit_rule policy_b[] = {
	{POLICY_ALLOW, "user-a@abc.com", "user-b@xyz.com", 0, 0},
};

int call_world_make(void **state)
{
	struct call_world *world = calloc(1, sizeof(*world));
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

int call_world_end(void **state)
{
	struct call_world *world = *state;

	gateway_kit_destroy(world->a);
	gateway_kit_destroy(world->b);
	free(world);
	return 0;
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

static void header_compare(struct call_world *world, struct slice expected, struct slice header)
{
	struct slice text = slice_make(world->result.bytes, world->result.length);

	for (unsigned i = 0;; i++) {
		struct slice want = SLICE("nothing"), have = SLICE("nothing");
		bool is_wanted = line_find(expected, 1, header, i, &want);
		bool is_there = line_find(text, 2, header, i, &have);

		if (!is_wanted && !is_there)
			return;
		if (is_wanted != is_there || !opaque_line_is_equal(&world->names, want, have))
			fail_msg("hop %u: want \"%.*s\", have \"%.*s\" in\n%.*s", world->hop,
				 (int)want.len, want.at, (int)have.len, have.at, (int)text.len,
				 text.at);
	}
}

void call_expect(struct call_world *world, unsigned hop, const char *start, const char *own,
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
	if (!opaque_line_is_equal(&world->names, line_next(&at, text + expected.len, 1),
				  line_next(&in, in + world->result.length, 2)))
		fail_msg("hop %u: %.*s", hop, (int)world->result.length, world->result.bytes);
	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++)
		header_compare(world, expected, slice_make(headers[i], strlen(headers[i])));
}

/* On which hop what a gateway sent now stands. */
static unsigned hop_of(const struct call_world *world, const struct gateway_kit *gateway)
{
	bool is_peer = world->result.egress.kind == LEG_PEER;

	if (world->result.end != KIT_SENT)
		return 0;
	if (gateway == world->a)
		return is_peer ? 2 : 6;
	return is_peer ? 5 : 3;
}

void call_deliver(struct call_world *world, unsigned hop, const char *bytes, size_t length)
{
	struct gateway_kit *gateway = hop == 1 || hop == 5 ? world->a : world->b;
	struct ingress_sa sa = hop == 1 || hop == 4 ? gateway_kit_from_terminal(gateway, 1)
						    : gateway_kit_from_peer(gateway, 1);

	gateway_kit_receive(gateway, &sa, bytes, length, &world->result);
	world->reason = world->result.end == KIT_DROPPED ? world->result.reason : DROP_NONE;
	world->hop = hop_of(world, gateway);
}

void call_terminal_sends(struct call_world *world, unsigned hop, const char *start, const char *own,
			 const char *common)
{
	char text[4096], bytes[8192];
	size_t length;

	snprintf(text, sizeof(text), "%s%s%sContent-Length: 0\n\n", start, own, common);
	length = opaque_fill(&world->names, text, bytes);
	call_deliver(world, hop, bytes, length);
}

void call_pass_on(struct call_world *world)
{
	char bytes[8192];
	size_t length = world->result.length;

	assert_true(world->hop == 2 || world->hop == 5);
	assert_true(length < sizeof(bytes));
	memcpy(bytes, world->result.bytes, length);
	call_deliver(world, world->hop, bytes, length);
}

void call_expect_absorbed(struct call_world *world)
{
	assert_int_equal(world->hop, 0);
	assert_string_equal(drop_reason_name(world->reason),
			    drop_reason_name(DROP_sip_ack_absorbed));
}
