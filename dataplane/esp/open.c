#include "dataplane/esp/open.h"

#include <arpa/inet.h>
#include <rte_mbuf.h>
#include <rte_prefetch.h>
#include <string.h>

#include "dataplane/esp/outer.h"
#include "dataplane/esp/plain.h"
#include "dataplane/esp/probe.h"
#include "dataplane/esp/selector.h"
#include "dataplane/figure.h"

/* What is known of a packet between the passes over a burst. */
struct opening {
	struct esp_outer outer;
	struct sa_in *sa; /* NULL: its verdict is final */
	struct replay_window *window;
	uint32_t spi;
	uint32_t low; /* of the sequence number */
	uint32_t job; /* of the burst's: its cryptography */
};

static uint32_t read_u32(const uint8_t *at)
{
	uint32_t value;

	memcpy(&value, at, sizeof(value));
	return ntohl(value);
}

static void drop(struct esp_open_packet *packet, enum drop_reason reason)
{
	packet->verdict = ESP_OPEN_DROP;
	packet->reason = reason;
}

uint64_t esp_outer_tag(const uint8_t address[16], uint16_t port_be16)
{
	uint64_t half[2], tag;

	memcpy(half, address, sizeof(half));
	tag = (half[0] ^ half[1] * UINT64_C(0x9e3779b97f4a7c15)) * UINT64_C(0xff51afd7ed558ccd);
	tag ^= (tag >> 32) ^ ((uint64_t)port_be16 << 48 | port_be16);
	return tag != 0 ? tag : 1;
}

/* Leave the mbuf with exactly this part of its buffer. */
static void hold(struct rte_mbuf *mbuf, struct slice part)
{
	mbuf->data_off = (uint16_t)(part.at - (const char *)mbuf->buf_addr);
	mbuf->data_len = (uint16_t)part.len;
	mbuf->pkt_len = (uint32_t)part.len;
	mbuf->tx_offload = 0; /* no outer headers any more */
}

/* First pass: the headers in clear. */
static void find_spi(const struct esp_open *open, struct esp_open_packet *packet,
		     struct opening *opening)
{
	struct rte_mbuf *mbuf = packet->mbuf;
	struct esp_outer *outer = &opening->outer;
	enum drop_reason reason = DROP_esp_uncontiguous;
	uint32_t l2_len = mbuf->l2_len;

	opening->sa = NULL;
	opening->spi = 0;
	packet->news = 0;
	packet->sa_handle = 0;
	packet->worker = 0;
	packet->verdict = ESP_OPEN_DROP;
	packet->reason = DROP_NONE;
	if (mbuf->nb_segs == 1)
		reason = mbuf->data_len < l2_len
				 ? DROP_esp_outer_header
				 : esp_outer_find(rte_pktmbuf_mtod_offset(mbuf, uint8_t *, l2_len),
						  mbuf->data_len - l2_len, outer);
	if (reason != DROP_NONE) {
		drop(packet, reason);
		return;
	}
	opening->spi = read_u32(outer->esp);
	opening->low = read_u32(outer->esp + 4);
	if (SA_INDEX(opening->spi) < open->table->capacity) {
		const struct sa_in *in = &open->table->in[SA_INDEX(opening->spi)];

		rte_prefetch0(in);
		rte_prefetch0_write(&in->packets);
	}
}

/* Second pass: whose it is. */
static void find_sa(const struct esp_open *open, struct esp_open_packet *packet,
		    struct opening *opening)
{
	struct sa_in *sa;

	if (packet->reason != DROP_NONE)
		return;
	sa = sa_table_find_in(open->table, opening->spi);
	if (sa == NULL) {
		drop(packet, sa_table_is_stale(open->table, opening->spi) ? DROP_esp_spi_stale
									  : DROP_esp_spi_unknown);
		return;
	}
	if (opening->outer.is_in_udp != ((sa->flags & SA_IS_IN_UDP) != 0)) {
		drop(packet, DROP_esp_encapsulation);
		return;
	}
	if (sa->worker != open->worker) {
		packet->verdict = ESP_OPEN_HANDOFF;
		packet->worker = sa->worker;
		packet->sa_handle = opening->spi;
		return;
	}
	opening->sa = sa;
	opening->window = &sa_table_record(open->table, SA_INDEX(opening->spi))->window;
	rte_prefetch0_write(opening->window);
	rte_prefetch0_write(&opening->window->bits[opening->low / 64 % REPLAY_WORDS]);
}

/*
 * What to say of a packet whose ICV is wrong. With extended numbers one behind the window stands
 * for one 2^32 further on (RFC 4303 A2.2) and fails there: a packet that was merely late is not
 * called forged.
 */
static enum drop_reason blame_icv(const struct opening *opening, uint64_t number)
{
	uint64_t top = atomic_load_explicit(&opening->window->top, memory_order_relaxed);

	return number > top && number - top > UINT32_MAX / 2 ? DROP_esp_too_old : DROP_esp_icv;
}

static enum drop_reason check_window(const struct opening *opening, uint64_t number)
{
	if (opening->sa->flags & SA_IS_REPLAYABLE)
		return DROP_NONE;
	switch (replay_check(opening->window, number)) {
	case RESULT_OK:
		return DROP_NONE;
	case RESULT_EXISTS:
		return DROP_esp_replay;
	default:
		return DROP_esp_too_old;
	}
}

/* RFC 4303 3.4.3: is it a number that may come; nothing moves yet. */
static enum drop_reason check_number(const struct opening *opening, uint64_t *number)
{
	if (opening->sa->flags & SA_IS_REPLAYABLE) {
		*number = opening->low;
		return DROP_NONE;
	}
	if (replay_infer(opening->window, opening->low, number) != RESULT_OK)
		return DROP_esp_too_old;
	return check_window(opening, *number);
}

/* Set where the packet came from; is it where the SA's other side is known to be? */
static bool is_where_known(struct esp_open_packet *packet, const struct esp_outer *outer,
			   uint64_t known)
{
	memset(packet->outer_source, 0, sizeof(packet->outer_source));
	if (outer->is_ipv4)
		memcpy(packet->outer_source, outer->ip + 12, 4);
	else
		memcpy(packet->outer_source, outer->ip + 8, 16);
	packet->is_outer_ipv4 = outer->is_ipv4;
	packet->outer_port_be16 = outer->source_port_be16;
	return esp_outer_tag(packet->outer_source, packet->outer_port_be16) == known;
}

/* It is authentic: now, and not before, window and counters move. */
static void take_note(const struct esp_open *open, struct esp_open_packet *packet,
		      const struct opening *opening, uint64_t number)
{
	struct sa_in *sa = opening->sa;
	const struct esp_outer *outer = &opening->outer;
	uint64_t top = atomic_load_explicit(&opening->window->top, memory_order_relaxed);
	uint64_t known = atomic_load_explicit(&sa->outer_tag, memory_order_relaxed);

	packet->sa_handle = opening->spi;
	packet->is_first =
		top == 0 && atomic_load_explicit(&sa->packets, memory_order_relaxed) == 0;
	if (!(sa->flags & SA_IS_REPLAYABLE))
		replay_update(opening->window, number);
	figure_add(&sa->packets, 1);
	figure_add(&sa->bytes, outer->len);
	atomic_store_explicit(&sa->last_s, open->now_s, memory_order_relaxed);
	if (known == 0 || number <= top || is_where_known(packet, outer, known) ||
	    atomic_load_explicit(&sa->moved_s, memory_order_relaxed) >= open->now_s)
		return;
	atomic_store_explicit(&sa->moved_s, open->now_s, memory_order_relaxed);
	packet->is_moved = true;
}

/* May a dummy be sent for this one? One a second. */
static bool may_say(const struct esp_open *open, const struct opening *opening)
{
	_Atomic uint64_t *said_s = &opening->sa->moved_s;

	if (atomic_load_explicit(said_s, memory_order_relaxed) >= open->now_s)
		return false;
	atomic_store_explicit(said_s, open->now_s, memory_order_relaxed);
	return true;
}

/* Who asks from where he is seen is answered, unless this second's packet of ours went already. */
static enum drop_reason look_at_question(const struct esp_open *open,
					 struct esp_open_packet *packet,
					 const struct opening *opening, uint64_t known)
{
	if (!may_say(open, opening))
		return DROP_esp_dummy;
	(void)is_where_known(packet, &opening->outer, known);
	packet->is_asking = true;
	return DROP_esp_where;
}

/*
 * Is it the answer about a path, or a gateway's question about one? A terminal answers by the SA that it
 * was asked by; a gateway, whose SAs have one direction, by any.
 */
static bool look_at_path(const struct esp_open *open, struct esp_open_packet *packet,
			 const struct opening *opening, struct slice content)
{
	bool is_peer = opening->sa->owner_kind == CONTRACT_OWNER_PEER;

	packet->path_bytes = esp_probe_path_answered(open->table->engine, content, open->now_s,
						     &packet->path_of);
	if (packet->path_bytes != 0 && !is_peer && packet->path_of != opening->spi)
		packet->path_bytes = 0;
	packet->is_path_asked = is_peer && esp_probe_answer(content, packet->answer) &&
				may_say(open, opening);
	return packet->path_bytes != 0 || packet->is_path_asked;
}

/* A dummy that answers our probe: of a path, or from where the probe was sent and the SA does not go
 * yet? Or one that asks from where it comes? */
static enum drop_reason look_at_dummy(const struct esp_open *open, struct esp_open_packet *packet,
				      const struct opening *opening, struct slice content)
{
	uint64_t known = atomic_load_explicit(&opening->sa->outer_tag, memory_order_relaxed);
	struct esp_probe_place place;

	if (look_at_path(open, packet, opening, content))
		return DROP_esp_probe;
	if (known != 0 && esp_where_is_question(content, packet->cookie))
		return look_at_question(open, packet, opening, known);
	if (content.len != ESP_PROBE_BYTES || known == 0)
		return DROP_esp_dummy;
	packet->is_confirmed = !is_where_known(packet, &opening->outer, known);
	memcpy(place.address, packet->outer_source, sizeof(place.address));
	place.port_be16 = packet->outer_port_be16;
	if (esp_probe_is_answer(open->engine, content, opening->spi, &place, open->now_s))
		return DROP_esp_probe;
	packet->is_confirmed = false;
	return DROP_esp_dummy;
}

enum drop_reason esp_open_inner(const struct sa_in *sa, struct rte_mbuf *mbuf)
{
	struct slice udp, payload;
	bool is_fragment;
	enum drop_reason reason = esp_selector_ip(
		sa, slice_make(rte_pktmbuf_mtod(mbuf, char *), mbuf->data_len), &udp, &is_fragment);

	if (reason == DROP_NONE && is_fragment)
		reason = DROP_esp_selector;
	if (reason == DROP_NONE)
		reason = esp_selector_udp(sa, udp, &payload);
	if (reason == DROP_NONE)
		hold(mbuf, payload);
	return reason;
}

/* Third pass: is there anything to decrypt, under a number that may come? */
static enum drop_reason open_begin(const struct esp_open_packet *packet,
				   const struct opening *opening, struct esp_job *job)
{
	const struct esp_suite *suite = esp_suite_get(opening->sa->suite);
	const struct esp_outer *outer = &opening->outer;
	uint32_t around = ESP_HEADER_BYTES + (uint32_t)suite->iv_bytes + suite->icv_bytes;

	if (outer->len < around + suite->align_bytes)
		return DROP_esp_length;
	job->len = outer->len - around;
	if ((job->len & (suite->align_bytes - 1u)) != 0)
		return DROP_esp_length;
	job->key = &opening->sa->key;
	job->suite = suite;
	job->mbuf = packet->mbuf;
	job->esp = outer->esp;
	return check_number(opening, &job->number);
}

/* Last pass: ICV, window (again: the burst may hold the number twice), and what was inside. */
static enum drop_reason open_end(const struct esp_open *open, struct esp_open_packet *packet,
				 const struct opening *opening, const struct esp_job *job)
{
	uint8_t *data = job->esp + ESP_HEADER_BYTES + job->suite->iv_bytes;
	enum drop_reason reason;
	struct slice inside;
	bool is_fragment;

	if (!job->is_done)
		return blame_icv(opening, job->number);
	reason = check_window(opening, job->number);
	if (reason != DROP_NONE)
		return reason;
	take_note(open, packet, opening, job->number);
	reason = esp_plain_check(opening->sa, &opening->outer, slice_make(data, job->len), &inside,
				 &is_fragment);
	if (reason == DROP_esp_dummy)
		return look_at_dummy(open, packet, opening, inside);
	if (reason != DROP_NONE)
		return reason;
	hold(packet->mbuf, inside);
	packet->verdict = is_fragment ? ESP_OPEN_FRAGMENT : ESP_OPEN_PASS;
	return DROP_NONE;
}

/* The keys of the first packets, which the engine will want before it can ask for them itself. */
static void prefetch_first_keys(const struct opening *opening, uint32_t count)
{
	for (uint32_t i = 0; i < count && i < GCM_PREFETCH_AHEAD; i++) {
		const struct sa_in *sa = opening[i].sa;

		if (sa != NULL)
			esp_key_prefetch(&sa->key, esp_suite_get(sa->suite), false,
					 opening[i].outer.len);
	}
}

void esp_open_burst(struct esp_open *open, struct esp_open_packet *packets, uint32_t count)
{
	struct opening opening[ESP_BURST];
	struct esp_job jobs[ESP_BURST];
	uint32_t begun = 0;

	for (uint32_t i = 0; i < count; i++)
		find_spi(open, &packets[i], &opening[i]);
	for (uint32_t i = 0; i < count; i++)
		find_sa(open, &packets[i], &opening[i]);
	prefetch_first_keys(opening, count);
	for (uint32_t i = 0; i < count; i++) {
		enum drop_reason reason;

		if (opening[i].sa == NULL)
			continue;
		reason = open_begin(&packets[i], &opening[i], &jobs[begun]);
		if (reason == DROP_NONE)
			opening[i].job = begun++;
		else
			opening[i].sa = NULL;
		if (reason != DROP_NONE)
			drop(&packets[i], reason);
	}
	esp_engine_open(open->engine, jobs, begun);
	for (uint32_t i = 0; i < count; i++) {
		enum drop_reason reason;

		if (opening[i].sa == NULL)
			continue;
		reason = open_end(open, &packets[i], &opening[i], &jobs[opening[i].job]);
		if (reason != DROP_NONE)
			drop(&packets[i], reason);
	}
}
