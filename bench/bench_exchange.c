/*
 * Full attachments a second on one core of the control plane: messages 1 and 3 parsed, answered,
 * the SA told to the data plane (which is nobody here), and the REGISTER after it.
 *
 *     bench_exchange [--json] [SUBSCRIBERS [ROUNDS]]      1000 5
 *
 * Once by password, once by certificate: each terminal has one of its own, and the gateway checks
 * each time chain, names, purpose and revocation list, and signs. The terminals' side is done
 * beforehand or outside the clock: it checks every answer, opens message 4 and finds the same keys,
 * or the bench fails. The store is an array: what a data base takes comes on top.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <jansson.h>

#include "bench/exchange/authority.h"
#include "bench/exchange/must.h"
#include "controlplane/registrar/uas.h"
#include "shared/keyexchange/initiator.h"

#define SUBSCRIBERS_MAX 100000
#define ROUNDS_MAX	100

enum part { MESSAGE_1, MESSAGE_3, REGISTER, PARTS };

static const char *const part_names[PARTS] = {"message 1 to 2", "message 3 to 4", "REGISTER"};

struct bench {
	unsigned subscribers;
	bool is_by_certificate;
	struct authority authority;
	struct scram_verifier verifier; /* all have the same password */
	struct sa_allocator *allocator;
	struct exchange *exchange;
	struct registrar *registrar;
	struct uas *uas;
	struct initiator **terminals;
	char reply[2048]; /* the last SIP sent down */
	size_t reply_len;
	uint32_t sa_index; /* the last SA put */
	uint8_t sa_generation;
	uint64_t now_ms;
	uint64_t ns[PARTS]; /* of this round, all terminals */
};

/* CPU time: the machine has other guests, and what a core can do is asked. */
static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static enum result credential(void *context, struct slice subscriber,
			      struct subscriber_credential *out)
{
	const struct bench *b = context;

	out->verifier = b->verifier;
	out->is_enabled = true;
	out->is_by_certificate = b->is_by_certificate;
	out->identity_count = 1;
	memcpy(out->identity[0], subscriber.at, subscriber.len);
	out->identity[0][subscriber.len] = '\0';
	return RESULT_OK;
}

static bool is_legacy(void *context, struct slice subscriber)
{
	(void)context, (void)subscriber;
	return false;
}

static enum result identity(void *context, struct slice aor, struct contract_identity *out)
{
	(void)context, (void)aor, (void)out;
	return RESULT_NOT_FOUND;
}

static void released(void *context, uint32_t index, uint8_t generation)
{
	struct bench *b = context;

	must(sa_allocator_release(b->allocator, index, generation, b->now_ms / 1000), "release");
}

static void sent(void *context, const struct contract_header *message)
{
	struct bench *b = context;

	if (message->id == CONTRACT_SA_PUT) {
		b->sa_index = ((const struct contract_sa *)message)->index;
		b->sa_generation = ((const struct contract_sa *)message)->generation;
		uas_sa_answered(b->uas, b->sa_index, b->sa_generation, RESULT_OK, b->now_ms);
	} else if (message->id == CONTRACT_SIP_SEND) {
		b->reply_len = message->length - sizeof(struct contract_sip_send);
		if (b->reply_len > sizeof(b->reply))
			give_up("a reply longer than any");
		memcpy(b->reply, (const char *)message + sizeof(struct contract_sip_send),
		       b->reply_len);
	}
}

static uint64_t unix_time_s(void)
{
	return NOW_S;
}

static void start(struct bench *b)
{
	const uint32_t capacity = 4 * b->subscribers + 2;
	struct exchange_settings x = {
		.domains = {SLICE("abc.com")},
		.domain_count = 1,
		.suites = {.suite = {SUITE_AES_128_GCM_16}, .count = 1},
		.soft_s = 2700,
		.hard_s = 3600,
		.cookie_lifetime_ms = 32000,
		.used_cookies = ROUNDS_MAX * b->subscribers,
		.flood_threshold = UINT32_MAX,
		.iterations = 4096,
		.store = {.credential = credential, .context = b},
		.certificates = {b->authority.gateway, b->authority.trust},
		.certificates_per_second = UINT32_MAX,
		.random = random_system(),
	};
	struct registrar_settings r = {
		.domains = {SLICE("abc.com")},
		.domain_count = 1,
		.sa_capacity = capacity,
		.binding_capacity = capacity,
		.expires_min_s = 60,
		.expires_default_s = 3600,
		.expires_max_s = 7200,
		.attach_s = 30,
		.linger_s = 32,
		.store = x.store,
		.out = {.send = sent,
			.identity = identity,
			.is_legacy = is_legacy,
			.sa_released = released,
			.context = b},
	};
	struct uas_settings u = {.send = sent, .context = b};

	must(scram_verifier_derive(SLICE("password"), SLICE("0123456789abcdef"), 4096,
				   &b->verifier),
	     "scram_verifier_derive");
	must(sa_allocator_create(capacity, 2, 3600, &b->allocator), "sa_allocator_create");
	x.allocator = b->allocator;
	must(exchange_create(&x, &b->exchange), "exchange_create");
	must(registrar_create(&r, &b->registrar), "registrar_create");
	u.exchange = b->exchange;
	u.registrar = b->registrar;
	must(uas_create(&u, &b->uas), "uas_create");
}

static struct sip_address address_of(unsigned n)
{
	return (struct sip_address){
		.family = 6,
		.port = 5060,
		.bytes = {0x20, 0x01, 0x12, 0x34, [13] = (uint8_t)(n >> 16),
			  [14] = (uint8_t)(n >> 8), [15] = (uint8_t)n},
	};
}

static void make_terminals(struct bench *b)
{
	b->terminals = calloc(b->subscribers, sizeof(struct initiator *));
	if (!b->terminals)
		give_up("out of memory");
	for (unsigned n = 0; n < b->subscribers; n++) {
		char aor[32];
		int len = snprintf(aor, sizeof(aor), "user-%u@abc.com", n);
		struct initiator_settings settings = {
			.domain = SLICE("abc.com"),
			.aor = slice_make(aor, (size_t)len),
			.password = SLICE("password"),
			.address = address_of(n),
			.suites = {.suite = {SUITE_AES_128_GCM_16}, .count = 1},
			.random = random_system(),
		};

		if (b->is_by_certificate) {
			settings.password = SLICE("");
			settings.signer = b->authority.terminals[n];
			settings.trust = b->authority.trust;
			settings.gateway =
				certificate_der(signer_certificate(b->authority.gateway));
			settings.now_s = unix_time_s;
		}
		must(initiator_create(&settings, &b->terminals[n]), "initiator_create");
	}
}

static void stop(struct bench *b)
{
	for (unsigned n = 0; n < b->subscribers; n++)
		initiator_destroy(b->terminals[n]);
	free(b->terminals);
	uas_destroy(b->uas);
	registrar_destroy(b->registrar);
	exchange_destroy(b->exchange);
	sa_allocator_destroy(b->allocator);
}

/* Hands a datagram up and counts the time. */
static void hand_up(struct bench *b, enum part part, unsigned n, struct slice text, bool is_through)
{
	static _Alignas(8) char buffer[sizeof(struct contract_sip_received) + 2048];
	const struct sip_address from = address_of(n);
	struct contract_sip_received received = {
		.origin = is_through ? CONTRACT_ORIGIN_SA : CONTRACT_ORIGIN_CLEAR,
		.sa_index = is_through ? b->sa_index : 0,
		.sa_generation = is_through ? b->sa_generation : 0,
		.source = {.family = 6, .port = from.port},
		.destination = {.family = 6, .port = 5060, .bytes = {0x20, 0x01, 0x67, 0x89}},
		.sip_length = (uint32_t)text.len,
	};
	uint64_t since;

	memcpy(received.source.bytes, from.bytes, sizeof(from.bytes));
	memcpy(buffer, &received, sizeof(received));
	memcpy(buffer + sizeof(received), text.at, text.len);
	b->reply_len = 0;
	since = now_ns();
	uas_receive(b->uas, (const struct contract_sip_received *)(const void *)buffer, b->now_ms);
	b->ns[part] += now_ns() - since;
	if (b->reply_len == 0)
		give_up("no answer");
}

static void give_terminal(struct bench *b, unsigned n, enum initiator_event want)
{
	enum initiator_event event;

	must(initiator_receive(b->terminals[n], slice_make(b->reply, b->reply_len), &event),
	     "initiator_receive");
	if (event != want)
		give_up("another answer than expected");
}

static void send_register(struct bench *b, unsigned n)
{
	char text[1024], host[64];
	struct writer w = writer_make(host, sizeof(host));
	const struct sip_address address = address_of(n);
	int len;

	sip_address_write(&address, &w);
	len = snprintf(text, sizeof(text),
		       "REGISTER sip:abc.com SIP/2.0\r\n"
		       "Via: SIP/2.0/UDP %.*s;branch=z9hG4bK%u;rport\r\nMax-Forwards: 70\r\n"
		       "From: <sip:user-%u@abc.com>;tag=1\r\nTo: <sip:user-%u@abc.com>\r\n"
		       "Call-ID: c\r\nCSeq: %u REGISTER\r\n"
		       "Contact: <sip:user-%u@%.*s>;+sip.instance=\"<urn:uuid:%u>\"\r\n"
		       "Expires: 3600\r\nContent-Length: 0\r\n\r\n",
		       (int)w.len, host, n, n, n, initiator_cseq_next(b->terminals[n]), n,
		       (int)w.len, host, n);
	hand_up(b, REGISTER, n, slice_make(text, (size_t)len), true);
	if (memcmp(b->reply, "SIP/2.0 200", 11) != 0)
		give_up("a REGISTER was refused");
}

static void round_run(struct bench *b)
{
	memset(b->ns, 0, sizeof(b->ns));
	for (unsigned n = 0; n < b->subscribers; n++) {
		must(initiator_start(b->terminals[n]), "initiator_start");
		hand_up(b, MESSAGE_1, n, initiator_message(b->terminals[n]), false);
		give_terminal(b, n, INITIATOR_SEND);
		hand_up(b, MESSAGE_3, n, initiator_message(b->terminals[n]), false);
		give_terminal(b, n, INITIATOR_ESTABLISHED);
		send_register(b, n);
	}
	/* SAs that were replaced rest before their indices come again */
	b->now_ms += 20000;
	exchange_tick(b->exchange, b->now_ms);
	registrar_tick(b->registrar, b->now_ms / 1000);
}

static int compare(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* Microseconds of an attachment: of each part, and last of all of them together. */
struct figures {
	double best[PARTS + 1];
	double median[PARTS + 1];
};

static struct figures measure(struct bench *b, unsigned rounds)
{
	static uint64_t ns[PARTS + 1][ROUNDS_MAX];
	struct figures figures;

	memset(ns, 0, sizeof(ns));
	b->now_ms = NOW_S * 1000;
	start(b);
	make_terminals(b);
	round_run(b); /* PBKDF2 of the terminals, tables grown */
	for (unsigned n = 0; n < rounds; n++) {
		round_run(b);
		for (unsigned part = 0; part < PARTS; part++) {
			ns[part][n] = b->ns[part];
			ns[PARTS][n] += b->ns[part];
		}
	}
	for (unsigned part = 0; part <= PARTS; part++) {
		qsort(ns[part], rounds, sizeof(ns[part][0]), compare);
		figures.best[part] = (double)ns[part][0] / b->subscribers / 1000;
		figures.median[part] = (double)ns[part][rounds / 2] / b->subscribers / 1000;
	}
	stop(b);
	return figures;
}

static void report(const char *by, const struct figures *f)
{
	printf("by %s\n", by);
	for (unsigned part = 0; part <= PARTS; part++)
		printf("  %-16s %8.1f us best %8.1f us median %10.0f a second\n",
		       part < PARTS ? part_names[part] : "all together", f->best[part],
		       f->median[part], 1e6 / f->median[part]);
}

static json_t *figures_json(const struct figures *f)
{
	return json_pack("{s:f,s:f,s:f,s:f}", "message_1_us", f->median[MESSAGE_1], "message_3_us",
			 f->median[MESSAGE_3], "register_us", f->median[REGISTER],
			 "registration_full_per_second", 1e6 / f->median[PARTS]);
}

/* "verified": every exchange came to its end on both sides, or we would not be here. */
static void report_json(const struct bench *b, unsigned rounds, const struct figures *password,
			const struct figures *certificate)
{
	json_t *whole =
		json_pack("{s:s,s:i,s:i,s:b,s:o,s:o}", "benchmark", "exchange", "subscribers",
			  (int)b->subscribers, "rounds", (int)rounds, "verified", 1, "password",
			  figures_json(password), "certificate", figures_json(certificate));

	json_dumpf(whole, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(6));
	putchar('\n');
	json_decref(whole);
}

int main(int argc, char **argv)
{
	static struct bench b;
	struct figures password, certificate;
	bool is_json = argc > 1 && strcmp(argv[1], "--json") == 0;
	unsigned rounds;

	argc -= is_json;
	argv += is_json;
	rounds = argc > 2 ? (unsigned)atoi(argv[2]) : 5;
	b.subscribers = argc > 1 ? (unsigned)atoi(argv[1]) : 1000;
	if (b.subscribers == 0 || b.subscribers > SUBSCRIBERS_MAX || rounds == 0 ||
	    rounds > ROUNDS_MAX)
		give_up("usage: bench_exchange [--json] [SUBSCRIBERS [ROUNDS]]");
	authority_make(&b.authority, b.subscribers);
	password = measure(&b, rounds);
	b.is_by_certificate = true;
	certificate = measure(&b, rounds);
	authority_remove(&b.authority, b.subscribers);
	if (is_json) {
		report_json(&b, rounds, &password, &certificate);
		return 0;
	}
	printf("%u subscribers, %u rounds\n", b.subscribers, rounds);
	report("password", &password);
	report("certificate", &certificate);
	return 0;
}
