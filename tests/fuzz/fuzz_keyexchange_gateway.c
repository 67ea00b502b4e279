/*
 * Any bytes as a datagram to the gateway itself, in the clear and through an SA: whoever has not
 * proved anything leaves nothing behind and gets no more than he sent.
 */
#include <string.h>

#include "controlplane/registrar/uas.h"
#include "shared/keyexchange/initiator.h"
#include "tests/fuzz/target.h"

struct gateway {
	struct digest *digest;
	struct sa_allocator *allocator;
	struct exchange *exchange;
	struct registrar *registrar;
	struct uas *uas;
	uint8_t random;
	size_t longest; /* SIP sent down */
	unsigned sas_put;
};

/* Bytes that are easy to know: so a cookie in the corpus is a cookie of this gateway. */
static enum result fill(void *context, void *out, size_t len)
{
	struct gateway *g = context;

	memset(out, ++g->random, len);
	return RESULT_OK;
}

static enum result credential(void *context, struct slice subscriber,
			      struct subscriber_credential *out)
{
	(void)context;
	if (!slice_is_equal(subscriber, SLICE("user-a@abc.com")))
		return RESULT_NOT_FOUND;
	memset(out, 0, sizeof(*out));
	out->is_enabled = true;
	out->verifier.salt_len = 16;
	out->verifier.iterations = 4096;
	out->identity_count = 1;
	memcpy(out->identity[0], subscriber.at, subscriber.len);
	return RESULT_OK;
}

static enum result digest_user(void *context, struct slice username, struct digest_user *out)
{
	(void)context;
	if (!slice_is_equal(username, SLICE("user-a@abc.com")))
		return RESULT_NOT_FOUND;
	out->identity_count = 1;
	strcpy(out->identity[0], "user-a@abc.com");
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
	(void)context, (void)index, (void)generation;
}

static void note(void *context, const struct contract_header *message)
{
	struct gateway *g = context;

	MUST(contract_validate(message, message->length) == RESULT_OK);
	if (message->id == CONTRACT_SIP_SEND && message->length > g->longest)
		g->longest = message->length - sizeof(struct contract_sip_send);
	g->sas_put += message->id == CONTRACT_SA_PUT;
}

static void start(struct gateway *g)
{
	const struct exchange_store store = {.credential = credential};
	struct exchange_settings x = {
		.domains = {SLICE("abc.com")},
		.domain_count = 1,
		.suites = {.suite = {SUITE_AES_128_GCM_16}, .count = 1},
		.soft_s = 1,
		.hard_s = 2,
		.cookie_lifetime_ms = 32000,
		.used_cookies = 4,
		.flood_threshold = 10,
		.iterations = 4096,
		.store = store,
		.random = {.fill = fill, .context = g},
	};
	struct registrar_settings r = {
		.domains = {SLICE("abc.com")},
		.domain_count = 1,
		.sa_capacity = 16,
		.binding_capacity = 16,
		.expires_min_s = 60,
		.expires_default_s = 3600,
		.expires_max_s = 7200,
		.attach_s = 30,
		.linger_s = 32,
		.store = store,
		.out = {.send = note,
			.identity = identity,
			.is_legacy = is_legacy,
			.sa_released = released,
			.context = g},
	};
	struct uas_settings u = {.send = note, .realm = SLICE("abc.com"), .context = g};

	MUST(sa_allocator_create(16, 1, 3600, &g->allocator) == RESULT_OK);
	x.allocator = g->allocator;
	MUST(exchange_create(&x, &g->exchange) == RESULT_OK);
	MUST(registrar_create(&r, &g->registrar) == RESULT_OK);
	MUST(digest_create(x.random, digest_user, g, &g->digest) == RESULT_OK);
	u.digest = g->digest;
	u.exchange = g->exchange;
	u.registrar = g->registrar;
	MUST(uas_create(&u, &g->uas) == RESULT_OK);
}

static void stop(struct gateway *g)
{
	uas_destroy(g->uas);
	digest_destroy(g->digest);
	registrar_destroy(g->registrar);
	exchange_destroy(g->exchange);
	sa_allocator_destroy(g->allocator);
}

static const struct contract_address terminal = {
	.family = 6, .port = 5060, .bytes = {0x20, 0x01, 0x12, 0x34, [15] = 0x10}};
static const struct contract_address local = {
	.family = 6, .port = 5060, .bytes = {0x20, 0x01, 0x67, 0x89, [14] = 0x50, [15] = 0x60}};

static void attach(struct gateway *g)
{
	const struct exchange_sa sa = {
		.slot = {.index = 5, .generation = 1},
		.suite = SUITE_AES_128_GCM_16,
		.mode = KEYEXCHANGE_TRANSPORT,
		.level = 3,
		.spi_out = 0x1234,
		.inner = {.family = 6,
			  .port = 5060,
			  .bytes = {0x20, 0x01, 0x12, 0x34, [15] = 0x10}},
		.outer = {.family = 6,
			  .port = 5060,
			  .bytes = {0x20, 0x01, 0x12, 0x34, [15] = 0x10}},
		.hard_s = 100,
		.subscriber = "user-a@abc.com",
	};
	const struct registrar_way way = {.local = local};

	MUST(registrar_attach(g->registrar, &sa, &way, 1700000000) == RESULT_OK);
	g->sas_put = 0;
}

static void hand_up(struct gateway *g, const uint8_t *data, size_t size, uint32_t sa_index)
{
	static _Alignas(
		8) char buffer[sizeof(struct contract_sip_received) + LIMIT_SIP_MESSAGE_BYTES];
	const struct contract_sip_received received = {
		.origin = sa_index ? CONTRACT_ORIGIN_SA : CONTRACT_ORIGIN_CLEAR,
		.sa_index = sa_index,
		.sa_generation = sa_index ? 1 : 0,
		.source = terminal,
		.outer_source = terminal,
		.destination = local,
		.sip_length = (uint32_t)size,
	};

	memcpy(buffer, &received, sizeof(received));
	memcpy(buffer + sizeof(received), data, size);
	g->longest = 0;
	uas_receive(g->uas, (const struct contract_sip_received *)(const void *)buffer,
		    1700000000000);
}

static enum result fill_terminal(void *context, void *out, size_t len)
{
	uint8_t *next = context;

	memset(out, ++*next, len);
	return RESULT_OK;
}

/*
 * An honest message 1, always the same: message 3 to its answer is in the corpus (message-3-honest;
 * it has to be made anew when gateway or terminal draw their random bytes in another order).
 */
static void greet(struct gateway *g)
{
	uint8_t next = 0;
	const struct initiator_settings settings = {
		.domain = SLICE("abc.com"),
		.aor = SLICE("user-a@abc.com"),
		.password = SLICE("x"),
		.address = {.family = 6,
			    .port = 5060,
			    .bytes = {0x20, 0x01, 0x12, 0x34, [15] = 0x10}},
		.suites = {.suite = {SUITE_AES_128_GCM_16}, .count = 1},
		.random = {.fill = fill_terminal, .context = &next},
	};
	struct initiator *i;
	struct slice message;

	MUST(initiator_create(&settings, &i) == RESULT_OK);
	MUST(initiator_start(i) == RESULT_OK);
	message = initiator_message(i);
	hand_up(g, (const uint8_t *)message.at, message.len, 0);
	MUST(g->longest > 0);
	initiator_destroy(i);
}

/*
 * Nobody who has not proved his address gets more bytes than he sent; but to a request that is to
 * prove its sender, the challenge and what marks an answer as its own come on top.
 */
static size_t longest_allowed(const uint8_t *data, size_t size)
{
	struct sip_message message;

	if (sip_message_parse((const char *)data, size, &message) == SIP_VERDICT_OK &&
	    message.is_request && message.method != SIP_METHOD_REGISTER)
		return size + DIGEST_CHALLENGE_BYTES + 96;
	return size;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct gateway g = {0};

	if (size > LIMIT_SIP_MESSAGE_BYTES)
		return 0;
	start(&g);
	greet(&g);
	hand_up(&g, data, size, 0);
	MUST(g.longest <= longest_allowed(data, size) && g.sas_put == 0);
	MUST(sa_allocator_used(g.allocator) == 0);
	hand_up(&g, data, size, 0);
	MUST(g.sas_put == 0);
	attach(&g);
	hand_up(&g, data, size, 5);
	MUST(registrar_sa_count(g.registrar) <= 1 && registrar_binding_count(g.registrar) <= 1);
	registrar_tick(g.registrar, 1700000000 + 10000);
	MUST(registrar_sa_count(g.registrar) == 0 && registrar_binding_count(g.registrar) == 0);
	stop(&g);
	return 0;
}
