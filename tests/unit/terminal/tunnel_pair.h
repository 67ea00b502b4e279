/* The two ends of a data channel on a bench: what one sends is carried to the other by the test. */
#ifndef SEKISHO_TESTS_UNIT_TERMINAL_TUNNEL_PAIR_H
#define SEKISHO_TESTS_UNIT_TERMINAL_TUNNEL_PAIR_H

#include "tests/unit/terminal/channel_bench.h"

#include "terminal/channel/path.h"
#include "terminal/channel/search.h"
#include "terminal/channel/tunnel.h"

#define NOW 1000000

/* One end, and what it last sent and delivered. */
struct side {
	struct tunnel *tunnel;
	struct sip_address address; /* its own, outer */
	struct overlay own, peer;
	uint8_t sent[2048], delivered[2048];
	size_t sent_len, delivered_len;
	struct sip_address sent_to, found, followed;
	unsigned sent_count, renewed_count;
};

struct pair {
	struct negotiation caller, callee;
	struct side a, b;
};

static inline void keep_sent(void *context, const struct sip_address *to, const uint8_t *packet,
			     size_t len)
{
	struct side *side = context;

	assert_int_equal(to->family, 6);
	memcpy(side->sent, packet, len);
	side->sent_len = len;
	side->sent_to = *to;
	side->sent_count++;
}

static inline void keep_delivered(void *context, const uint8_t *packet, size_t len)
{
	struct side *side = context;

	memcpy(side->delivered, packet, len);
	side->delivered_len = len;
}

static inline void count_renewed(void *context, const struct renewal_sas *sas)
{
	struct side *side = context;

	assert_int_not_equal(sas->spi_in, sas->spi_out);
	side->renewed_count++;
}

static inline void keep_followed(void *context, const struct sip_address *address)
{
	struct side *side = context;

	side->followed = *address;
}

static inline void keep_found(void *context, const struct sip_address *place)
{
	struct side *side = context;

	assert_int_equal(side->found.family, 0);
	side->found = *place;
}

static inline void side_make(struct side *side, const struct agreement *agreement, uint8_t last)
{
	struct tunnel_port port = {side,	  keep_sent,  keep_delivered,
				   count_renewed, keep_found, keep_followed};

	assert_int_equal(tunnel_create(agreement, &port, NOW, &side->tunnel), RESULT_OK);
	side->address = address_of(last);
	side->own = agreement->own;
	side->peer = agreement->peer;
}

static inline int tunnel_pair_begin(void **state)
{
	static struct pair pair;

	memset(&pair, 0, sizeof(pair));
	agree(&pair.caller, &pair.callee);
	side_make(&pair.a, &pair.caller.agreement, 1);
	side_make(&pair.b, &pair.callee.agreement, 2);
	*state = &pair;
	return 0;
}

static inline int tunnel_pair_end(void **state)
{
	struct pair *pair = *state;

	tunnel_destroy(pair->a.tunnel);
	tunnel_destroy(pair->b.tunnel);
	negotiation_end(&pair->caller);
	negotiation_end(&pair->callee);
	return 0;
}

/* What from sent last arrives at to. */
static inline void pass(struct side *from, struct side *to, uint64_t now_ms)
{
	uint8_t packet[sizeof(from->sent)];

	memcpy(packet, from->sent, from->sent_len);
	tunnel_receive(to->tunnel, now_ms, &from->address, packet, from->sent_len);
}

/* What from said is heard at to, and what that says to it, until nobody has an answer. */
static inline void converse(struct side *from, struct side *to, uint64_t now_ms)
{
	unsigned before = to->sent_count;

	pass(from, to, now_ms);
	if (to->sent_count > before)
		converse(to, from, now_ms);
}

/* Both find the way to each other: the caller asks, the callee asks back, and he takes it. */
static inline void confirm(struct pair *pair)
{
	for (unsigned i = 0; i < 6; i++) {
		struct side *from = i % 2 ? &pair->b : &pair->a;
		unsigned before = from->sent_count;

		assert_int_equal(tunnel_tick(from->tunnel, NOW), TUNNEL_LIVES);
		if (from->sent_count > before)
			converse(from, i % 2 ? &pair->a : &pair->b, NOW);
	}
	assert_true(tunnel_is_confirmed(pair->a.tunnel));
	assert_true(tunnel_is_confirmed(pair->b.tunnel));
	assert_true(sip_address_is_same_host(&pair->a.found, &pair->b.address));
	assert_true(sip_address_is_same_host(&pair->b.found, &pair->a.address));
	assert_int_equal(tunnel_place(pair->a.tunnel).port, 0);
}

/* What a program of this machine sends; the ESP packet, if it is one, counts as sent. */
static inline void side_send(struct side *side, const uint8_t *packet, size_t len)
{
	uint8_t frame[TUNNEL_FRAME_BYTES];
	struct tunnel_sealed sealed;

	memcpy(frame + TUNNEL_FRONT_BYTES, packet, len);
	if (tunnel_seal(side->tunnel, NOW, frame, len, &sealed)) {
		assert_true(sealed.at >= frame && sealed.at + sealed.len <= frame + sizeof(frame));
		keep_sent(side, &sealed.to, sealed.at, sealed.len);
	}
}

static inline size_t packet_ipv6(uint8_t *packet, const struct overlay *from,
				 const struct overlay *to)
{
	memset(packet, 0, 48);
	packet[0] = 0x60;
	packet[5] = 8;
	memcpy(packet + 8, from->ipv6.bytes, 16);
	memcpy(packet + 24, to->ipv6.bytes, 16);
	return 48;
}

/* Seals what a peer that lies would send. */
static inline void lie(struct pair *pair, const uint8_t *payload, size_t len, uint8_t next_header)
{
	const struct agreement *agreement = &pair->caller.agreement;
	struct esp_outbound *out;

	assert_int_equal(esp_outbound_create(esp_suite_by_number(agreement->suite),
					     agreement->spi_out, agreement->key_out, &out),
			 RESULT_OK);
	assert_int_equal(esp_outbound_seal(out, next_header, payload, len, pair->a.sent,
					   sizeof(pair->a.sent), &pair->a.sent_len),
			 RESULT_OK);
	esp_outbound_destroy(out);
	pass(&pair->a, &pair->b, NOW);
	assert_int_equal(pair->b.delivered_len, 0);
}

/* An ESP packet on its way. */
struct esp {
	uint8_t bytes[256];
	size_t len;
};

static inline struct esp sent_by(const struct side *side)
{
	struct esp esp = {.len = side->sent_len};

	assert_true(esp.len <= sizeof(esp.bytes));
	memcpy(esp.bytes, side->sent, esp.len);
	return esp;
}

/* A data packet of its own. */
static inline struct esp data_of(struct side *side)
{
	uint8_t packet[48];

	side_send(side, packet, packet_ipv6(packet, &side->own, &side->peer));
	return sent_by(side);
}

static inline void arrive(struct side *from, struct side *to, struct esp esp, uint64_t now_ms)
{
	tunnel_receive(to->tunnel, now_ms, &from->address, esp.bytes, esp.len);
}

/* What a side says when it is time. */
static inline struct esp tick(struct side *side, uint64_t now_ms)
{
	unsigned before = side->sent_count;

	assert_int_equal(tunnel_tick(side->tunnel, now_ms), TUNNEL_LIVES);
	assert_int_equal(side->sent_count, before + 1);
	return sent_by(side);
}

#define PAIR_TEST(test) cmocka_unit_test_setup_teardown(test, tunnel_pair_begin, tunnel_pair_end)

#endif
