#include "dataplane/path_mtu.h"

#include <string.h>

#include <rte_ether.h>
#include <rte_mbuf.h>
#include <rte_ring.h>

#include "dataplane/bounds.h"
#include "dataplane/esp/probe.h"
#include "dataplane/esp/seal.h"
#include "dataplane/io/port.h"
#include "dataplane/mbuf_note.h"
#include "dataplane/packet.h"
#include "dataplane/tables/sa_info.h"
#include "dataplane/tables/sa_table.h"
#include "dataplane/too_big.h"
#include "dataplane/worker.h"

/* What links in the middle of a path have, after the port's own: PPPoE, tunnels of several kinds. */
static const uint16_t sizes[] = {1492, 1460, 1420, 1400, 1340};

#define SIZES (sizeof(sizes) / sizeof(sizes[0]))

static uint16_t path_get(const struct sa_out *out)
{
	return atomic_load_explicit(&out->path_bytes, memory_order_relaxed);
}

static void path_set(struct path_mtu *paths, struct sa_out *out, uint16_t bytes)
{
	struct sa_table *sas = paths->sas;

	if (bytes < sa_table_narrowest_path(sas))
		atomic_store_explicit(&sas->narrowest_path, bytes, memory_order_relaxed);
	atomic_store_explicit(&out->path_bytes, bytes, memory_order_relaxed);
}

static void due_set(struct sa_info *info, uint64_t now_s)
{
	info->path_asked = 0;
	info->path_due_s = (uint32_t)now_s;
	if (info->path_due_s == 0) /* that is: at once */
		info->path_due_s = 1;
}

static bool is_due(const struct sa_info *info, uint64_t now_s)
{
	return info->path_due_s == 0 || (int32_t)((uint32_t)now_s - info->path_due_s) >= 0;
}

/* The next size to ask about after one that nobody answered for; 0: there is nothing to gain. */
static uint16_t size_below(const struct sa_out *out, uint16_t bytes, uint16_t start)
{
	for (size_t i = 0; i < SIZES; i++) {
		uint32_t size = esp_seal_outer_most(out, sizes[i]);

		if (size < bytes && size > start)
			return (uint16_t)size;
	}
	return 0;
}

/* What is said of a path, judged: how long a packet it leaves, or 0 if it is not to be believed. */
static uint16_t bytes_believed(const struct sa_out *out, const struct too_big *too_big)
{
	uint64_t next = atomic_load_explicit(&out->next, memory_order_relaxed);
	uint64_t sent = next - out->first;
	uint16_t floor = too_big->quote.source.family == 4 ? PATH_MTU_FLOOR_IPV4
							   : PATH_MTU_FLOOR_IPV6;
	uint32_t ago = (uint32_t)next - 1 - too_big->sequence;
	uint32_t bytes = too_big->path_bytes;

	if (ago >= sent || ago >= PATH_MTU_QUOTED_LATELY)
		return 0;
	if (bytes == 0) /* RFC 1191 5: one below what was quoted that we have ourselves */
		bytes = too_big->quoted_bytes > PATH_MTU_BYTES ? PATH_MTU_BYTES : floor;
	if (bytes >= too_big->quoted_bytes)
		return 0;
	return (uint16_t)(bytes > floor ? bytes : floor);
}

static void told(struct path_mtu *paths, const struct too_big *too_big, uint64_t now_s)
{
	struct sa_table *sas = paths->sas;
	uint32_t index = sa_spi_find(&sas->by_spi, sas->info, &too_big->quote);
	struct sa_out *out = &sas->out[index];
	struct sa_info *info = &sas->info[index];
	uint16_t bytes = index != 0 ? bytes_believed(out, too_big) : 0;

	if (bytes == 0) {
		paths->counts->refused++;
		return;
	}
	/* The answer to a question of ours: how much it would be. */
	if (info->path_asked > bytes) {
		info->path_asks = 0;
		info->path_asked = (uint16_t)esp_seal_outer_most(out, bytes);
		if (info->path_asked <= sa_table_path_start(sas, info->port))
			due_set(info, now_s + PATH_MTU_KEPT_S);
	}
	if (bytes < path_get(out)) {
		path_set(paths, out, bytes);
		due_set(info, now_s + PATH_MTU_KEPT_S);
		paths->counts->narrowed++;
	}
}

/* So many a second are looked at, whoever sends how many. */
static bool is_too_many(struct path_mtu *paths, uint64_t now_s)
{
	if (paths->told_s != now_s) {
		paths->told_s = now_s;
		paths->told = 0;
	}
	return paths->told++ >= PATH_MTU_TOLD_A_SECOND;
}

void path_mtu_frame(struct path_mtu *paths, const uint8_t *frame, size_t length, uint64_t now_ms)
{
	struct too_big too_big;

	if (length <= RTE_ETHER_HDR_LEN ||
	    !too_big_read(frame + RTE_ETHER_HDR_LEN, length - RTE_ETHER_HDR_LEN, &too_big))
		return;
	if (is_too_many(paths, now_ms / 1000))
		paths->counts->too_many++;
	else
		told(paths, &too_big, now_ms / 1000);
}

/* A dummy that fills just so much on the wire; the worker writes what it asks. */
static void ask(struct path_mtu *paths, uint32_t index, uint16_t bytes)
{
	struct sa_table *sas = paths->sas;
	const struct sa_out *out = &sas->out[index];
	struct worker *worker = paths->workers[sas->info[index].worker];
	uint16_t length = (uint16_t)esp_seal_inner_most(out, bytes);
	struct rte_mbuf *mbuf = rte_pktmbuf_alloc(worker->small_buffers);

	if (!mbuf)
		return;
	mbuf->data_off = PACKET_HEADROOM_BYTES;
	mbuf->data_len = length;
	mbuf->pkt_len = length;
	memset(rte_pktmbuf_mtod(mbuf, void *), 0, length);
	*mbuf_note(mbuf) = (struct mbuf_note){
		.kind = MBUF_NOTE_PATH,
		.sa_handle = atomic_load_explicit(&out->handle, memory_order_relaxed),
		.path_bytes = bytes,
	};
	if (rte_ring_enqueue(worker->injected, mbuf) == 0)
		paths->counts->asked++;
	else
		rte_pktmbuf_free(mbuf);
}

static bool may_ask(struct path_mtu *paths, uint64_t now_ms)
{
	if (paths->turn_ms != now_ms) {
		paths->turn_ms = now_ms;
		paths->asks = 0;
	}
	return paths->asks++ < PATH_MTU_ASKS_A_TURN;
}

static void settle(struct sa_info *info, struct sa_out *out, uint64_t now_s)
{
	atomic_store_explicit(&out->is_path_wanted, 0, memory_order_relaxed);
	due_set(info, now_s + PATH_MTU_KEPT_S);
}

/* A size was asked about often enough: it does not come through, whatever it did before. */
static void give_up_size(struct path_mtu *paths, struct sa_info *info, struct sa_out *out,
			 uint16_t start)
{
	if (path_get(out) >= info->path_asked) {
		path_set(paths, out, start);
		paths->counts->lost++;
	}
	info->path_asks = 0;
	info->path_asked = size_below(out, info->path_asked, start);
}

static bool is_answered(const struct sa_info *info, const struct sa_out *out)
{
	return atomic_load_explicit(&out->path_answered, memory_order_relaxed) >= info->path_asked;
}

/* What the next question is about: as much as the port takes, or what is left of that. */
static void question_choose(struct path_mtu *paths, struct sa_info *info, struct sa_out *out,
			    uint16_t start)
{
	if (info->path_asked == 0) {
		uint32_t most =
			esp_seal_outer_most(out, paths->ports->ports[info->port].mtu);

		info->path_asks = 0;
		info->path_asked = most > start ? (uint16_t)most : 0;
		atomic_store_explicit(&out->path_answered, 0, memory_order_relaxed);
	} else if (info->path_asks >= PATH_MTU_ASKS && !is_answered(info, out)) {
		give_up_size(paths, info, out, start);
	}
}

/* A terminal answers by the other half of its SA, a gateway by one of its own; only where it matters
 * they are asked. */
static bool is_askable(const struct path_mtu *paths, const struct sa_info *info,
		       const struct sa_out *out)
{
	return atomic_load_explicit(&out->is_path_wanted, memory_order_relaxed) &&
	       ((info->directions & CONTRACT_SA_IN) != 0 ||
		info->owner_kind == CONTRACT_OWNER_PEER) &&
	       info->port < paths->ports->count;
}

void path_mtu_visit(struct path_mtu *paths, uint32_t index, uint64_t now_ms)
{
	struct sa_info *info = &paths->sas->info[index];
	struct sa_out *out = &paths->sas->out[index];
	uint16_t start = sa_table_path_start(paths->sas, info->port);

	if (info->state != SA_LIVE || !(info->directions & CONTRACT_SA_OUT) ||
	    !is_due(info, now_ms / 1000))
		return;
	if (path_get(out) < start) /* what narrowed it is long ago */
		path_set(paths, out, start);
	if (!is_askable(paths, info, out))
		return;
	question_choose(paths, info, out, start);
	if (is_answered(info, out)) { /* or there is nothing to ask */
		settle(info, out, now_ms / 1000);
	} else if (may_ask(paths, now_ms)) {
		ask(paths, index, info->path_asked);
		info->path_asks++;
	}
}
