#include "dataplane/esp/seal.h"

#include <arpa/inet.h>
#include <rte_mbuf.h>
#include <rte_prefetch.h>
#include <string.h>

#include "dataplane/esp/checksum.h"
#include "dataplane/esp/outer.h"
#include "dataplane/esp/plain.h"
#include "dataplane/figure.h"

#define IPV4_BYTES   20
#define IPV6_BYTES   40
#define UDP_BYTES    8
#define IP_BYTES_MAX 65535u

static void put_u16(uint8_t *at, uint16_t value)
{
	memcpy(at, &value, sizeof(value));
}

/* One of the shapes a prepared header can have, copied without a call. */
static void copy_header(uint8_t *to, const uint8_t *from, uint8_t len)
{
	switch (len) {
	case UDP_BYTES:
		memcpy(to, from, UDP_BYTES);
		break;
	case IPV4_BYTES:
		memcpy(to, from, IPV4_BYTES);
		break;
	case IPV4_BYTES + UDP_BYTES:
		memcpy(to, from, IPV4_BYTES + UDP_BYTES);
		break;
	case IPV6_BYTES:
		memcpy(to, from, IPV6_BYTES);
		break;
	default:
		memcpy(to, from, IPV6_BYTES + UDP_BYTES);
		break;
	}
}

/* Fill the lengths into an IP header copied from sa_header.h; len counts it and what follows. */
static void finish_ip(uint8_t *ip, bool is_ipv4, uint32_t len)
{
	uint16_t sum;

	if (!is_ipv4) {
		put_u16(ip + 4, htons((uint16_t)(len - IPV6_BYTES)));
		return;
	}
	put_u16(ip + 2, htons((uint16_t)len));
	memcpy(&sum, ip + 10, sizeof(sum));
	put_u16(ip + 10, checksum_finish((uint64_t)sum + htons((uint16_t)len)));
}

/* Length and checksum of a UDP header; sum is that of addresses, protocol and ports. */
static void finish_udp(uint8_t *udp, uint32_t len, uint32_t sum)
{
	uint16_t len_be16 = htons((uint16_t)len);
	uint16_t checksum = checksum_finish((uint64_t)sum + 2u * len_be16 +
					    checksum_add(udp + UDP_BYTES, len - UDP_BYTES));

	put_u16(udp + 4, len_be16);
	put_u16(udp + 6, checksum != 0 ? checksum : UINT16_MAX); /* RFC 768: 0 means none */
}

enum drop_reason esp_seal_inner(const struct sa_out *sa, struct rte_mbuf *mbuf)
{
	uint32_t len = mbuf->data_len + (uint32_t)sa->inner_len;
	uint32_t ip_len = sa->inner_len - UDP_BYTES;
	uint8_t *at;

	if (mbuf->nb_segs != 1)
		return DROP_esp_uncontiguous;
	if (len > IP_BYTES_MAX)
		return DROP_esp_too_long;
	at = (uint8_t *)rte_pktmbuf_prepend(mbuf, sa->inner_len);
	if (at == NULL)
		return DROP_esp_no_room;
	copy_header(at, sa->inner_header, sa->inner_len);
	finish_udp(at + ip_len, len - ip_len, sa->inner_udp_sum);
	if (ip_len != 0)
		finish_ip(at, (sa->flags & SA_IS_INNER_IPV4) != 0, len);
	return DROP_NONE;
}

/* What stands round the encrypted part of an outer packet. */
static uint32_t bytes_around(const struct sa_out *sa, const struct esp_suite *suite)
{
	const struct sa_outer *outer =
		&sa->outer[atomic_load_explicit(&sa->outer_slot, memory_order_acquire)];

	return (uint32_t)outer->len + ESP_HEADER_BYTES + suite->iv_bytes + suite->icv_bytes;
}

uint32_t esp_seal_inner_most(const struct sa_out *sa, uint32_t path_bytes)
{
	const struct esp_suite *suite = esp_suite_get(sa->suite);

	return ((path_bytes - bytes_around(sa, suite)) & ~(suite->align_bytes - 1u)) -
	       ESP_TRAILER_BYTES;
}

uint32_t esp_seal_outer_most(const struct sa_out *sa, uint32_t path_bytes)
{
	return esp_seal_inner_most(sa, path_bytes) + ESP_TRAILER_BYTES +
	       bytes_around(sa, esp_suite_get(sa->suite));
}

/* The packet's number, GCM's IV too: never given twice, and in the file before it is used. */
static bool take_number(struct sa_out *sa, struct state_record *record, uint64_t *number)
{
	uint64_t taken;

	/* Looked at first, so that refused packets do not carry the counter on for ever. */
	if (atomic_load_explicit(&sa->next, memory_order_relaxed) >= sa->end)
		return false;
	taken = atomic_fetch_add_explicit(&sa->next, 1, memory_order_relaxed);
	if (taken >= sa->end)
		return false;
	/* Pairs with the release in state_record_reserve(). */
	if (taken >= atomic_load_explicit(&sa->reserved, memory_order_acquire))
		state_record_reserve(record, taken, &sa->reserved);
	*number = taken;
	return true;
}

static uint8_t next_header(const struct sa_out *sa)
{
	if (!(sa->flags & SA_IS_TUNNEL))
		return ESP_NEXT_HEADER_UDP;
	return sa->flags & SA_IS_INNER_IPV4 ? ESP_NEXT_HEADER_IPV4 : ESP_NEXT_HEADER_IPV6;
}

/*
 * RFC 4303 2.4: 1, 2, 3 ..., their count, the next header. By eight bytes, since what they are too many
 * stands where trailer and ICV will.
 */
static void write_trailer(uint8_t *at, uint32_t pad_len, uint8_t next)
{
	static const uint8_t pad[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};

	memcpy(at, pad, 8);
	if (pad_len > 8)
		memcpy(at + 8, pad + 8, 8);
	at[pad_len] = (uint8_t)pad_len;
	at[pad_len + 1] = next;
}

static void write_outer(uint8_t *at, const struct sa_outer *outer, uint32_t len)
{
	uint32_t ip_len = outer->is_ipv4 ? IPV4_BYTES : IPV6_BYTES;

	copy_header(at, outer->header, outer->len);
	if (outer->len > ip_len) {
		uint8_t *udp = at + ip_len;

		/* RFC 3948 2.1: no checksum over IPv4; over IPv6 there must be one (RFC 8200). */
		if (outer->is_ipv4)
			put_u16(udp + 4, htons((uint16_t)(len - ip_len)));
		else
			finish_udp(udp, len - ip_len, outer->udp_sum);
	}
	finish_ip(at, outer->is_ipv4, len);
}

/* What is known of a packet between the passes over a burst. */
struct sealing {
	struct esp_seal_packet *packet;
	struct sa_out *sa;
	const struct sa_outer *outer;
};

/* Trailer, room for the ICV, ESP header with number and IV round what the mbuf holds. */
static enum drop_reason seal_plain(const struct esp_seal *seal, const struct sealing *sealing,
				   const struct esp_suite *suite, struct esp_job *job)
{
	struct sa_out *sa = sealing->sa;
	uint32_t handle = sealing->packet->sa_handle;
	struct rte_mbuf *mbuf = sealing->packet->mbuf;
	uint32_t plain_len = mbuf->data_len;
	uint32_t pad_len = -(plain_len + ESP_TRAILER_BYTES) & (suite->align_bytes - 1u);
	uint32_t tail = pad_len + ESP_TRAILER_BYTES + suite->icv_bytes;
	uint32_t head = (uint32_t)sealing->outer->len + ESP_HEADER_BYTES + suite->iv_bytes;
	uint64_t number_be64;

	if (head + plain_len + tail > IP_BYTES_MAX)
		return DROP_esp_too_long;
	if (rte_pktmbuf_headroom(mbuf) < head || rte_pktmbuf_tailroom(mbuf) < tail)
		return DROP_esp_no_room;
	if (!take_number(sa, sa_table_record(seal->table, SA_INDEX(handle)), &job->number))
		return DROP_esp_exhausted;
	number_be64 = __builtin_bswap64(job->number);
	job->key = &sa->key;
	job->suite = suite;
	job->mbuf = mbuf;
	job->esp = (uint8_t *)rte_pktmbuf_prepend(mbuf, (uint16_t)head) + sealing->outer->len;
	job->len = plain_len + pad_len + ESP_TRAILER_BYTES;
	write_trailer((uint8_t *)rte_pktmbuf_append(mbuf, (uint16_t)tail), pad_len,
		      sealing->packet->next_header != 0 ? sealing->packet->next_header
							: next_header(sa));
	memcpy(job->esp, &sa->spi_be32, 4);
	memcpy(job->esp + 4, (const uint8_t *)&number_be64 + 4, 4);
	esp_engine_iv_write(seal->engine, suite, sa->spi_be32, job->number,
			    job->esp + ESP_HEADER_BYTES);
	return DROP_NONE;
}

/* First pass: all but the cryptography and what must see its result. */
static enum drop_reason seal_begin(const struct esp_seal *seal, struct sealing *sealing,
				   struct esp_job *job)
{
	struct sa_out *sa = sealing->sa;
	enum drop_reason reason = DROP_NONE;

	if (sealing->packet->mbuf->nb_segs != 1)
		return DROP_esp_uncontiguous;
	if (!sealing->packet->is_inner_datagram)
		reason = esp_seal_inner(sa, sealing->packet->mbuf);
	if (reason != DROP_NONE)
		return reason;
	sealing->outer = sealing->packet->outer;
	if (sealing->outer == NULL)
		sealing->outer =
			&sa->outer[atomic_load_explicit(&sa->outer_slot, memory_order_acquire)];
	return seal_plain(seal, sealing, esp_suite_get(sa->suite), job);
}

/* Last pass: the outer headers. */
static enum drop_reason seal_end(const struct sealing *sealing, const struct esp_job *job)
{
	const struct sa_outer *outer = sealing->outer;
	struct rte_mbuf *mbuf = sealing->packet->mbuf;
	uint32_t len = mbuf->data_len;

	if (!job->is_done)
		return DROP_esp_engine;
	write_outer(rte_pktmbuf_mtod(mbuf, uint8_t *), outer, len);
	/* Where two workers seal by one SA in the same instant, a packet's bytes may be missed; how
	 * many packets there were, on which a key's safety hangs, is for the number to say, which
	 * is exact. */
	figure_add(&sealing->sa->bytes, len - outer->len);
	mbuf->tx_offload = 0;
	mbuf->l3_len = outer->is_ipv4 ? IPV4_BYTES : IPV6_BYTES;
	sealing->packet->is_outer_ipv4 = outer->is_ipv4;
	sealing->packet->port = sealing->sa->port;
	return DROP_NONE;
}

void esp_seal_burst(struct esp_seal *seal, struct esp_seal_packet *packets, uint32_t count)
{
	struct sealing sealing[ESP_BURST];
	struct esp_job jobs[ESP_BURST];
	uint32_t begun = 0;

	for (uint32_t i = 0; i < count; i++)
		(void)esp_seal_prefetch(seal->table, packets[i].sa_handle);
	for (uint32_t i = 0; i < count; i++) {
		struct sealing *one = &sealing[begun];

		one->packet = &packets[i];
		one->sa = sa_table_find_out(seal->table, packets[i].sa_handle);
		packets[i].reason = one->sa != NULL ? seal_begin(seal, one, &jobs[begun])
						    : DROP_esp_sa_gone;
		if (packets[i].reason == DROP_NONE)
			begun++;
	}
	esp_engine_seal(seal->engine, jobs, begun);
	for (uint32_t i = 0; i < begun; i++)
		sealing[i].packet->reason = seal_end(&sealing[i], &jobs[i]);
}
