/*
 * What the registrar takes of one core and of memory, and how soon a control plane knows everybody.
 *
 *     bench_registrar [--bindings N] [--rounds N] [--soak N] [--people N] [--json]
 *
 * N bindings are made, then refreshed in rounds: one REGISTER each, parsed, judged and answered.
 * Soak: so many registrations come and go, and the process must be as large after them as before.
 * People: a data base of SQLite with so many subscribers is opened and read into the directory.
 * Every answer is looked at; a wrong one, a leak or a missing subscriber ends it with status 1.
 */
#include <getopt.h>
#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "controlplane/directory/directory.h"
#include "controlplane/registrar/registrar.h"

#define NOW_S	      1000000000u
#define SOAK_AT_ONCE  1000
#define SOAK_GROWTH_KB 4096 /* the allocator's own; a leak of 8 bytes a registration is 7,800 */

struct bench {
	uint32_t bindings, rounds, soak, people;
	struct registrar *registrar;
	uint64_t sent[CONTRACT_EVENT + 1]; /* messages for the data plane, by id */
	uint32_t cseq;
};

static void give_up(const char *why)
{
	fprintf(stderr, "bench_registrar: %s\n", why);
	exit(1);
}

static double seconds(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static long resident_kb(void)
{
	long pages = 0;
	FILE *file = fopen("/proc/self/statm", "r");

	if (file == NULL || fscanf(file, "%*d %ld", &pages) != 1)
		give_up("/proc/self/statm cannot be read");
	fclose(file);
	return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

static void send_count(void *ctx, const struct contract_header *message)
{
	((struct bench *)ctx)->sent[message->id]++;
}

static bool is_legacy(void *context, struct slice subscriber)
{
	(void)context, (void)subscriber;
	return false;
}

static enum result identity_none(void *ctx, struct slice aor, struct contract_identity *out)
{
	(void)ctx, (void)aor, (void)out;
	return RESULT_NOT_FOUND;
}

static void released(void *ctx, uint32_t index, uint8_t generation)
{
	(void)ctx, (void)index, (void)generation;
}

/* Whoever asks may use his own name. */
static enum result credential(void *ctx, struct slice subscriber, struct subscriber_credential *out)
{
	(void)ctx;
	memset(&out->verifier, 0, sizeof(out->verifier));
	out->is_enabled = true;
	out->identity_count = 1;
	memcpy(out->identity[0], subscriber.at, subscriber.len);
	out->identity[0][subscriber.len] = '\0';
	return RESULT_OK;
}

static void registrar_begin(struct bench *bench, uint32_t capacity)
{
	const struct registrar_settings settings = {
		.domains = {SLICE("abc.com")},
		.domain_count = 1,
		.sa_capacity = capacity,
		.binding_capacity = capacity,
		.expires_min_s = 60,
		.expires_default_s = 3600,
		.expires_max_s = 86400,
		.attach_s = 30,
		.linger_s = 10,
		.generation_seed = 1,
		.store = {credential, bench},
		.out = {.send = send_count,
			.identity = identity_none,
			.is_legacy = is_legacy,
			.sa_released = released,
			.context = bench},
	};

	if (registrar_create(&settings, &bench->registrar) != RESULT_OK)
		give_up("the registrar cannot be made");
}

static struct sip_address terminal_address(uint32_t i)
{
	return (struct sip_address){.family = 4,
				    .port = 5060,
				    .bytes = {10, (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i}};
}

static void attach(struct bench *bench, uint32_t i)
{
	const struct registrar_way way = {.local = {.family = 4, .port = 5060, .bytes = {192, 0, 2, 1}}};
	struct exchange_sa sa = {.slot = {.index = i + 1, .generation = 1},
				 .suite = SUITE_AES_128_GCM_16,
				 .mode = KEYEXCHANGE_TRANSPORT,
				 .level = 3,
				 .spi_out = 0x1000 + i,
				 .hard_s = 86400};

	sa.inner = sa.outer = terminal_address(i);
	snprintf(sa.subscriber, sizeof(sa.subscriber), "user-%u@abc.com", i);
	if (registrar_attach(bench->registrar, &sa, &way, NOW_S) != RESULT_OK)
		give_up("an SA cannot be attached");
}

static void register_one(struct bench *bench, uint32_t i, unsigned expires)
{
	char text[1024], answer[4096];
	struct writer w = writer_make(answer, sizeof(answer));
	struct sip_message message;
	int length = snprintf(
		text, sizeof(text),
		"REGISTER sip:abc.com SIP/2.0\r\n"
		"Via: SIP/2.0/UDP 10.%u.%u.%u:5060;branch=z9hG4bK%x\r\n"
		"Max-Forwards: 70\r\nFrom: <sip:user-%u@abc.com>;tag=%x\r\n"
		"To: <sip:user-%u@abc.com>\r\nCall-ID: call-%u\r\nCSeq: %u REGISTER\r\n"
		"Contact: <sip:user-%u@10.%u.%u.%u:5060>;expires=%u\r\nContent-Length: 0\r\n\r\n",
		i >> 16, i >> 8 & 255, i & 255, bench->cseq, i, i, i, i, bench->cseq, i, i >> 16,
		i >> 8 & 255, i & 255, expires);

	if (sip_message_parse(text, (size_t)length, &message) != SIP_VERDICT_OK ||
	    registrar_receive(bench->registrar, &message, i + 1, 1, SLICE("tag"), NOW_S, &w) !=
		    RESULT_OK ||
	    w.len < 12 || memcmp(answer, "SIP/2.0 200 ", 12) != 0)
		give_up("a REGISTER was not answered 200");
	registrar_settle(bench->registrar, NOW_S);
}

static void bindings_run(struct bench *bench, double *bytes_each, double *made, double *refreshed)
{
	long before_kb = resident_kb();
	double begun;

	registrar_begin(bench, bench->bindings + 2);
	begun = seconds(CLOCK_THREAD_CPUTIME_ID);
	bench->cseq = 1;
	for (uint32_t i = 0; i < bench->bindings; i++) {
		attach(bench, i);
		register_one(bench, i, 3600);
	}
	*made = bench->bindings / (seconds(CLOCK_THREAD_CPUTIME_ID) - begun);
	*bytes_each = (double)(resident_kb() - before_kb) * 1024 / bench->bindings;
	begun = seconds(CLOCK_THREAD_CPUTIME_ID);
	for (uint32_t round = 0; round < bench->rounds; round++) {
		bench->cseq++;
		for (uint32_t i = 0; i < bench->bindings; i++)
			register_one(bench, i, 3600);
	}
	*refreshed = (double)bench->bindings * bench->rounds /
		     (seconds(CLOCK_THREAD_CPUTIME_ID) - begun);
	if (registrar_binding_count(bench->registrar) != bench->bindings ||
	    bench->sent[CONTRACT_BINDING_PUT] !=
		    (uint64_t)bench->bindings * (bench->rounds + 1))
		give_up("the data plane was not told of every binding");
	registrar_destroy(bench->registrar);
}

/* Registered and de-registered, again and again: another CSeq each time, the same few places. */
static void soak_turns(struct bench *bench, uint32_t turns)
{
	for (uint32_t done = 0; done < turns; done++) {
		uint32_t i = done % SOAK_AT_ONCE;

		bench->cseq++;
		attach(bench, i);
		register_one(bench, i, 3600);
		bench->cseq++;
		register_one(bench, i, 0);
	}
	if (registrar_binding_count(bench->registrar) != 0 ||
	    registrar_sa_count(bench->registrar) != 0)
		give_up("something stayed of who had de-registered");
}

static long soak_run(struct bench *bench)
{
	long before_kb, growth_kb;

	registrar_begin(bench, SOAK_AT_ONCE + 2);
	soak_turns(bench, 10 * SOAK_AT_ONCE);
	before_kb = resident_kb();
	soak_turns(bench, bench->soak);
	growth_kb = resident_kb() - before_kb;
	registrar_destroy(bench->registrar);
	if (growth_kb > SOAK_GROWTH_KB)
		give_up("the process grew while registrations came and went");
	return growth_kb;
}

static void people_make(const char *path, uint32_t people)
{
	const struct store_place place = {.sqlite = path};
	struct store *store;
	char sql[1024];
	sqlite3 *db;

	if (store_open(&place, &store) != RESULT_OK)
		give_up(store_message(store));
	store_close(store);
	snprintf(sql, sizeof(sql),
		 "BEGIN; WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < %u)"
		 " INSERT INTO subscriber(id, salt, iterations, stored_key, server_key, is_enabled,"
		 " digest) SELECT printf('user-%%07d@abc.com', i), randomblob(16),"
		 " 4096, randomblob(32), randomblob(32), 1, zeroblob(32) FROM n;"
		 "INSERT INTO identity(aor, subscriber, place) SELECT id, id, 0 FROM subscriber;"
		 "COMMIT",
		 people - 1);
	if (sqlite3_open(path, &db) != SQLITE_OK ||
	    sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		give_up(sqlite3_errmsg(db));
	sqlite3_close(db);
}

static bool subscriber_take(void *ctx, const struct store_subscriber *subscriber)
{
	return directory_subscriber_put(ctx, subscriber) == RESULT_OK;
}

static bool identity_take(void *ctx, const struct store_identity *identity)
{
	return directory_identity_put(ctx, identity) == RESULT_OK;
}

static double people_run(const struct bench *bench, double *bytes_each)
{
	char folder[] = "/tmp/sekisho-bench-XXXXXX", path[64], last[64];
	struct store_place place = {.sqlite = path};
	struct store_identity identity;
	struct store_subscriber found;
	struct directory *directory = NULL;
	struct store *store;
	long before_kb;
	double begun;

	if (mkdtemp(folder) == NULL)
		give_up("no folder can be made in /tmp");
	snprintf(path, sizeof(path), "%s/store.sqlite", folder);
	people_make(path, bench->people);
	before_kb = resident_kb();
	begun = seconds(CLOCK_THREAD_CPUTIME_ID);
	if (store_open(&place, &store) != RESULT_OK || directory_create(&directory) != RESULT_OK ||
	    store_subscribers_each(store, subscriber_take, directory) != RESULT_OK ||
	    store_identities_each(store, identity_take, directory) != RESULT_OK)
		give_up("the data base cannot be read");
	begun = seconds(CLOCK_THREAD_CPUTIME_ID) - begun;
	*bytes_each = (double)(resident_kb() - before_kb) * 1024 / bench->people;
	snprintf(last, sizeof(last), "user-%07u@abc.com", bench->people - 1);
	if (directory_subscriber_count(directory) != bench->people ||
	    directory_subscriber_find(directory, slice_make(last, strlen(last)), &found) !=
		    RESULT_OK ||
	    directory_identity_find(directory, slice_make(last, strlen(last)), &identity) !=
		    RESULT_OK)
		give_up("somebody is missing in the directory");
	directory_destroy(directory);
	store_close(store);
	snprintf(last, sizeof(last), "rm -r %s", folder);
	return system(last) == 0 ? begun : begun;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{"bindings", required_argument, NULL, 'b'}, {"rounds", required_argument, NULL, 'r'},
		{"soak", required_argument, NULL, 's'},	    {"people", required_argument, NULL, 'p'},
		{"json", no_argument, NULL, 'j'},	    {NULL, 0, NULL, 0}};
	struct bench bench = {.bindings = 100000, .rounds = 3, .soak = 100000, .people = 100000};
	double made, refreshed, binding_bytes, people_bytes, start_s;
	bool is_json = false;
	long growth_kb;
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		uint32_t number = optarg != NULL ? (uint32_t)strtoul(optarg, NULL, 10) : 1;

		if (option == '?' || number == 0 || number > 10000000)
			give_up("a number from 1 to 10000000 is expected with each option");
		*(option == 'b'	  ? &bench.bindings
		  : option == 'r' ? &bench.rounds
		  : option == 's' ? &bench.soak
		  : option == 'p' ? &bench.people
				  : &number) = number;
		is_json = is_json || option == 'j';
	}
	growth_kb = soak_run(&bench);
	memset(bench.sent, 0, sizeof(bench.sent));
	bindings_run(&bench, &binding_bytes, &made, &refreshed);
	start_s = people_run(&bench, &people_bytes);
	printf(is_json ? "{\"soaked\":%u,\"growth_kb\":%ld,\"bindings\":%u,\"bytes_a_binding\":%.0f,"
			 "\"registrations_a_second\":%.0f,\"refreshes_a_second\":%.0f,\"people\":%u,"
			 "\"start_s\":%.2f,\"bytes_a_subscriber\":%.0f}\n"
		       : "%u registrations came and went: %ld KB more\n%u bindings: %.0f bytes each, "
			 "made %.0f a second, refreshed %.0f a second\n%u subscribers: read in %.2f "
			 "s, %.0f bytes each\n",
	       bench.soak, growth_kb, bench.bindings, binding_bytes, made, refreshed, bench.people,
	       start_s, people_bytes);
	return 0;
}
