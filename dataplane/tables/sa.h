/*
 * One security association as the packet path sees it: an inbound half and an outbound half, apart,
 * so that opening and sealing touch only what they need. A terminal's two halves share an index; a
 * peer's SA has only one of them.
 */
#ifndef SEKISHO_DATAPLANE_TABLES_SA_H
#define SEKISHO_DATAPLANE_TABLES_SA_H

#include <stdatomic.h>
#include <stdint.h>

#include "dataplane/esp/key.h"
#include "shared/limits.h"

/* generation << 24 | index: names an SA for good; of an inbound half it is the SPI. 0: none. */
#define SA_INDEX(handle)	     ((handle) & ((1u << LIMIT_SA_INDEX_BITS) - 1))
#define SA_GENERATION(handle)	     ((uint8_t)((handle) >> LIMIT_SA_INDEX_BITS))
#define SA_HANDLE(index, generation) ((uint32_t)(generation) << LIMIT_SA_INDEX_BITS | (index))

#define SA_IS_TUNNEL	 0x01u
#define SA_IS_IN_UDP	 0x02u /* UDP 4500, RFC 3948 */
#define SA_IS_INNER_IPV4 0x04u
#define SA_IS_OUTER_IPV4 0x08u /* outbound half; the inbound half takes either */
#define SA_IS_REPLAYABLE 0x10u /* no replay check: the bench's static SAs */

/*
 * The inbound half. Writer of all but the last line: the control lcore, before `handle` is released
 * and after it was cleared and the workers have been quiescent; atomics at any time.
 */
struct sa_in {
	/* Writer: control lcore (release). Readers: any worker (acquire). */
	_Atomic uint32_t handle;
	uint8_t suite;	    /* enum contract_suite */
	uint8_t flags;	    /* SA_IS_* */
	uint8_t level;	    /* 2 or 3, for Route-Security */
	uint8_t owner_kind; /* enum contract_owner */
	uint16_t worker;    /* the only one to open and to touch window and counters */
	uint16_t port;
	uint16_t inner_remote_port_be16;
	uint16_t inner_local_port_be16;
	/* Binding index (0: only REGISTER is admitted yet) or peer index, and its generation:
	 * owner_generation << 32 | owner_index. Writer: control lcore. Readers: workers. */
	_Atomic uint64_t owner;
	/* IPv4 in the first four bytes, the rest zero. */
	uint8_t inner_remote[16];
	uint8_t inner_local[16];
	/* The outer source that is known, esp_outer_tag(); 0: not watched. Writer: control lcore.
	 * Reader: the owner worker, which only reports a difference. */
	_Atomic uint64_t outer_tag;

	/* From here on the owner worker writes; others read for statistics (all relaxed). */
	_Atomic uint64_t packets;
	_Atomic uint64_t bytes;
	_Atomic uint64_t last_s;  /* Unix time of the last authentic packet */
	_Atomic uint64_t moved_s; /* Unix time of the last dummy of ours to an outer source */
	/* A token bucket for requests: used by the step that enforces rates, owner worker only. */
	uint64_t rate_tokens;
	uint64_t rate_since_ms;
	/* The last handle given out for this index, to tell a stale SPI from an unknown one.
	 * Writer: control lcore. */
	_Atomic uint32_t last_handle;
	uint32_t pad[3];

	struct esp_key key;
} __attribute__((aligned(64)));

_Static_assert(sizeof(struct sa_in) == 128 + 1024, "two cache lines and a key");

/* An outer header ready to be copied before a packet: IP, and UDP where encapsulated. */
struct sa_outer {
	uint8_t header[48]; /* lengths zero; IPv4 checksum: the sum with length zero */
	uint8_t len;	    /* 20, 28, 40 or 48 */
	uint8_t is_ipv4;
	uint16_t pad;
	uint32_t udp_sum; /* IPv6 with UDP: of addresses, protocol and ports, no lengths */
	uint64_t pad2;
} __attribute__((aligned(64)));

/* The outbound half. Writer as above; what workers write is atomic. */
struct sa_out {
	/* Writers: any worker that seals (add). The number taken is the ESN and the IV. */
	_Atomic uint64_t next;
	/* Numbers below it are reserved in the state file. Writers: workers, upwards. */
	_Atomic uint64_t reserved;
	_Atomic uint64_t bytes;
	uint64_t end; /* first number that must not be used */
	/* Writer: control lcore (release). Readers: any worker (acquire). */
	_Atomic uint32_t handle;
	uint32_t spi_be32;
	uint8_t suite;
	uint8_t flags;
	uint8_t level;
	uint8_t inner_len; /* of inner_header: UDP, in tunnel mode IP and UDP */
	uint16_t port;
	/* Which of `outer` is in force. Writer: control lcore (release), and not again before all
	 * workers have been quiescent. Readers: workers (acquire). */
	_Atomic uint16_t outer_slot;
	uint32_t inner_udp_sum; /* of addresses, protocol and ports, no lengths */
	/* The longest outer packet that its path is known to carry (path_mtu.h). Writers: who opens
	 * an answer, upwards, and the control lcore, either way; readers: workers. Relaxed: a late view
	 * costs a packet. */
	_Atomic uint16_t path_bytes;
	/* It had something longer than PATH_MTU_BYTES to send: it is worth asking. Writers: workers
	 * (set), control lcore (clear), relaxed. */
	_Atomic uint8_t is_path_wanted;
	uint8_t pad;

	uint8_t inner_header[48]; /* as an outer one (sa_header.h) */
	uint64_t first;		  /* number of this process's first packet */
	/* The size of path last answered for, since it was last cleared. Writers: whichever worker
	 * opens the answer (set), control lcore (clear), relaxed. */
	_Atomic uint16_t path_answered;
	uint16_t pad2[3];

	struct sa_outer outer[2];

	struct esp_key key;
} __attribute__((aligned(64)));

_Static_assert(sizeof(struct sa_out) == 256 + 1024, "four cache lines and a key");

#endif
