#include "tests/unit/dataplane/esp_kit.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

const struct kit_link kit_links[] = {
	{CONTRACT_SUITE_AES_128_GCM_16, CONTRACT_TRANSPORT, 4, 4, 5, 1},
	{CONTRACT_SUITE_AES_128_GCM_16, CONTRACT_TRANSPORT, 6, 6, 6, 2},
	{CONTRACT_SUITE_AES_256_GCM_16, CONTRACT_TRANSPORT, 6, 6, 7, 3},
	{CONTRACT_SUITE_AES_128_GCM_16, CONTRACT_TUNNEL, 4, 4, 8, 4},
	{CONTRACT_SUITE_AES_128_GCM_16, CONTRACT_TUNNEL, 6, 4, 9, 5},
	{CONTRACT_SUITE_AES_128_GCM_16, CONTRACT_TUNNEL, 4, 6, 10, 6},
	{CONTRACT_SUITE_AES_256_GCM_16, CONTRACT_TUNNEL, 6, 6, 11, 7},
	{CONTRACT_SUITE_AES_128_GCM_16, CONTRACT_UDP_TUNNEL, 4, 4, 12, 8},
	{CONTRACT_SUITE_AES_128_GCM_16, CONTRACT_UDP_TUNNEL, 6, 4, 13, 9},
	{CONTRACT_SUITE_AES_128_GCM_16, CONTRACT_UDP_TUNNEL, 4, 6, 14, 10},
	{CONTRACT_SUITE_AES_256_GCM_16, CONTRACT_UDP_TUNNEL, 6, 6, 15, 255},
	{CONTRACT_SUITE_AES_256_GCM_16, CONTRACT_UDP_TRANSPORT, 4, 4, 16, 12},
	{CONTRACT_SUITE_AES_128_GCM_16, CONTRACT_UDP_TRANSPORT, 6, 6, 17, 13},
	{CONTRACT_SUITE_AES_128_CBC_HMAC_SHA_256_128, CONTRACT_TRANSPORT, 6, 6, 18, 14},
	{CONTRACT_SUITE_AES_128_CBC_HMAC_SHA_256_128, CONTRACT_UDP_TUNNEL, 4, 4, 19, 15},
	{CONTRACT_SUITE_AES_128_CBC_HMAC_SHA_1_96, CONTRACT_TRANSPORT, 4, 4, 20, 16},
	{CONTRACT_SUITE_AES_128_CBC_HMAC_SHA_1_96, CONTRACT_TUNNEL, 6, 6, 21, 17},
	{CONTRACT_SUITE_NULL_HMAC_SHA_256_128, CONTRACT_TRANSPORT, 6, 6, 22, 18},
	{CONTRACT_SUITE_NULL_HMAC_SHA_256_128, CONTRACT_UDP_TUNNEL, 4, 6, 23, 19},
	{CONTRACT_SUITE_AES_256_CBC_HMAC_SHA_256_128, CONTRACT_TRANSPORT, 4, 4, 24, 20},
	{CONTRACT_SUITE_AES_256_CBC_HMAC_SHA_256_128, CONTRACT_UDP_TUNNEL, 6, 6, 25, 21},
	{CONTRACT_SUITE_NULL_AES_128_GMAC_16, CONTRACT_TRANSPORT, 6, 6, 26, 22},
	{CONTRACT_SUITE_NULL_AES_128_GMAC_16, CONTRACT_UDP_TUNNEL, 4, 4, 27, 23},
};
const size_t kit_link_count = sizeof(kit_links) / sizeof(kit_links[0]);

void kit_buffer_fill(struct kit_buffer *buffer, const void *bytes, size_t len)
{
	struct rte_mbuf *mbuf = &buffer->mbuf;

	memset(mbuf, 0, sizeof(*mbuf));
	mbuf->buf_addr = buffer->bytes;
	mbuf->buf_len = sizeof(buffer->bytes);
	mbuf->data_off = KIT_HEADROOM;
	mbuf->nb_segs = 1;
	rte_mbuf_refcnt_set(mbuf, 1);
	memcpy(rte_pktmbuf_append(mbuf, (uint16_t)len), bytes, len);
}

static struct contract_address address(uint8_t family, uint8_t net, uint8_t host, uint16_t port)
{
	struct contract_address made = {.family = family, .port = port};

	if (family == 4) {
		memcpy(made.bytes, (uint8_t[]){192, 0, net, host}, 4);
	} else {
		memcpy(made.bytes, (uint8_t[]){0x20, 0x01, 0x0d, 0xb8, 0, net}, 6);
		made.bytes[15] = host;
	}
	return made;
}

void kit_sa(const struct kit_link *link, bool is_terminal, struct contract_sa *sa)
{
	struct contract_address inner[2] = {address(link->inner_family, 1, 1, 5060),
					    address(link->inner_family, 1, 2, 5062)};
	struct contract_address outer[2] = {address(link->outer_family, 2, 1, 4500),
					    address(link->outer_family, 2, 2, 31000)};
	bool is_tunnel = link->mode == CONTRACT_TUNNEL || link->mode == CONTRACT_UDP_TUNNEL;

	if (is_terminal)
		outer[1].port = 4500;
	for (int i = 0; i < 2 && !is_tunnel; i++)
		memcpy(outer[i].bytes, inner[i].bytes, sizeof(outer[i].bytes));
	memset(sa, 0, sizeof(*sa));
	sa->index = link->index;
	sa->generation = link->generation;
	sa->directions = CONTRACT_SA_IN | CONTRACT_SA_OUT;
	sa->owner_kind = CONTRACT_OWNER_TERMINAL;
	sa->suite = (uint8_t)link->suite;
	sa->mode = (uint8_t)link->mode;
	sa->level = esp_suite_get(link->suite)->level;
	sa->port = 1;
	sa->spi_out = SA_HANDLE(link->index, link->generation);
	sa->owner_index = 77;
	sa->owner_generation = 3;
	sa->is_replay_checked = 1;
	sa->inner_local = inner[is_terminal];
	sa->inner_remote = inner[!is_terminal];
	sa->outer_local = outer[is_terminal];
	sa->outer_remote = outer[!is_terminal];
	for (uint32_t i = 0; i < esp_suite_key_bytes(esp_suite_get(link->suite)); i++) {
		uint8_t *up = is_terminal ? sa->key_out : sa->key_in;
		uint8_t *down = is_terminal ? sa->key_in : sa->key_out;

		up[i] = (uint8_t)(i * 7 + link->index);
		down[i] = (uint8_t)(i * 11 + 100 + link->index);
	}
	strcpy(sa->subscriber, "user-a@abc.com");
}

static struct sa_table *table_make(const char *state_path)
{
	struct sa_table_config config = {
		.capacity = 64, .workers = 2, .dscp = 24, .state_path = state_path};
	struct sa_table *table = NULL;

	assert_int_equal(sa_table_create(&config, &table), RESULT_OK);
	return table;
}

void kit_ends_make(struct kit_ends *ends, const char *state_path)
{
	memset(ends, 0, sizeof(*ends));
	assert_int_equal(esp_engine_create_direct(&ends->engine), RESULT_OK);
	ends->gateway = table_make(state_path);
	ends->terminal = table_make(NULL);
	ends->terminal_seal = (struct esp_seal){ends->terminal, ends->engine};
	ends->gateway_seal = (struct esp_seal){ends->gateway, ends->engine};
	ends->gateway_open = (struct esp_open){ends->gateway, ends->engine, 0, 1000};
	ends->terminal_open = (struct esp_open){ends->terminal, ends->engine, 0, 1000};
}

void kit_ends_link(struct kit_ends *ends, const struct kit_link *link)
{
	struct contract_sa sa;

	kit_sa(link, false, &sa);
	assert_int_equal(sa_table_put(ends->gateway, &sa), RESULT_OK);
	kit_sa(link, true, &sa);
	assert_int_equal(sa_table_put(ends->terminal, &sa), RESULT_OK);
	ends->handle = SA_HANDLE(link->index, link->generation);
}

void kit_ends_free(struct kit_ends *ends)
{
	sa_table_destroy(ends->gateway);
	sa_table_destroy(ends->terminal);
	esp_engine_destroy(ends->engine);
}

enum drop_reason kit_terminal_seal(struct kit_ends *ends, struct kit_buffer *buffer)
{
	struct esp_seal_packet packet = {.mbuf = &buffer->mbuf, .sa_handle = ends->handle};

	esp_seal_burst(&ends->terminal_seal, &packet, 1);
	return packet.reason;
}

void kit_terminal_seal_raw(struct kit_ends *ends, struct kit_buffer *buffer, uint64_t number,
			   const uint8_t *plain, size_t len)
{
	struct sa_out *sa = sa_table_find_out(ends->terminal, ends->handle);
	const struct esp_suite *suite = esp_suite_get(sa->suite);
	const struct sa_outer *outer = &sa->outer[0];
	uint32_t clear = 8 + (uint32_t)suite->iv_bytes;
	uint8_t packet[48 + 8 + ESP_SUITE_IV_BYTES + KIT_PLAIN_BYTES + 16];
	uint32_t total = outer->len + clear + (uint32_t)len + suite->icv_bytes;
	uint32_t ip_len = outer->is_ipv4 ? 20 : 40, low = htonl((uint32_t)number);
	uint16_t length = htons((uint16_t)(outer->is_ipv4 ? total : total - ip_len));
	uint16_t udp = htons((uint16_t)(total - ip_len));
	struct esp_job job = {
		.key = &sa->key, .suite = suite, .len = (uint32_t)len, .number = number};

	memcpy(packet, outer->header, outer->len);
	memcpy(packet + (outer->is_ipv4 ? 2 : 4), &length, 2);
	if (outer->len > ip_len)
		memcpy(packet + ip_len + 4, &udp, 2);
	kit_buffer_fill(buffer, packet, total);
	job.mbuf = &buffer->mbuf;
	job.esp = rte_pktmbuf_mtod_offset(&buffer->mbuf, uint8_t *, outer->len);
	memcpy(job.esp, &sa->spi_be32, 4);
	memcpy(job.esp + 4, &low, 4);
	esp_engine_iv_write(ends->engine, suite, sa->spi_be32, number, job.esp + 8);
	memcpy(job.esp + clear, plain, len);
	esp_engine_seal(ends->engine, &job, 1);
	assert_true(job.is_done);
}

enum esp_open_verdict kit_gateway_open(struct kit_ends *ends, struct kit_buffer *buffer,
				       struct esp_open_packet *packet)
{
	memset(packet, 0, sizeof(*packet));
	packet->mbuf = &buffer->mbuf;
	esp_open_burst(&ends->gateway_open, packet, 1);
	return (enum esp_open_verdict)packet->verdict;
}

uint8_t *kit_data(struct kit_buffer *buffer)
{
	return rte_pktmbuf_mtod(&buffer->mbuf, uint8_t *);
}

uint32_t kit_esp_offset(const struct kit_link *link)
{
	uint32_t offset = link->outer_family == 4 ? 20 : 40;

	return link->mode >= CONTRACT_UDP_TUNNEL ? offset + 8 : offset;
}

void kit_sealed(struct kit_ends *ends, struct kit_buffer *buffer, const struct kit_link *link)
{
	kit_ends_make(ends, NULL);
	kit_ends_link(ends, link);
	kit_buffer_fill(buffer, KIT_HELLO, KIT_HELLO_BYTES);
	assert_int_equal(kit_terminal_seal(ends, buffer), DROP_NONE);
}

void kit_expect_drop(struct kit_ends *ends, struct kit_buffer *buffer, enum drop_reason reason)
{
	struct esp_open_packet packet;

	assert_int_equal(kit_gateway_open(ends, buffer, &packet), ESP_OPEN_DROP);
	assert_string_equal(drop_reason_name(packet.reason), drop_reason_name(reason));
}

size_t kit_plain(const struct kit_ends *ends, uint8_t *plain)
{
	const struct sa_out *sa = sa_table_find_out(ends->terminal, ends->handle);
	static struct kit_buffer buffer;

	kit_buffer_fill(&buffer, KIT_HELLO, KIT_HELLO_BYTES);
	assert_int_equal(esp_seal_inner(sa, &buffer.mbuf), DROP_NONE);
	memcpy(plain, kit_data(&buffer), buffer.mbuf.data_len);
	return buffer.mbuf.data_len;
}

size_t kit_plain_close(uint8_t *plain, size_t len, uint8_t next)
{
	uint8_t pad = (uint8_t)(-(len + 2) & 15);

	for (uint8_t i = 0; i < pad; i++)
		plain[len++] = (uint8_t)(i + 1);
	plain[len++] = pad;
	plain[len++] = next;
	return len;
}
