/*
 * esp_open and esp_seal behind a pipe, for an implementation of ESP that is not ours on the other
 * side (tests/flow/esp_scapy_test.py). One command a line, one answer a line, packets in hex:
 *
 *     links                 link N SUITE MODE KEY-IN KEY-OUT SPI LOCAL PORT REMOTE PORT
 *                           OUTER-LOCAL OUTER-REMOTE for each link of esp_kit, then "end"
 *     open HEX              "pass SPI HEX" or "drop REASON"
 *     seal N HEX            "packet HEX" or "drop REASON"
 *     number N NUMBER       the link's next outbound number: "done"
 */
#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/dataplane/esp_kit.h"

#define LINE_BYTES 65536

static void print_hex(const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		printf("%02x", bytes[i]);
}

static size_t read_hex(const char *hex, uint8_t *bytes, size_t max)
{
	size_t len = 0;
	unsigned int byte;

	while (len < max && sscanf(hex + 2 * len, "%2x", &byte) == 1)
		bytes[len++] = (uint8_t)byte;
	return len;
}

static void print_address(const struct contract_address *address, bool has_port)
{
	char text[INET6_ADDRSTRLEN] = "?";

	inet_ntop(address->family == 4 ? AF_INET : AF_INET6, address->bytes, text, sizeof(text));
	printf(" %s", text);
	if (has_port)
		printf(" %u", address->port);
}

static void print_links(void)
{
	for (size_t i = 0; i < kit_link_count; i++) {
		struct contract_sa sa;
		size_t key_len = esp_suite_key_bytes(esp_suite_get(kit_links[i].suite));

		kit_sa(&kit_links[i], false, &sa);
		printf("link %zu %u %u ", i, sa.suite, sa.mode);
		print_hex(sa.key_in, key_len);
		printf(" ");
		print_hex(sa.key_out, key_len);
		printf(" %" PRIu32, SA_HANDLE(sa.index, sa.generation));
		print_address(&sa.inner_local, true);
		print_address(&sa.inner_remote, true);
		print_address(&sa.outer_local, false);
		print_address(&sa.outer_remote, false);
		printf("\n");
	}
	printf("end\n");
}

static void open_one(struct kit_ends *ends, struct kit_buffer *buffer, const char *hex)
{
	static uint8_t bytes[LINE_BYTES / 2];
	struct esp_open_packet packet;

	kit_buffer_fill(buffer, bytes, read_hex(hex, bytes, 16000));
	if (kit_gateway_open(ends, buffer, &packet) != ESP_OPEN_PASS) {
		printf("drop %s\n", drop_reason_name(packet.reason));
		return;
	}
	printf("pass %" PRIu32 " ", packet.sa_handle);
	print_hex(rte_pktmbuf_mtod(&buffer->mbuf, uint8_t *), buffer->mbuf.data_len);
	printf("\n");
}

static void seal_one(struct kit_ends *ends, struct kit_buffer *buffer, const char *arguments)
{
	static uint8_t bytes[LINE_BYTES / 2];
	struct esp_seal_packet packet = {.mbuf = &buffer->mbuf};
	char *hex;
	unsigned long link = strtoul(arguments, &hex, 10);

	if (link >= kit_link_count)
		exit(2);
	kit_buffer_fill(buffer, bytes, read_hex(hex + strspn(hex, " "), bytes, 16000));
	packet.sa_handle = SA_HANDLE(kit_links[link].index, kit_links[link].generation);
	esp_seal_burst(&ends->gateway_seal, &packet, 1);
	if (packet.reason != DROP_NONE) {
		printf("drop %s\n", drop_reason_name(packet.reason));
		return;
	}
	printf("packet ");
	print_hex(rte_pktmbuf_mtod(&buffer->mbuf, uint8_t *), buffer->mbuf.data_len);
	printf("\n");
}

static void set_number(struct kit_ends *ends, const char *arguments)
{
	char *number;
	unsigned long link = strtoul(arguments, &number, 10);

	if (link >= kit_link_count)
		exit(2);
	atomic_store(&ends->gateway->out[kit_links[link].index].next, strtoull(number, NULL, 10));
	printf("done\n");
}

int main(void)
{
	static char line[LINE_BYTES];
	static struct kit_buffer buffer;
	struct kit_ends ends;

	kit_ends_make(&ends, NULL);
	for (size_t i = 0; i < kit_link_count; i++)
		kit_ends_link(&ends, &kit_links[i]);
	while (fgets(line, sizeof(line), stdin) != NULL) {
		if (strcmp(line, "links\n") == 0)
			print_links();
		else if (strncmp(line, "open ", 5) == 0)
			open_one(&ends, &buffer, line + 5);
		else if (strncmp(line, "seal ", 5) == 0)
			seal_one(&ends, &buffer, line + 5);
		else if (strncmp(line, "number ", 7) == 0)
			set_number(&ends, line + 7);
		else
			return 2;
		fflush(stdout);
	}
	kit_ends_free(&ends);
	return 0;
}
