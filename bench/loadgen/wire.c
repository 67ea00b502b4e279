#include "bench/loadgen/wire.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <rte_bus_pci.h>
#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_ethdev.h>

#include "dataplane/eal_init.h"

#define DESCRIPTORS  1024
#define BUFFERS	     8191
#define BUFFER_CACHE 256
#define WORD_BYTES   300
#define WORDS_MAX    12
#define ASK_EVERY_MS 100

/* EAL's own command line. */
struct words {
	char text[WORDS_MAX][WORD_BYTES];
	char *word[WORDS_MAX];
	int count;
};

static void __attribute__((format(printf, 2, 3)))
word_add(struct words *words, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(words->text[words->count], WORD_BYTES, format, arguments);
	va_end(arguments);
	words->word[words->count] = words->text[words->count];
	words->count++;
}

static int eal_begin(const struct wire_config *config)
{
	struct words words = {.count = 0};

	word_add(&words, "sekisho-loadgen");
	word_add(&words, "--no-telemetry");
	word_add(&words, "--log-level=warning");
	word_add(&words, "--file-prefix=%s", config->file_prefix);
	word_add(&words, "-m%u", config->memory_mb);
	if (config->core >= 0)
		word_add(&words, "--lcores=0@%d", config->core);
	else
		word_add(&words, "--lcores=0");
	word_add(&words, "%s=%s", config->is_vdev ? "--vdev" : "--allow", config->device);
	if (config->is_vdev)
		word_add(&words, "--no-pci");
	word_add(&words, config->is_huge ? "--in-memory" : "--no-huge");
	if (!config->is_huge)
		word_add(&words, "--no-shconf");
	return eal_init(words.count, words.word);
}

static int ethdev_find(const struct wire_config *config, uint16_t *ethdev)
{
	char name[WORD_BYTES];
	struct rte_pci_addr address;

	snprintf(name, sizeof(name), "%s", config->device);
	name[strcspn(name, ",")] = '\0';
	if (!config->is_vdev && rte_pci_addr_parse(name, &address) == 0)
		rte_pci_device_name(&address, name, sizeof(name));
	return rte_eth_dev_get_port_by_name(name, ethdev);
}

static int port_begin(const struct wire_config *config, struct wire *wire)
{
	const struct rte_eth_conf conf = {0};
	uint16_t rx = DESCRIPTORS, tx = DESCRIPTORS;
	int error = ethdev_find(config, &wire->ethdev);

	if (error == 0)
		error = rte_eth_dev_configure(wire->ethdev, 1, 1, &conf);
	if (error == 0)
		error = rte_eth_dev_adjust_nb_rx_tx_desc(wire->ethdev, &rx, &tx);
	if (error == 0)
		error = rte_eth_rx_queue_setup(wire->ethdev, 0, rx, 0, NULL, wire->buffers);
	if (error == 0)
		error = rte_eth_tx_queue_setup(wire->ethdev, 0, tx, 0, NULL);
	if (error == 0)
		error = rte_eth_dev_start(wire->ethdev);
	if (error == 0)
		error = rte_eth_macaddr_get(wire->ethdev, &wire->neighbour.own);
	(void)rte_eth_promiscuous_enable(wire->ethdev);
	(void)rte_eth_allmulticast_enable(wire->ethdev);
	return error;
}

enum result wire_start(const struct wire_config *config, struct wire *wire)
{
	int error;

	*wire = (struct wire){.neighbour = {.router = config->router, .gateway = config->gateway}};
	if (eal_begin(config) < 0) {
		fprintf(stderr, "DPDK does not start: %s\n", rte_strerror(rte_errno));
		return RESULT_IO;
	}
	wire->buffers = rte_pktmbuf_pool_create("loadgen", BUFFERS, BUFFER_CACHE, 0,
						RTE_MBUF_DEFAULT_BUF_SIZE, 0);
	if (!wire->buffers) {
		fprintf(stderr, "no buffers: %s\n", rte_strerror(rte_errno));
		return RESULT_MEMORY;
	}
	error = port_begin(config, wire);
	if (error != 0) {
		fprintf(stderr, "%s: does not start: %s\n", config->device, rte_strerror(-error));
		return RESULT_IO;
	}
	wire->link.own = wire->neighbour.own;
	return RESULT_OK;
}

void wire_stop(struct wire *wire)
{
	(void)rte_eth_dev_stop(wire->ethdev);
	(void)rte_eth_dev_close(wire->ethdev);
	(void)rte_eal_cleanup();
}

bool wire_put(struct wire *wire, const uint8_t *frame, size_t length)
{
	struct rte_mbuf *mbuf;

	if (wire->out_last - wire->out_first == WIRE_ROW)
		wire_flush(wire);
	if (wire->out_last - wire->out_first == WIRE_ROW)
		return false;
	mbuf = rte_pktmbuf_alloc(wire->buffers);
	if (!mbuf)
		return false;
	memcpy(rte_pktmbuf_append(mbuf, (uint16_t)length), frame, length);
	wire->out[wire->out_last++ % WIRE_ROW] = mbuf;
	return true;
}

bool wire_say(struct wire *wire, struct terminals *terminals, uint32_t terminal, bool is_clear,
	      struct slice text)
{
	uint8_t frame[FRAME_BYTES_MAX];
	size_t length = frame_write(terminals, &wire->link, terminal, is_clear, text, frame);

	return length > 0 && wire_put(wire, frame, length);
}

void wire_flush(struct wire *wire)
{
	while (wire->out_last != wire->out_first) {
		uint32_t at = wire->out_first % WIRE_ROW;
		uint16_t count = (uint16_t)RTE_MIN(wire->out_last - wire->out_first,
						   RTE_MIN(WIRE_ROW - at, (uint32_t)WIRE_BURST));
		uint16_t taken = rte_eth_tx_burst(wire->ethdev, 0, &wire->out[at], count);

		wire->out_first += taken;
		wire->sent += taken;
		if (taken < count)
			return;
	}
}

/* Is it ours to judge: IP with ESP or UDP? What the kernel beside a gateway says is not. */
static bool is_traffic(const uint8_t *frame, size_t length)
{
	bool is_v4 = frame[12] == 0x08 && frame[13] == 0x00;
	bool is_v6 = frame[12] == 0x86 && frame[13] == 0xdd;
	uint8_t protocol;

	if (length < 54 || (!is_v4 && !is_v6))
		return false;
	protocol = frame[is_v4 ? 23 : 20];
	return protocol == 50 || protocol == 17;
}

uint16_t wire_take(struct wire *wire, struct rte_mbuf *mbufs[WIRE_BURST])
{
	uint16_t count = rte_eth_rx_burst(wire->ethdev, 0, mbufs, WIRE_BURST), kept = 0;

	for (uint16_t i = 0; i < count; i++) {
		const uint8_t *frame = rte_pktmbuf_mtod(mbufs[i], const uint8_t *);
		uint16_t length = rte_pktmbuf_data_len(mbufs[i]);
		uint8_t answer[NEIGHBOUR_FRAME_BYTES];
		size_t answer_length;

		if (is_traffic(frame, length)) {
			mbufs[kept++] = mbufs[i];
			continue;
		}
		answer_length = neighbour_take(&wire->neighbour, frame, length, answer);
		wire->strangers += !neighbour_is_frame(frame, length);
		rte_pktmbuf_free(mbufs[i]);
		if (answer_length > 0)
			(void)wire_put(wire, answer, answer_length);
	}
	wire->received += kept;
	return kept;
}

static bool is_up(const struct wire *wire)
{
	struct rte_eth_link link = {0};

	return rte_eth_link_get_nowait(wire->ethdev, &link) == 0 &&
	       link.link_status == RTE_ETH_LINK_UP;
}

enum result wire_wait(struct wire *wire, unsigned milliseconds)
{
	uint8_t question[NEIGHBOUR_FRAME_BYTES];
	size_t length = neighbour_ask(&wire->neighbour, question);

	for (unsigned waited = 0; waited < milliseconds; waited++) {
		struct rte_mbuf *mbufs[WIRE_BURST];
		uint16_t count;

		if (wire->neighbour.is_known) {
			wire->link.gateway = wire->neighbour.gateway_mac;
			return RESULT_OK;
		}
		if (waited % ASK_EVERY_MS == 0 && is_up(wire))
			(void)wire_put(wire, question, length);
		wire_flush(wire);
		count = wire_take(wire, mbufs);
		for (uint16_t i = 0; i < count; i++)
			rte_pktmbuf_free(mbufs[i]);
		nanosleep(&(struct timespec){0, 1000000}, NULL);
	}
	fprintf(stderr, "the gateway's MAC is not heard within %u ms: %s\n", milliseconds,
		is_up(wire) ? "nobody answers" : "the link is down");
	return RESULT_IO;
}
