/*
 * A packet of the contract's socket: one message, or several one behind the other, so that one
 * system call and one wake-up carry many. Each begins at a multiple of 8 bytes. A message with a
 * descriptor beside it is alone in its packet.
 */
#ifndef SEKISHO_SHARED_CONTRACT_PACKET_H
#define SEKISHO_SHARED_CONTRACT_PACKET_H

#include <stddef.h>
#include <stdint.h>

#include "shared/contract/contract.h"

/* Longest packet. */
#define CONTRACT_PACKET_BYTES 65536

/* One that is being written. */
struct contract_packet {
	size_t length; /* 0: empty */
	_Alignas(8) uint8_t bytes[CONTRACT_PACKET_BYTES];
};

/*
 * Where a message of so many bytes is to be written, behind those that are there; NULL: there is no
 * room. It is part of the packet only after contract_packet_take() of the same length.
 */
void *contract_packet_room(struct contract_packet *packet, size_t length) SEKISHO_MUST_USE;
void contract_packet_take(struct contract_packet *packet, size_t length);

/*
 * Of a packet that has come: how many of the `left` bytes (at least one) are the next message. What
 * its header says, or all of them if that cannot be; contract_validate() then says what is wrong.
 */
size_t contract_packet_message(const void *at, size_t left);

/* How many bytes on from there the one after it begins; `left`: there is none. */
size_t contract_packet_step(size_t message, size_t left);

#endif
