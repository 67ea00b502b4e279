/*
 * Full attachments a second on one core of the control plane: messages 1 and 3 parsed, answered,
 * the SA told to the data plane (which is nobody here), and the REGISTER after it.
 *
 *     bench_exchange [SUBSCRIBERS [ROUNDS]]      1000 5
 *
 * The terminals' side is done beforehand or outside the clock. The store is an array: what SQLite
 * takes comes on top.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "controlplane/registrar/uas.h"
#include "shared/keyexchange/initiator.h"

#define SUBSCRIBERS_MAX 100000
#define ROUNDS_MAX	100

enum part { MESSAGE_1, MESSAGE_3, REGISTER, PARTS };

static const char *const part_names[PARTS] = {"message 1 to 2", "message 3 to 4", "REGISTER"};

struct bench {
	unsigned subscribers;
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

static void give_up(const char *why)
{
	fprintf(stderr, "bench_exchange: %s\n", why);
	exit(1);
}

static void must(enum result result, const char *what)
{
	if (result != RESULT_OK)
		give_up(what);
}

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
	out->identity_count = 1;
	memcpy(out->identity[0], subscriber.at, subscriber.len);
	out->identity[0][subscriber.len] = '\0';
	return RESULT_OK;
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
	} else if (message->id == CONTRACT_SIP_SEND) {
		b->reply_len = message->length - sizeof(struct contract_sip_send);
		if (b->reply_len > sizeof(b->reply))
			give_up("a reply longer than any");
		memcpy(b->reply, (const char *)message + sizeof(struct contract_sip_send),
		       b->reply_len);
	}
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
		.out = {.send = sent, .identity = identity, .sa_released = released, .context = b},
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
		const struct initiator_settings settings = {
			.domain = SLICE("abc.com"),
			.aor = slice_make(aor, (size_t)len),
			.password = SLICE("password"),
			.address = address_of(n),
			.suites = {.suite = {SUITE_AES_128_GCM_16}, .count = 1},
			.random = random_system(),
		};

		must(initiator_create(&settings, &b->terminals[n]), "initiator_create");
	}
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

static void report(const struct bench *b, uint64_t ns[PARTS + 1][ROUNDS_MAX], unsigned rounds)
{
	for (unsigned part = 0; part <= PARTS; part++) {
		double best, median;

		qsort(ns[part], rounds, sizeof(ns[part][0]), compare);
		best = (double)ns[part][0] / b->subscribers / 1000;
		median = (double)ns[part][rounds / 2] / b->subscribers / 1000;
		printf("%-16s %8.1f us best %8.1f us median %10.0f a second\n",
		       part < PARTS ? part_names[part] : "all together", best, median,
		       1e6 / median);
	}
}

int main(int argc, char **argv)
{
	static uint64_t ns[PARTS + 1][ROUNDS_MAX];
	static struct bench b;
	unsigned rounds = argc > 2 ? (unsigned)atoi(argv[2]) : 5;

	b.subscribers = argc > 1 ? (unsigned)atoi(argv[1]) : 1000;
	if (b.subscribers == 0 || b.subscribers > SUBSCRIBERS_MAX || rounds == 0 ||
	    rounds > ROUNDS_MAX)
		give_up("usage: bench_exchange [SUBSCRIBERS [ROUNDS]]");
	b.now_ms = 1700000000000;
	start(&b);
	make_terminals(&b);
	round_run(&b); /* PBKDF2 of the terminals, tables grown */
	for (unsigned n = 0; n < rounds; n++) {
		round_run(&b);
		for (unsigned part = 0; part < PARTS; part++) {
			ns[part][n] = b.ns[part];
			ns[PARTS][n] += b.ns[part];
		}
	}
	printf("%u subscribers, %u rounds\n", b.subscribers, rounds);
	report(&b, ns, rounds);
	return 0;
}
