/* The data plane's own bounds and well-known numbers, with unit and reason. */
#ifndef SEKISHO_DATAPLANE_BOUNDS_H
#define SEKISHO_DATAPLANE_BOUNDS_H

#define PORT_SIP	 5060 /* what we listen on, RFC 3261 18 */
#define PORT_ESP_IN_UDP	 4500 /* RFC 3948 */
#define UDP_HEADER_BYTES 8

/* Packets a source node takes a walk: what the first-level cache holds the headers of. */
#define SOURCE_BURST 32
/* Contexts of a worker: every source's burst at once, 8 ports among them, twice over. */
#define WORKER_PACKETS 640
/* Places in each ring between lcores: 10 ms at 50,000 a second. */
#define WORKER_RING 512
/* Of them in `injected`, places that are the kernel's and the neighbours': the control plane waits for more. */
#define INJECTED_SPARE 64
/* Frames of a worker that wait for one port, in each lane: what comes while who is behind the port is off
 * its processor for a tick of 4 ms. No more than this part of the worker's buffers, either: others need
 * some. For how long the port may take none of them. A power of two. */
#define SEND_WAITING	 2048u
#define SEND_BUFFERS	 4
#define SEND_PATIENCE_MS 100
/* Events of a worker that wait for the control lcore, 1.5 KB each. */
#define WORKER_EVENTS 4096
/* Outer addresses that have answered their probe, waiting for the control lcore. */
#define WORKER_MOVES 64
/* Sources outside any SA that a worker keeps a bucket for, 24 bytes each. */
#define WORKER_SOURCES 16384

/* What a worker remembers of patterns, 64 bytes each, and callers whose rate it keeps, 16 each. */
#define POLICY_CACHE_ENTRIES 32768
#define POLICY_BUCKETS	     16384
/* Scans for patterns a second that one terminal, and one peer, may cause by asking anew. */
#define POLICY_SCANS_TERMINAL 50
#define POLICY_SCANS_PEER     20000

/* As far into a message from outside any SA scanners' signatures are looked for. */
#define SCREEN_BYTES 2048

/* Packets that wait for a neighbour, all together and for one; and for how long. */
#define PENDING_PACKETS		      256
#define PENDING_PACKETS_PER_NEIGHBOUR 16
#define PENDING_MS		      3000

/* What an IPv6 path carries for certain (RFC 8200 5), and nearly every IPv4 one: what we send is cut
 * to that until more has been proved (path_mtu.h). */
#define PATH_MTU_BYTES 1280
/* No message about a path brings it below these: RFC 8201 4, RFC 791 3.1. */
#define PATH_MTU_FLOOR_IPV6 1280
#define PATH_MTU_FLOOR_IPV4 576
/* An answered question about a path counts, and a narrowed path stays narrow, that long (RFC 8201 4
 * has ten minutes for it). */
#define PATH_MTU_KEPT_S 600
/* Questions about one size of path before it counts as unanswered, and in one turn of the sweep. */
#define PATH_MTU_ASKS	      3
#define PATH_MTU_ASKS_A_TURN 64
/* ICMP messages about paths that are looked at in a second; nobody needs more. */
#define PATH_MTU_TOLD_A_SECOND 1000
/* A packet quoted to us is one of the last that many that we sent by its SA. */
#define PATH_MTU_QUOTED_LATELY (UINT64_C(1) << 20)
/* SAs of one SPI and hash that are looked through for a quoted one. */
#define PATH_MTU_SAME_SPI 64
/* SAs of one outer address, port and hash among which one follows another of its owner. */
#define PATH_MTU_SAME_OUTER 64

/* Datagrams being put together by one worker, of one source, for how long, in how many pieces. */
#define REASSEMBLY_DATAGRAMS  64
#define REASSEMBLY_PER_SOURCE 4
#define REASSEMBLY_MS	      3000
#define REASSEMBLY_PIECES     32

/* A client at the contract socket that says no HELLO, or reads nothing, for so long gives way to another. */
#define INBOX_PATIENCE_MS 5000

/* A buffer for a received frame (1,518 bytes and room), and for the longest SIP message. */
#define SMALL_BUFFER_BYTES 2304
#define LARGE_BUFFER_BYTES 18432

#endif
