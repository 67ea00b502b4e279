#include "tests/unit/dataplane_process/plane_kit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <netinet/in.h>
#include <unistd.h>

#include <rte_malloc.h>
#include <rte_rcu_qsbr.h>

#include "dataplane/eal.h"
#include "dataplane/io/next_hop.h"
#include "dataplane/io/port.h"
#include "dataplane/ip_header.h"

static struct configuration configuration_make(void)
{
	struct configuration configuration = {
		.workers = KIT_WORKERS,
		.memory_mb = 96,
		.sa_capacity = 64,
		.binding_capacity = 64,
		.small_buffers = 1024,
		.large_buffers = 128,
		.registers_per_second = 10,
		.port_count = 1,
	};
	struct configuration_port *port = &configuration.ports[0];

	snprintf(configuration.file_prefix, sizeof(configuration.file_prefix), "sekisho-test-%d",
		 getpid());
	port->mtu = 1500;
	port->address[0] = plane_address("192.0.2.60", 0);
	port->address[1] = plane_address("2001:db8::60", 0);
	port->prefix_bits[0] = 24;
	port->prefix_bits[1] = 64;
	return configuration;
}

int plane_kit_eal_begin(void **state)
{
	struct configuration configuration = configuration_make();

	(void)state;
	configuration.port_count = 0;
	return eal_start(&configuration) == RESULT_OK ? 0 : -1;
}

int plane_kit_eal_end(void **state)
{
	(void)state;
	eal_end();
	return 0;
}

static void ports_fill(struct plane_kit *kit)
{
	struct port_table *ports = kit->tables->ports;
	const struct rte_ether_addr mac = {{2, 0, 0, 0, 0, 0x60}};

	ports->count = 1;
	ports->ports[0].mtu = 1500;
	ports->ports[0].mac = mac;
	ports->ports[0].spread = CONTRACT_SPREAD_ADDRESSES;
	ports->names[0] = (struct port_name){.device = "net_test0", .tap = "sekisho0"};
	memcpy(ports->ports[0].address, kit->configuration.ports[0].address,
	       sizeof(ports->ports[0].address));
}

static int workers_make(struct plane_kit *kit)
{
	for (unsigned i = 0; i < KIT_WORKERS; i++) {
		const struct worker_config config = {
			.id = i,
			.configuration = &kit->configuration,
			.tables = kit->tables,
			.rcu = kit->rcu,
			.doorbell = &kit->doorbell,
			.has_controlplane = &kit->has_controlplane,
			.siblings = kit->workers,
		};

		if (worker_create(&config, &kit->workers[i]) != RESULT_OK)
			return -1;
		kit->workers[i]->now_ms = 1000000;
		kit->workers[i]->now_s = 1000;
	}
	return 0;
}

int plane_kit_begin(void **state)
{
	struct plane_kit *kit = calloc(1, sizeof(*kit));

	if (!kit || plane_kit_eal_begin(state) != 0)
		return -1;
	*state = kit;
	kit->configuration = configuration_make();
	kit->rcu = rte_zmalloc("rcu", rte_rcu_qsbr_get_memsize(8), RTE_CACHE_LINE_SIZE);
	if (!kit->rcu || rte_rcu_qsbr_init(kit->rcu, 8) != 0 ||
	    doorbell_open(&kit->doorbell) != RESULT_OK ||
	    table_set_create(&kit->configuration, kit->rcu, &kit->set) != RESULT_OK)
		return -1;
	kit->tables = table_set_view(kit->set);
	ports_fill(kit);
	return workers_make(kit);
}

int plane_kit_end(void **state)
{
	struct plane_kit *kit = *state;

	for (unsigned i = 0; i < KIT_WORKERS; i++)
		worker_destroy(kit->workers[i]);
	table_set_destroy(kit->set);
	doorbell_close(&kit->doorbell);
	rte_free(kit->rcu);
	free(kit);
	return plane_kit_eal_end(state);
}

struct contract_address plane_address(const char *text, uint16_t port)
{
	struct contract_address address = {.family = strchr(text, ':') ? 6 : 4, .port = port};

	assert_int_equal(inet_pton(address.family == 6 ? AF_INET6 : AF_INET, text, address.bytes),
			 1);
	return address;
}

struct packet *plane_packet(struct worker *worker, const void *at, size_t length)
{
	struct rte_mbuf *mbuf =
		rte_pktmbuf_alloc(length > 1800 ? worker->large_buffers : worker->small_buffers);
	struct packet *packet;

	assert_non_null(mbuf);
	mbuf->data_off = PACKET_HEADROOM_BYTES;
	memcpy(rte_pktmbuf_append(mbuf, (uint16_t)length), at, length);
	packet = packet_take(worker->packets, mbuf);
	assert_non_null(packet);
	return packet;
}

void plane_packet_end(struct worker *worker, struct packet *packet)
{
	rte_pktmbuf_free(packet->mbuf);
	packet_put(worker->packets, packet);
}

static size_t ether_write(uint8_t *out, uint8_t family)
{
	static const uint8_t macs[12] = {2, 0, 0, 0, 0, 0x60, 2, 0, 0, 0, 0, 0x10};

	memcpy(out, macs, sizeof(macs));
	out[12] = family == 4 ? 0x08 : 0x86;
	out[13] = family == 4 ? 0x00 : 0xdd;
	return 14;
}

size_t plane_ip(uint8_t *out, const struct contract_address *source,
		const struct contract_address *destination, uint8_t protocol, const void *payload,
		size_t length)
{
	size_t at = ether_write(out, source->family);

	at += ip_header_write(out + at, source, destination, protocol, 0, (uint16_t)length);
	memcpy(out + at, payload, length);
	return at + length;
}

/* Eight bytes of hop-by-hop header that say nothing; or IPv4 options that say nothing. */
static size_t options_insert(uint8_t *frame, size_t length)
{
	uint8_t *ip = frame + 14;
	bool is_ipv4 = ip[0] >> 4 == 4;
	size_t header = is_ipv4 ? 20 : 40;

	memmove(ip + header + 8, ip + header, length - 14 - header);
	memset(ip + header, 1, 8);
	if (is_ipv4) {
		uint32_t sum = 0;

		ip[0] = 0x47;
		ip[3] = (uint8_t)(ip[3] + 8);
		ip[10] = ip[11] = 0;
		for (size_t i = 0; i < 28; i += 2)
			sum += (uint32_t)(ip[i] << 8 | ip[i + 1]);
		sum = (sum & 0xffff) + (sum >> 16);
		sum = ~((sum & 0xffff) + (sum >> 16));
		ip[10] = (uint8_t)(sum >> 8);
		ip[11] = (uint8_t)sum;
	} else {
		ip[40] = ip[6];
		ip[41] = 0;
		ip[42] = 1;
		ip[43] = 4;
		memset(ip + 44, 0, 4);
		ip[6] = 0;
		ip[5] = (uint8_t)(ip[5] + 8);
	}
	return length + 8;
}

size_t plane_udp(uint8_t *out, const struct contract_address *source,
		 const struct contract_address *destination, const void *payload, size_t length,
		 enum plane_flaw flaw)
{
	uint8_t udp[2048];
	size_t bytes;

	memcpy(udp + 8, payload, length);
	ip_udp_write(udp, source, destination, (uint16_t)(length + 8));
	if (flaw == FLAW_CHECKSUM)
		udp[7] ^= 1;
	if (flaw == FLAW_UDP_LENGTH)
		udp[5]++;
	bytes = plane_ip(out, source, destination, IPPROTO_UDP, udp, length + 8);
	if (flaw == FLAW_IP_CHECKSUM)
		out[14 + 10] ^= 1;
	if (flaw == FLAW_OPTIONS)
		bytes = options_insert(out, bytes);
	return bytes;
}

void plane_route(struct plane_kit *kit, const char *router, const uint8_t mac[6])
{
	struct next_hop_route route = {.gateway = plane_address(router, 0)};
	struct rte_ether_addr ether;

	route.prefix.family = route.gateway.family;
	memcpy(ether.addr_bytes, mac, 6);
	assert_int_equal(next_hop_route_add(kit->tables->next_hops, &route), RESULT_OK);
	assert_true(next_hop_publish(kit->tables->next_hops));
	assert_int_equal(next_hop_neighbour_set(kit->tables->next_hops, 0, &route.gateway, &ether),
			 RESULT_OK);
}

struct contract_sa plane_sa(uint32_t index, uint8_t generation, uint8_t worker)
{
	struct contract_sa sa = {
		.index = index,
		.generation = generation,
		.directions = CONTRACT_SA_IN | CONTRACT_SA_OUT,
		.owner_kind = CONTRACT_OWNER_TERMINAL,
		.suite = CONTRACT_SUITE_AES_128_GCM_16,
		.mode = CONTRACT_TRANSPORT,
		.level = 3,
		.worker = worker,
		.spi_out = 0x1234,
		.is_replay_checked = 1,
		.inner_local = plane_address("2001:db8::60", 5060),
		.inner_remote = plane_address("2001:db8::10", 5060),
		.outer_local = plane_address("2001:db8::60", 0),
		.outer_remote = plane_address("2001:db8::10", 0),
		.subscriber = "user-a@abc.com",
	};

	for (size_t i = 0; i < 20; i++) {
		sa.key_in[i] = (uint8_t)(i + index);
		sa.key_out[i] = (uint8_t)(i + index + 100);
	}
	contract_header_set(&sa.header, CONTRACT_SA_PUT, sizeof(sa), 1);
	return sa;
}
