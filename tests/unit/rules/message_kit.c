#include "tests/unit/rules/message_kit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "shared/sip/reply.h"
#include "tests/unit/event_taken.h"

static const char *or_else(const char *text, const char *otherwise)
{
	return text ? text : otherwise;
}

void request_write(const struct request_text *request, struct text *out)
{
	const char *method = or_else(request->method, "INVITE");
	const char *target = or_else(request->target, "sip:user-b@xyz.com");
	char to[1024];

	snprintf(to, sizeof(to), "<%s>", target);
	out->length = (size_t)snprintf(
		out->bytes, sizeof(out->bytes),
		"%s %s SIP/2.0\r\n%s%s%sFrom: %s;tag=a\r\nTo: %s%s%s\r\nCall-ID: call-1\r\n"
		"CSeq: %s %s\r\n%sContent-Length: 0\r\n\r\n",
		method, target, or_else(request->via, VIA_1),
		or_else(request->route_security, ROUTE_SECURITY_1),
		or_else(request->max_forwards, "Max-Forwards: 70\r\n"),
		or_else(request->from, "<sip:user-a@abc.com>"), or_else(request->to, to),
		request->to_tag ? ";tag=" : "", or_else(request->to_tag, ""),
		or_else(request->cseq, "1"), method, or_else(request->more, ""));
	assert_true(out->length < sizeof(out->bytes));
}

struct gateway_kit *example_kit_create(void)
{
	static const struct kit_rule rules[] = {
		{POLICY_DENY, "*", "user-d@abc.com", 0, 0},
		{POLICY_ALLOW, "*", "*", 0, 0},
	};
	struct gateway_kit *kit = gateway_kit_create("abc.com", "2001:6789::5060");
	struct contract_peer peer = gateway_kit_peer_make(1, "xyz.com", "2001:abcd::5060");

	gateway_kit_peer(kit, &peer);
	gateway_kit_terminal(kit, 1, "user-a@abc.com", "2001:1234::10");
	gateway_kit_terminal(kit, 2, "user-e@abc.com", "2001:1234::e");
	gateway_kit_identity(kit, "user-d@abc.com", 0);
	gateway_kit_policy(kit, rules, 2);
	return kit;
}

void example_send_text(struct gateway_kit *kit, enum example_sender by, const struct text *text,
		       struct kit_result *result)
{
	struct ingress_sa sa = by == BY_PEER ? gateway_kit_from_peer(kit, 1)
					     : gateway_kit_from_terminal(kit, (uint32_t)by);

	gateway_kit_receive(kit, &sa, text->bytes, text->length, result);
}

void example_send(struct gateway_kit *kit, enum example_sender by,
		  const struct request_text *request, struct kit_result *result)
{
	struct text text;

	request_write(request, &text);
	example_send_text(kit, by, &text, result);
}

void example_mark_legacy(struct gateway_kit *kit, enum example_sender which, bool is_restored)
{
	bool is_first = which == BY_TERMINAL_1;
	struct contract_binding put = gateway_kit_binding_make(
		kit, (uint32_t)which, is_first ? "user-a@abc.com" : "user-e@abc.com",
		is_first ? "2001:1234::10" : "2001:1234::e");

	put.is_legacy = 1;
	assert_int_equal(binding_table_put(&kit->bindings, &put), RESULT_OK);
	kit->set.is_legacy_restored = is_restored;
	gateway_kit_settings(kit);
}

void response_write(const struct kit_result *request, unsigned status, const char *to_tag,
		    struct text *out)
{
	struct sip_reply reply = {
		.status = (uint16_t)status,
		.to_tag = slice_make(to_tag, strlen(to_tag)),
		.has_record_route = status < 300,
	};
	struct writer w = writer_make(out->bytes, sizeof(out->bytes));
	struct sip_message message;

	assert_int_equal(request->end, KIT_SENT);
	assert_int_equal(sip_message_parse(request->bytes, request->length, &message),
			 SIP_VERDICT_OK);
	assert_int_equal(sip_reply_write(&message, &reply, &w), RESULT_OK);
	out->length = w.len;
}

void example_invite(struct gateway_kit *kit, const char *target, struct kit_result *sent)
{
	example_send(kit, BY_TERMINAL_1, &(struct request_text){.target = target}, sent);
	assert_int_equal(sent->end, KIT_SENT);
}

void example_answered_by_peer(struct gateway_kit *kit, unsigned status, struct text *answer)
{
	struct kit_result sent;

	example_invite(kit, "sip:user-b@xyz.com", &sent);
	response_write(&sent, status, "b", answer);
	text_replace(answer, "Route-Security: [2001:6789",
		     "Route-Security: [2001:abcd::5060];level=3\r\nRoute-Security: [2001:6789");
}

void text_replace(struct text *text, const char *from, const char *to)
{
	char *at = memmem(text->bytes, text->length, from, strlen(from));
	size_t rest;

	if (!at)
		fail_msg("no \"%s\" in %.*s", from, (int)text->length, text->bytes);
	rest = text->length - (size_t)(at - text->bytes) - strlen(from);
	assert_true(text->length + strlen(to) < sizeof(text->bytes));
	memmove(at + strlen(to), at + strlen(from), rest);
	memcpy(at, to, strlen(to));
	text->length = text->length - strlen(from) + strlen(to);
}

bool result_has(const struct kit_result *result, const char *part)
{
	assert_int_equal(result->end, KIT_SENT);
	return memmem(result->bytes, result->length, part, strlen(part)) != NULL;
}

void result_between(const struct kit_result *result, const char *before, const char *after,
		    char *out, size_t room)
{
	const char *end = result->bytes + result->length;
	const char *from = memmem(result->bytes, result->length, before, strlen(before)), *to;

	assert_non_null(from);
	from += strlen(before);
	to = memmem(from, (size_t)(end - from), after, strlen(after));
	assert_non_null(to);
	assert_true((size_t)(to - from) < room);
	memcpy(out, from, (size_t)(to - from));
	out[to - from] = 0;
}

void expect_status(const struct kit_result *result, unsigned status)
{
	if (result->end != KIT_SENT || result->status != status)
		fail_msg("end %d, status %u, drop %s; wanted %u", (int)result->end, result->status,
			 drop_reason_name(result->reason), status);
}

void expect_drop(const struct kit_result *result, enum drop_reason reason)
{
	if (result->end != KIT_DROPPED || result->reason != reason)
		fail_msg("end %d, status %u, drop %s; wanted %s", (int)result->end, result->status,
			 drop_reason_name(result->reason), drop_reason_name(reason));
}

void expect_sent(const struct kit_result *result, enum leg_kind kind)
{
	expect_status(result, 0);
	assert_int_equal(result->egress.kind, kind);
}

unsigned event_next(struct gateway_kit *kit)
{
	struct contract_event event;

	return event_taken(kit->events, &event) ? event.kind : 0;
}
