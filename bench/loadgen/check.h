/*
 * Is what came out of the gateway what it must have made of what was sent? Judged line by line
 * against the text as sent, written anew; nothing but what a proxy has to change may differ.
 */
#ifndef SEKISHO_BENCH_LOADGEN_CHECK_H
#define SEKISHO_BENCH_LOADGEN_CHECK_H

#include <stdbool.h>
#include <stdint.h>

#include "bench/loadgen/message.h"

/* What stands between the terminals. */
enum check_proxy {
	CHECK_SEKISHO, /* its Via has sk=, it marks Route-Security, it puts the Contact for callee */
	CHECK_FORWARD, /* any proxy that looks callees up: a Via, Max-Forwards, perhaps Record-Route */
	CHECK_DIRECT,  /* one that forwards to the Request-URI, which is the callee's address */
};

struct check {
	const struct message_style *style;
	enum check_proxy proxy;
};

/* NULL, or a sentence about what is wrong. sent: as written, for an ACK or BYE without its Route. */
const char *check_request(const struct check *check, enum message_kind kind,
			  const struct message_parties *parties, struct slice sent,
			  struct slice received);

/* A fingerprint of bytes that must pass unchanged. */
uint32_t check_print(struct slice text);

/* A 200 whose `rest` (message.h) had this print when it was sent. */
const char *check_ok(uint32_t print, struct slice received);

/* A 403 that the gateway itself wrote to this request: the sender's Via, From, To, Call-ID. */
const char *check_refusal(struct slice sent, struct slice received);

/* The answer to a REGISTER: 200, and our Via, From, Call-ID as sent. */
const char *check_registered(struct slice sent, struct slice received);

#endif
