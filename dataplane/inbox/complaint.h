/*
 * What was wrong at the contract socket: counted by reason, which sekishoctl shows as counters, and said on
 * standard error, each reason once a minute at most. Control lcore only.
 */
#ifndef SEKISHO_DATAPLANE_INBOX_COMPLAINT_H
#define SEKISHO_DATAPLANE_INBOX_COMPLAINT_H

#include <stdint.h>

/* name of the counter, sentence */
#define INBOX_COMPLAINTS(X)                                                                        \
	X(client_foreign, "another user's process connected, and was sent away")                   \
	X(client_second, "a client connected while there is one, and was sent away")               \
	X(client_silent, "a client said no HELLO, or read nothing for 5 s: another has its place") \
	X(message_early, "a request came before HELLO")                                            \
	X(message_malformed, "a message was malformed")                                            \
	X(message_unknown, "a message was of a kind that there is not")                            \
	X(message_version, "a message was of another version of the contract")                     \
	X(packet_long, "a packet was longer than one may be, and its client sent away")

enum inbox_complaint {
#define INBOX_COMPLAINT_ENUM(name, sentence) INBOX_COMPLAINT_##name,
	INBOX_COMPLAINTS(INBOX_COMPLAINT_ENUM)
#undef INBOX_COMPLAINT_ENUM
		INBOX_COMPLAINT_COUNT,
};

struct inbox_complaints {
	uint64_t count[INBOX_COMPLAINT_COUNT];
	uint64_t said_ms[INBOX_COMPLAINT_COUNT]; /* steady time; 0: never */
};

void inbox_complain(struct inbox_complaints *complaints, enum inbox_complaint what);

#endif
