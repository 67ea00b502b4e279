/* A data plane without ports for tests of its parts: EAL, all tables, one worker, buffers to fill.
 */
#ifndef SEKISHO_TESTS_PLANE_KIT_H
#define SEKISHO_TESTS_PLANE_KIT_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include <rte_mbuf.h>

#include "dataplane/configuration.h"
#include "dataplane/doorbell.h"
#include "dataplane/packet.h"
#include "dataplane/tables.h"
#include "dataplane/worker.h"

#define KIT_WORKERS 2

struct plane_kit {
	struct configuration configuration; /* one port: 192.0.2.60/24, 2001:db8::60/64 */
	struct rte_rcu_qsbr *rcu;
	struct table_set *set;
	const struct tables *tables;
	struct doorbell doorbell;
	atomic_bool has_controlplane;
	struct worker *workers[KIT_WORKERS];
};

/* For cmocka_run_group_tests(): EAL once a process; *state is a struct plane_kit. */
int plane_kit_begin(void **state);
int plane_kit_end(void **state);

/* EAL alone, for tests that need nothing else. */
int plane_kit_eal_begin(void **state);
int plane_kit_eal_end(void **state);

/* An address: text as inet_pton() takes it. */
struct contract_address plane_address(const char *text, uint16_t port);

/* A packet of the worker's whose mbuf holds these bytes. */
struct packet *plane_packet(struct worker *worker, const void *at, size_t length);
void plane_packet_end(struct worker *worker, struct packet *packet);

/* Wire bytes: Ethernet, IP, UDP and the payload; how many. `flaw` is what to spoil. */
enum plane_flaw {
	FLAW_NONE,
	FLAW_CHECKSUM, /* of UDP */
	FLAW_UDP_LENGTH,
	FLAW_IP_CHECKSUM,
	FLAW_OPTIONS, /* a hop-by-hop header, or an IPv4 option */
};
size_t plane_udp(uint8_t *out, const struct contract_address *source,
		 const struct contract_address *destination, const void *payload, size_t length,
		 enum plane_flaw flaw);

/* Ethernet and IP of this protocol before the payload. */
size_t plane_ip(uint8_t *out, const struct contract_address *source,
		const struct contract_address *destination, uint8_t protocol, const void *payload,
		size_t length);

/* The neighbour of port 0 for everything: a default route by it, its MAC known. */
void plane_route(struct plane_kit *kit, const char *router, const uint8_t mac[6]);

/* A terminal's SA, transport mode over IPv6 between [2001:db8::10]:5060 and us. */
struct contract_sa plane_sa(uint32_t index, uint8_t generation, uint8_t worker);

#endif
