/*
 * Cycles per packet of esp_open and esp_seal, beside the crypto floor: IPsec-MB alone on the same
 * keys and buffers, in the same run, interleaved.
 *
 *     bench_esp [--json] [SAS [BYTES [ROUNDS [SUITE [huge | device]]]]]      4096 700 40 1
 *
 * SUITE is a number of docs/protocol.md 1.6. device: by crypto_aesni_mb behind cryptodev instead of
 * IPsec-MB called directly, the floor too.
 *
 * Each SA leads back to itself (the same key and address both ways), so that what one step seals is
 * what the next opens: every packet is fresh, every window moves, nothing is left out of the
 * measurement, and nothing else is in it. Figures are of bursts: the median, and what the quietest
 * tenth came to, since a machine is seldom one's own.
 */
#include <inttypes.h>
#include <jansson.h>
#include <rte_cycles.h>
#include <rte_mbuf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dataplane/eal_init.h"
#include "dataplane/esp/device.h"
#include "dataplane/esp/open.h"
#include "dataplane/esp/outer.h"
#include "dataplane/esp/seal.h"
#include "dataplane/esp/self_test.h"
#include "shared/contract/drop_sentence.h"

#define BURST	     32
#define BURSTS	     1024 /* a round */
#define BUFFER_BYTES 2048
#define HEADROOM     256
#define AROUND	     64 /* ESP header and IV, trailer and ICV */
#define ROUNDS_MAX   1000

enum measure { FLOOR_HOT, FLOOR, OPEN, SEAL, BOTH, MEASURES };

static const char *const measure_names[MEASURES] = {
	"cryptography alone, one SA",
	"cryptography alone",
	"esp_open",
	"esp_seal",
	"esp_open + esp_seal",
};

struct bench {
	uint32_t sas;
	uint32_t bytes;
	uint32_t rounds;
	uint8_t suite;
	bool is_huge;
	bool is_by_device;
	struct esp_device device;
	struct sa_table *table;
	struct esp_engine *engine;
	uint32_t seed;
	struct rte_mbuf mbufs[BURST];
	uint8_t (*buffers)[BUFFER_BYTES];
	uint32_t *cycles[MEASURES]; /* a packet, for each burst */
	uint32_t taken[MEASURES];
};

static void note(struct bench *bench, enum measure measure, uint64_t cycles)
{
	bench->cycles[measure][bench->taken[measure]++] = (uint32_t)(cycles / BURST);
}

static void give_up(const char *why)
{
	fprintf(stderr, "bench_esp: %s\n", why);
	exit(1);
}

/* xorshift32: which SA is next must not be guessable for the prefetcher. */
static uint32_t any_handle(struct bench *bench)
{
	uint32_t x = bench->seed;

	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	bench->seed = x;
	return SA_HANDLE(1 + x % bench->sas, 1);
}

static void put_sas(struct bench *bench)
{
	struct contract_sa sa = {
		.generation = 1,
		.directions = CONTRACT_SA_IN | CONTRACT_SA_OUT,
		.owner_kind = CONTRACT_OWNER_TERMINAL,
		.suite = bench->suite,
		.mode = CONTRACT_TRANSPORT,
		.level = esp_suite_get(bench->suite)->level,
		.is_replay_checked = 1,
	};

	sa.inner_local = (struct contract_address){6, 0, 5060, {0x20, 1, 0xd, 0xb8}};
	for (uint32_t i = 1; i <= bench->sas; i++) {
		sa.index = i;
		sa.spi_out = SA_HANDLE(i, 1);
		memcpy(sa.inner_local.bytes + 12, &i, 4);
		sa.inner_remote = sa.outer_local = sa.outer_remote = sa.inner_local;
		for (uint32_t j = 0; j < CONTRACT_SA_KEY_BYTES; j++)
			sa.key_in[j] = sa.key_out[j] =
				(uint8_t)(i >> j % 4 * 8) ^ (uint8_t)(j * 37);
		if (sa_table_put(bench->table, &sa) != RESULT_OK)
			give_up("an SA is refused");
	}
}

/* EAL is needed for nothing else here. */
static void device_start(struct bench *bench)
{
	char memory[16];
	char *const arguments[] = {
		"bench_esp",	 "--no-huge",	     "-m",	    memory,
		"--no-pci",	 "--no-telemetry",   "--no-shconf", "--log-level=error",
		"--file-prefix", "sekisho-bench-esp"};

	snprintf(memory, sizeof(memory), "%u", 128 + bench->sas / 128);
	if (eal_init(10, (char **)(uintptr_t)arguments) < 0 ||
	    esp_device_open("crypto_aesni_mb", 1, bench->sas + 1, &bench->device) != RESULT_OK)
		give_up("the device does not start");
}

static void make(struct bench *bench)
{
	struct sa_table_config config = {
		.capacity = bench->sas + 1, .workers = 1, .is_huge = bench->is_huge};

	if (bench->is_by_device) {
		device_start(bench);
		config.device = &bench->device;
	}
	if (sa_table_create(&config, &bench->table) != RESULT_OK ||
	    (bench->is_by_device ? esp_engine_create_device(&bench->device, 0, &bench->engine)
				 : esp_engine_create_direct(&bench->engine)) != RESULT_OK)
		give_up("no memory");
	if (esp_self_test(bench->engine) != RESULT_OK)
		give_up("the self test fails");
	put_sas(bench);
	bench->buffers = aligned_alloc(64, BURST * sizeof(*bench->buffers));
	if (bench->buffers == NULL)
		give_up("no memory");
	for (int i = 0; i < BURST; i++) {
		struct rte_mbuf *mbuf = &bench->mbufs[i];

		memset(bench->buffers[i], 'x', BUFFER_BYTES);
		mbuf->buf_addr = bench->buffers[i];
		mbuf->buf_len = BUFFER_BYTES;
		mbuf->data_off = HEADROOM;
		mbuf->nb_segs = 1;
		mbuf->data_len = (uint16_t)bench->bytes;
		mbuf->pkt_len = bench->bytes;
		rte_mbuf_refcnt_set(mbuf, 1);
	}
}

/* The message, and so much before and after it as part of the data. */
static void data_set(struct bench *bench, int i, uint16_t around)
{
	struct rte_mbuf *mbuf = &bench->mbufs[i];

	mbuf->data_off = (uint16_t)(HEADROOM - around);
	mbuf->data_len = (uint16_t)(bench->bytes + 2u * around);
	mbuf->pkt_len = mbuf->data_len;
}

/* What esp_seal, then esp_open give their engine, and nothing else of them. */
static uint64_t floor_burst(struct bench *bench, const uint32_t *handles, uint64_t number)
{
	const struct esp_suite *suite = esp_suite_get(bench->suite);
	struct esp_job out[BURST], in[BURST];
	uint64_t start;

	for (int i = 0; i < BURST; i++) {
		uint32_t index = SA_INDEX(handles[i]);

		data_set(bench, i, AROUND);
		out[i] = (struct esp_job){
			.key = &bench->table->out[index].key,
			.suite = suite,
			.mbuf = &bench->mbufs[i],
			.esp = bench->buffers[i] + HEADROOM - ESP_HEADER_BYTES - suite->iv_bytes,
			.len = (bench->bytes + 8 + 2 + suite->align_bytes - 1u) &
			       ~(suite->align_bytes - 1u),
			.number = number,
		};
		in[i] = out[i];
		in[i].key = &bench->table->in[index].key;
	}
	start = rte_rdtsc_precise();
	esp_engine_seal(bench->engine, out, BURST);
	esp_engine_open(bench->engine, in, BURST);
	start = rte_rdtsc_precise() - start;
	for (int i = 0; i < BURST; i++) {
		if (!in[i].is_done)
			give_up("the floor does not open what it sealed");
		data_set(bench, i, 0);
	}
	return start;
}

static void round_floor(struct bench *bench, enum measure measure)
{
	for (int n = 0; n < BURSTS; n++) {
		uint32_t handles[BURST];

		for (int i = 0; i < BURST; i++)
			handles[i] = measure == FLOOR_HOT ? SA_HANDLE(1, 1) : any_handle(bench);
		note(bench, measure, floor_burst(bench, handles, (uint64_t)n + 1));
	}
}

static void open_burst(struct bench *bench, struct esp_open *open)
{
	struct esp_open_packet packets[BURST];

	for (int i = 0; i < BURST; i++)
		packets[i].mbuf = &bench->mbufs[i];
	esp_open_burst(open, packets, BURST);
	for (int i = 0; i < BURST; i++) {
		if (packets[i].verdict != ESP_OPEN_PASS)
			give_up(drop_sentence(drop_reason_name(packets[i].reason)));
	}
}

static void seal_burst(struct bench *bench, struct esp_seal *seal, const uint32_t *handles)
{
	struct esp_seal_packet packets[BURST];

	for (int i = 0; i < BURST; i++) {
		packets[i] = (struct esp_seal_packet){.mbuf = &bench->mbufs[i],
						      .sa_handle = handles[i]};
	}
	esp_seal_burst(seal, packets, BURST);
	for (int i = 0; i < BURST; i++) {
		if (packets[i].reason != DROP_NONE)
			give_up(drop_sentence(drop_reason_name(packets[i].reason)));
	}
}

static void round_esp(struct bench *bench)
{
	struct esp_open open = {bench->table, bench->engine, 0, 1};
	struct esp_seal seal = {bench->table, bench->engine};

	for (int n = 0; n < BURSTS; n++) {
		uint32_t handles[BURST];
		uint64_t start, middle, end;

		for (int i = 0; i < BURST; i++)
			handles[i] = any_handle(bench);
		start = rte_rdtsc_precise();
		seal_burst(bench, &seal, handles);
		middle = rte_rdtsc_precise();
		open_burst(bench, &open);
		end = rte_rdtsc_precise();
		note(bench, OPEN, end - middle);
		note(bench, SEAL, middle - start);
		note(bench, BOTH, end - start);
	}
}

static int compare(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

/* What the quietest so many percent of the bursts came to, their worst: the cycles are sorted. */
static uint32_t quantile(const struct bench *bench, enum measure measure, uint32_t percent)
{
	return bench->cycles[measure][(uint64_t)bench->taken[measure] * percent / 100];
}

static void report_json(const struct bench *bench)
{
	json_t *cycles = json_object(), *whole;

	for (enum measure i = 0; i < MEASURES; i++)
		json_object_set_new(cycles, measure_names[i],
				    json_pack("{s:i, s:i}", "quiet", (int)quantile(bench, i, 10),
					      "median", (int)quantile(bench, i, 50)));
	whole = json_pack("{s:i, s:i, s:i, s:b, s:b, s:o}", "suite", (int)bench->suite, "sas",
			  (int)bench->sas, "bytes", (int)bench->bytes, "hugepages", bench->is_huge,
			  "cryptodev", bench->is_by_device, "cycles", cycles);
	json_dumpf(whole, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(whole);
}

static void report(const struct bench *bench)
{
	printf("suite %u, %u SAs, %u bytes, %u bursts of %u packets, %s\n", bench->suite, bench->sas,
	       bench->bytes, bench->rounds * BURSTS, BURST,
	       bench->is_by_device ? "cryptodev"
	       : bench->is_huge	   ? "hugepages"
				   : "4 KB pages");
	printf("%-38s %8s %8s\n", "cycles per packet", "quiet", "median");
	for (enum measure i = 0; i < MEASURES; i++) {
		printf("%-38s %8" PRIu32 " %8" PRIu32 "\n", measure_names[i],
		       quantile(bench, i, 10), quantile(bench, i, 50));
	}
	printf("%-38s %8.2f %8.2f\n", "open + seal, times the floor",
	       (double)quantile(bench, BOTH, 10) / quantile(bench, FLOOR, 10),
	       (double)quantile(bench, BOTH, 50) / quantile(bench, FLOOR, 50));
}

static uint32_t argument(int argc, char **argv, int which, uint32_t otherwise, uint32_t most)
{
	unsigned long value = argc > which ? strtoul(argv[which], NULL, 10) : otherwise;

	if (value == 0 || value > most)
		give_up("usage: bench_esp [--json] [SAS [BYTES [ROUNDS [SUITE [huge | device]]]]]");
	return (uint32_t)value;
}

int main(int argc, char **argv)
{
	static struct bench bench = {.seed = 2463534242u};
	bool is_json = argc > 1 && strcmp(argv[1], "--json") == 0;

	argc -= is_json;
	argv += is_json;
	bench.sas = argument(argc, argv, 1, 4096, (1u << 24) - 2);
	bench.bytes = argument(argc, argv, 2, 700, 1400);
	bench.rounds = argument(argc, argv, 3, 40, ROUNDS_MAX);
	bench.suite = (uint8_t)argument(argc, argv, 4, 1, ESP_SUITE_MAX);
	bench.is_huge = argc > 5 && strcmp(argv[5], "huge") == 0;
	bench.is_by_device = argc > 5 && strcmp(argv[5], "device") == 0;
	make(&bench);
	for (enum measure i = 0; i < MEASURES; i++) {
		bench.cycles[i] = malloc((size_t)bench.rounds * BURSTS * sizeof(uint32_t));
		if (bench.cycles[i] == NULL)
			give_up("no memory");
	}
	for (uint32_t i = 0; i < bench.rounds; i++) {
		round_floor(&bench, FLOOR_HOT);
		round_floor(&bench, FLOOR);
		round_esp(&bench);
	}
	for (enum measure i = 0; i < MEASURES; i++)
		qsort(bench.cycles[i], bench.taken[i], sizeof(uint32_t), compare);
	if (is_json)
		report_json(&bench);
	else
		report(&bench);
	for (enum measure i = 0; i < MEASURES; i++)
		free(bench.cycles[i]);
	free(bench.buffers);
	esp_engine_destroy(bench.engine);
	sa_table_destroy(bench.table);
	esp_device_close(&bench.device);
	return 0;
}
