/*
 * What the path of each SA carries (docs/protocol.md 1.11). It begins with what every path carries. A
 * longer packet is sent at once only after one as long has come through, as its receiver has said
 * inside the SA (RFC 8899's way, in a few steps); it is asked only where long messages go, and asked
 * anew from time to time. What ICMP says is not authentic and may only narrow a path, of a live SA,
 * by quoting a packet that it has sent lately, never below its family's floor, and not for ever.
 * Control lcore only.
 */
#ifndef SEKISHO_DATAPLANE_PATH_MTU_H
#define SEKISHO_DATAPLANE_PATH_MTU_H

#include <stddef.h>
#include <stdint.h>

struct port_table;
struct sa_table;
struct worker;

struct path_mtu_counts {
	uint64_t asked;	   /* questions sent */
	uint64_t narrowed; /* paths, by an ICMP message */
	uint64_t refused;  /* ICMP messages that quote nothing an SA has sent lately, or say nonsense */
	uint64_t too_many; /* not even looked at */
	uint64_t lost;	   /* paths that no longer carry what they had, and no ICMP message said so */
};

/* All but the first four zero at the start. */
struct path_mtu {
	struct sa_table *sas;
	const struct port_table *ports;
	struct worker *const *workers;
	struct path_mtu_counts *counts;
	uint64_t told_s; /* the second that `told` counts in */
	unsigned told;
	uint64_t turn_ms; /* the turn that `asks` counts in */
	unsigned asks;
};

/* A frame on its way to the kernel: if it tells of a path of ours, that is taken into account. */
void path_mtu_frame(struct path_mtu *paths, const uint8_t *frame, size_t length, uint64_t now_ms);

/* The sweep (sa_sweep.h) is at this SA: ask about its path if that is due. */
void path_mtu_visit(struct path_mtu *paths, uint32_t index, uint64_t now_ms);

#endif
