/* Messages for the rules' tests: a request that passes unless something of it is changed. */
#ifndef SEKISHO_TESTS_UNIT_RULES_MESSAGE_KIT_H
#define SEKISHO_TESTS_UNIT_RULES_MESSAGE_KIT_H

#include <stdbool.h>
#include <stddef.h>

#include "tests/unit/rules/gateway_kit.h"

/* What is NULL has the value of an INVITE by terminal 1 of example_kit. */
struct request_text {
	const char *method;
	const char *target;	    /* Request-URI; To follows it */
	const char *from;	    /* From without tag, as it is written */
	const char *to;		    /* To without tag */
	const char *to_tag;	    /* NULL: none */
	const char *via;	    /* "Via: ...\r\n" lines */
	const char *route_security; /* "Route-Security: ...\r\n" lines */
	const char *max_forwards;   /* "Max-Forwards: ...\r\n" */
	const char *more;	    /* further lines, each with its CRLF */
	const char *cseq;	    /* number */
};

struct text {
	size_t length;
	char bytes[KIT_MESSAGE_BYTES];
};

void request_write(const struct request_text *request, struct text *out);

/*
 * Gateway A of the example: own domain abc.com; terminals 1 user-a at 2001:1234::10 and 2 user-e at
 * 2001:1234::e; user-d without a terminal; peer 1 xyz.com. Everybody may reach everybody but
 * user-d.
 */
struct gateway_kit *example_kit_create(void);

/* Sends it by terminal 1, 2 or by the peer. */
enum example_sender { BY_TERMINAL_1 = 1, BY_TERMINAL_2, BY_PEER };
void example_send(struct gateway_kit *kit, enum example_sender by,
		  const struct request_text *request, struct kit_result *result);
void example_send_text(struct gateway_kit *kit, enum example_sender by, const struct text *text,
		       struct kit_result *result);

/* Terminal 1 or 2 is marked legacy from now on; what goes there is sent (`restore`) or not. */
void example_mark_legacy(struct gateway_kit *kit, enum example_sender which, bool is_restored);

/* A UAS's response to a request as a gateway sent it: Via, Route-Security and Record-Route copied.
 */
void response_write(const struct kit_result *request, unsigned status, const char *to_tag,
		    struct text *out);

/* An INVITE of terminal 1 to target, as it leaves; what the peer answers to one, its own entry of the
 * series on top, as every request beyond it has it. */
void example_invite(struct gateway_kit *kit, const char *target, struct kit_result *sent);
void example_answered_by_peer(struct gateway_kit *kit, unsigned status, struct text *answer);

/* Puts `to` in place of the first `from`, which must be there. */
void text_replace(struct text *text, const char *from, const char *to);

/* Does the text of what was sent hold this? */
bool result_has(const struct kit_result *result, const char *part);

/* Copies what stands between two marks of what was sent; the first after `before`. */
void result_between(const struct kit_result *result, const char *before, const char *after,
		    char *out, size_t room);

/* Each assert that this is what became of the message. */
void expect_status(const struct kit_result *result, unsigned status);
void expect_drop(const struct kit_result *result, enum drop_reason reason);
void expect_sent(const struct kit_result *result, enum leg_kind kind);

/* The next event's kind, 0 if there is none. */
unsigned event_next(struct gateway_kit *kit);

#define ROUTE_SECURITY_1 "Route-Security: [2001:1234::10];level=3\r\n"
#define ROUTE_SECURITY_2 "Route-Security: [2001:1234::e];level=3\r\n"
#define ROUTE_SECURITY_B "Route-Security: [2001:abcd::5060];level=3\r\n"
#define VIA_1		 "Via: SIP/2.0/UDP [2001:1234::10]:5060;branch=z9hG4bKt1;rport\r\n"
#define VIA_2		 "Via: SIP/2.0/UDP [2001:1234::e]:5060;branch=z9hG4bKe1;rport\r\n"
#define VIA_B		 "Via: SIP/2.0/UDP [2001:abcd::5060]:5060;branch=z9hG4bKb1\r\n"

#endif
