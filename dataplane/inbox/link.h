/*
 * The connection of the one client: packets in and out, each of as many messages as there are.
 * What is said gathers until the turn ends or the packet is full. Memory that may have held keys is
 * wiped once it is done with.
 */
#ifndef SEKISHO_DATAPLANE_INBOX_LINK_H
#define SEKISHO_DATAPLANE_INBOX_LINK_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dataplane/inbox/complaint.h"
#include "shared/contract/contract.h"
#include "shared/contract/packet.h"
#include "shared/result.h"

struct inbox_link {
	int fd;			 /* -1: nobody is there */
	bool has_greeted;	 /* it said hello */
	atomic_bool *has_client; /* has_greeted for other lcores */
	/* While not blocked it has room for a message. */
	struct contract_packet out;
	bool is_blocked; /* the socket had no room for out: nothing more is said, nor read */
	uint64_t since_ms; /* steady time: when it came, or was blocked */
	struct inbox_complaints *complaints;
	/* The packet being worked on: where in it we are, and what came with it (-1: nothing). */
	size_t in_at, in_length;
	int in_fd;
	_Alignas(8) uint8_t in[CONTRACT_PACKET_BYTES + 1];
};

/* A message as it came, not looked at; the descriptor stays the link's. */
struct inbox_message {
	const void *at;
	size_t length; /* bytes, at least one */
	int fd;	       /* -1: none came with it */
};

/* One that is all zero becomes one with nobody there. */
void inbox_link_init(struct inbox_link *link, atomic_bool *has_client,
		     struct inbox_complaints *complaints);
void inbox_link_open(struct inbox_link *link, int fd);
void inbox_link_close(struct inbox_link *link);

/* The client has said hello. */
void inbox_link_greet(struct inbox_link *link);

/* Has the other side gone, without its being noticed yet? */
bool inbox_link_is_dead(const struct inbox_link *link);

/* Has it said no HELLO, or read nothing, for so long that another may have its place? */
bool inbox_link_is_idle(const struct inbox_link *link);

/* Where a message of `length` bytes is to be written, if nothing blocks; and: it is written. */
void *inbox_link_begin(struct inbox_link *link, size_t length);
void inbox_link_end(struct inbox_link *link, size_t length);

void inbox_link_put(struct inbox_link *link, const void *message, size_t length);
void inbox_link_answer(struct inbox_link *link, uint16_t to_id, uint32_t request,
		       enum result result);

/* What was said goes out now, or the link is blocked, or closed. */
void inbox_link_flush(struct inbox_link *link);

/*
 * The next message of the packet, or of the next one; valid until inbox_link_done(), which must
 * follow. False: none waits, or the client is gone.
 */
bool inbox_link_next(struct inbox_link *link, struct inbox_message *message) SEKISHO_MUST_USE;
void inbox_link_done(struct inbox_link *link);

#endif
