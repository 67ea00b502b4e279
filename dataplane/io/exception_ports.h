/*
 * The kernel's side of our ports: a TAP each, the neighbours and routes that the kernel finds
 * there, and the packets that wait for it to find them. Control lcore only.
 */
#ifndef SEKISHO_DATAPLANE_IO_EXCEPTION_PORTS_H
#define SEKISHO_DATAPLANE_IO_EXCEPTION_PORTS_H

#include <poll.h>
#include <stdint.h>

#include "dataplane/configuration.h"
#include "shared/contract/contract.h"
#include "shared/result.h"

struct control_counts;
struct exception_ports;
struct next_hop_table;
struct port_table;
struct rte_mbuf;
struct worker;

#define EXCEPTION_PORTS_FDS (CONFIGURATION_PORTS + 1)

struct exception_ports_config {
	const struct configuration *configuration;
	const struct port_table *ports;
	struct next_hop_table *next_hops;
	struct worker *worker; /* whose graph sends what comes from the kernel */
	struct control_counts *counts;
};

/* Make the TAPs, up, with their ports' MACs and addresses. RESULT_OK, or what went wrong, said on
 * stderr. */
enum result exception_ports_create(const struct exception_ports_config *config,
				   struct exception_ports **ports) SEKISHO_MUST_USE;
void exception_ports_destroy(struct exception_ports *ports);

/* What to poll, at most EXCEPTION_PORTS_FDS; and, after poll(), what to do about it. */
nfds_t exception_ports_poll_fill(const struct exception_ports *ports, struct pollfd *polled);
void exception_ports_serve(struct exception_ports *ports, const struct pollfd *polled);

/* A frame for the kernel, with its note; taken. */
void exception_ports_to_kernel(struct exception_ports *ports, struct rte_mbuf *mbuf);

/* An IP packet whose next hop is not known, with its note: waits or is dropped; taken. */
void exception_ports_resolve(struct exception_ports *ports, struct rte_mbuf *mbuf, uint64_t now_ms);

/* Drop what has waited too long. */
void exception_ports_expire(struct exception_ports *ports, uint64_t now_ms);

/* Traffic that the kernel does not see goes to this destination: keep its next hop known. */
void exception_ports_keep_fresh(struct exception_ports *ports, uint8_t port,
				const struct contract_address *destination);

#endif
