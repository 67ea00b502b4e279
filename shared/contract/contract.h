/*
 * The one contract between control plane and data plane: what may be said over the Unix
 * SOCK_SEQPACKET socket, one or several messages a packet (packet.h). The control plane connects
 * (client), the data plane listens. A message is a header and the struct its id names; SIP messages follow their struct as
 * counted bytes; a policy comes as a sealed memfd beside its message (SCM_RIGHTS). Every request is
 * answered, an unknown one too. All integers are in host order: both ends are one machine.
 *
 * Neither side trusts the other's bytes: contract_validate() is called on each message received
 * before anything of it is looked at.
 */
#ifndef SEKISHO_SHARED_CONTRACT_CONTRACT_H
#define SEKISHO_SHARED_CONTRACT_CONTRACT_H

#include <stddef.h>
#include <stdint.h>

#include "shared/limits.h"
#include "shared/result.h"

#define CONTRACT_MAGIC   0x53454b49u /* "SEKI" */
#define CONTRACT_VERSION 6
/* Longest message: a header, the largest struct and a SIP message. */
#define CONTRACT_MESSAGE_BYTES (LIMIT_SIP_MESSAGE_BYTES + 4096)

enum contract_id {
	/* control plane -> data plane, each answered by CONTRACT_ANSWER unless another is named */
	CONTRACT_HELLO = 1,       /* answered by CONTRACT_WELCOME; must be first */
	CONTRACT_SETTINGS_PUT,    /* struct contract_settings */
	CONTRACT_KEY_PUT,         /* struct contract_key */
	CONTRACT_KEY_DELETE,      /* struct contract_key, only purpose and id are looked at */
	CONTRACT_SA_PUT,          /* struct contract_sa */
	CONTRACT_SA_DELETE,       /* struct contract_sa_ref */
	CONTRACT_BINDING_PUT,     /* struct contract_binding */
	CONTRACT_BINDING_DELETE,  /* struct contract_binding_ref */
	CONTRACT_IDENTITY_PUT,    /* struct contract_identity */
	CONTRACT_IDENTITY_DELETE, /* struct contract_identity, only aor is looked at */
	CONTRACT_PEER_PUT,        /* struct contract_peer */
	CONTRACT_PEER_DELETE,     /* struct contract_peer, only index is looked at */
	CONTRACT_POLICY_PUT,      /* struct contract_policy, and the memfd (policy_blob.h) */
	CONTRACT_SIP_SEND,        /* struct contract_sip_send and the message */
	CONTRACT_DUMP,            /* CONTRACT_*_RECORD for each, then CONTRACT_ANSWER */
	CONTRACT_COUNTERS_GET,    /* one or more CONTRACT_COUNTERS, then CONTRACT_ANSWER */
	CONTRACT_SIP_ENTER,       /* struct contract_sip_enter and the message */

	/* data plane -> control plane */
	CONTRACT_WELCOME = 256,  /* struct contract_welcome */
	CONTRACT_ANSWER,         /* struct contract_answer */
	CONTRACT_SA_RECORD,      /* struct contract_sa_record */
	CONTRACT_BINDING_RECORD, /* struct contract_binding */
	CONTRACT_COUNTERS,       /* struct contract_counters */
	CONTRACT_SIP_RECEIVED,   /* struct contract_sip_received and the message; not answered */
	CONTRACT_EVENT,          /* struct contract_event; not answered */
	CONTRACT_SIP_LEAVES,     /* struct contract_sip_leaves and the message; not answered */
};

struct contract_header {
	uint32_t magic;
	uint16_t version;
	uint16_t id;
	uint32_t length;  /* of the whole message, bytes */
	uint32_t request; /* chosen by who asks, repeated in what answers; 0 in unasked ones */
};

/* An IP address with a UDP port; family 0 means none. IPv4 is in the first four bytes. */
struct contract_address {
	uint8_t family; /* 0, 4 or 6 */
	uint8_t pad;
	uint16_t port; /* host order */
	uint8_t bytes[16];
};

struct contract_hello {
	struct contract_header header;
	uint32_t gateway_id; /* 0..63 */
	uint32_t pad;
};

/* How what a port receives comes to the workers' queues; from there to the SA's owner by a ring. */
enum contract_spread {
	CONTRACT_SPREAD_NOT_NEEDED = 1, /* there is one queue */
	CONTRACT_SPREAD_NONE,		/* the device cannot: all comes to the first queue */
	CONTRACT_SPREAD_ADDRESSES,	/* and ports */
	CONTRACT_SPREAD_SPI,		/* and ESP in UDP on addresses and ports */
};

struct contract_port {
	struct contract_address address[2]; /* [IPv4, IPv6], the gateway's own */
	uint16_t mtu;
	uint8_t spread; /* enum contract_spread */
	uint8_t pad[5];
	char device[64];    /* DPDK's name of it, cut if longer */
	char exception[16]; /* its interface to the kernel */
};

struct contract_welcome {
	struct contract_header header;
	uint8_t boot_id[16]; /* new at each start of the data plane: another one means refill me */
	uint32_t workers;
	uint32_t sa_capacity; /* SA indices are 1..sa_capacity-1 */
	uint32_t binding_capacity;
	uint32_t port_count;
	struct contract_port port[8];
};

struct contract_answer {
	struct contract_header header;
	uint16_t to_id; /* the id answered; as received when unknown */
	uint16_t result; /* enum result */
	uint32_t pad;
};

enum contract_route_security { CONTRACT_RS_REQUIRE = 1, CONTRACT_RS_ANNOTATE = 2 };
enum contract_insecure { CONTRACT_INSECURE_OFF, CONTRACT_INSECURE_AUTHENTICATED, CONTRACT_INSECURE_ANY };

struct contract_settings {
	struct contract_header header;
	uint8_t gateway_id;                /* 0..63 */
	uint8_t route_security;            /* enum contract_route_security */
	uint8_t route_security_add_level;  /* 0..3 */
	uint8_t insecure_access;           /* enum contract_insecure */
	uint8_t is_identity_always_asserted;
	uint8_t dscp;                      /* 0..63 */
	uint8_t domain_count;
	uint8_t emergency_peer;            /* its index: who answers emergency calls; 0: nobody */
	uint32_t max_dialog_s;
	uint32_t requests_per_second_per_sa; /* 0: unlimited */
	uint32_t emergency_count; /* numbers that are emergency calls, beside urn:service:sos */
	uint8_t is_legacy_restored; /* else nothing goes to a binding with is_legacy */
	uint8_t pad[3];
	char emergency[8][32]; /* as dialled, terminated */
	char domain[8][LIMIT_DOMAIN_BYTES + 1]; /* our own, canonical, terminated */
};

enum contract_key_purpose {
	CONTRACT_KEY_PERSISTENT = 1, /* docs/protocol.md 3.1; id 0, never rotates */
	CONTRACT_KEY_SK,
	CONTRACT_KEY_TOKEN,
};

struct contract_key {
	struct contract_header header;
	uint8_t purpose;
	uint8_t id;
	uint8_t pad[6];
	uint64_t active_from_s; /* Unix time: makes from here on */
	uint64_t expires_s;     /* verifies until here; 0: never */
	uint8_t key[32];
};

enum contract_suite {
	CONTRACT_SUITE_AES_128_GCM_16 = 1,
	CONTRACT_SUITE_AES_256_GCM_16,
	CONTRACT_SUITE_AES_128_CBC_HMAC_SHA_256_128,
	CONTRACT_SUITE_AES_128_CBC_HMAC_SHA_1_96,
	CONTRACT_SUITE_NULL_HMAC_SHA_256_128,
	CONTRACT_SUITE_AES_256_CBC_HMAC_SHA_256_128,
	CONTRACT_SUITE_NULL_AES_128_GMAC_16,
};

enum contract_mode { CONTRACT_TRANSPORT = 1, CONTRACT_TUNNEL, CONTRACT_UDP_TUNNEL, CONTRACT_UDP_TRANSPORT };

enum contract_owner { CONTRACT_OWNER_TERMINAL = 1, CONTRACT_OWNER_PEER };

#define CONTRACT_SA_IN  1u /* direction bits: packets we receive */
#define CONTRACT_SA_OUT 2u /* packets we send */

/* Key bytes in the order of docs/protocol.md 1.6: encryption key, salt, integrity key. */
#define CONTRACT_SA_KEY_BYTES 72

/* The certificates that vouch for an SA, by numbers of the control plane's: kept for it as they are. */
struct contract_vouching {
	uint64_t until_s; /* Unix time, the first of them expires; 0: there is none */
	uint64_t anchor;
	uint64_t certificate[5];
};

struct contract_sa {
	struct contract_header header;
	uint32_t index;
	uint8_t generation; /* 1..255; the inbound SPI is generation << 24 | index */
	uint8_t directions; /* CONTRACT_SA_IN | CONTRACT_SA_OUT */
	uint8_t owner_kind; /* enum contract_owner */
	uint8_t suite;      /* enum contract_suite */
	uint8_t mode;       /* enum contract_mode */
	uint8_t level;      /* 2 or 3: what the link is worth in Route-Security */
	uint8_t worker;     /* inbound: who opens; outbound to a peer: who seals */
	uint8_t port;       /* which port it is reached by */
	uint32_t spi_out;
	uint32_t owner_index;      /* binding index (0: not registered yet) or peer index */
	uint32_t owner_generation; /* of the binding */
	uint8_t is_replay_checked; /* 0 only for the bench's static SAs */
	/* 1: was live in a data plane before this one, whose state file must know it: it carries on
	 * or is refused, never starts anew (the same key with numbers from 1). 0: fresh keys. */
	uint8_t is_refill;
	/* In a dump: the longest outer packet that goes by it, bytes. Not looked at when put. */
	uint16_t path_bytes;
	uint64_t hard_expiry_s; /* Unix time, 0: none */
	uint64_t hard_packets;  /* either direction, 0: none */
	uint64_t hard_bytes;
	struct contract_vouching vouching;
	struct contract_address inner_local;  /* the gateway's SIP address and port inside */
	struct contract_address inner_remote; /* the other's */
	struct contract_address outer_local;  /* port only with UDP encapsulation */
	struct contract_address outer_remote;
	uint8_t key_in[CONTRACT_SA_KEY_BYTES];
	uint8_t key_out[CONTRACT_SA_KEY_BYTES];
	char subscriber[LIMIT_AOR_BYTES + 1]; /* who authenticated, for the dump; peer name likewise */
};

struct contract_sa_ref {
	struct contract_header header;
	uint32_t index;
	uint8_t generation;
	uint8_t pad[3];
};

/* What a dump tells of an SA: all but its keys, and how it fares. */
struct contract_sa_record {
	struct contract_header header;
	struct contract_sa sa; /* its header is zero, and its keys unless they were asked for */
	uint64_t packets_in, bytes_in, packets_out, bytes_out;
	uint64_t last_in_s;     /* Unix time of the last authentic packet */
	uint64_t highest_in;    /* top of the replay window */
	uint64_t next_out;      /* next sequence number */
};

/* How a terminal has registered one of its identities: what a control plane that begins anew must know. */
struct contract_registration {
	uint64_t registered_s;  /* Unix time, when first */
	uint64_t expires_s;
	uint16_t q_thousandths; /* 0..1000 */
	uint8_t is_primary;     /* of all terminals of the identity, requests go to this one */
	uint8_t pad[5];
};

struct contract_binding {
	struct contract_header header;
	uint32_t index;      /* 1..binding_capacity-1 */
	uint16_t generation; /* 1..65535 */
	uint8_t level;       /* of its link: 0, 1 clear; 2, 3 through its SA */
	uint8_t is_legacy;   /* knows no Route-Security */
	uint32_t name;       /* docs/protocol.md 3.2 */
	uint32_t sa_index;   /* 0: a clear terminal */
	uint8_t sa_generation;
	uint8_t port;
	uint8_t is_untrusted; /* gets no P-Asserted-Identity */
	uint8_t identity_count;
	uint32_t pad;
	uint64_t expires_s; /* Unix time, of the last identity that expires */
	struct contract_address address; /* inner address and port */
	uint32_t pad2;
	struct contract_registration registration[LIMIT_BINDING_IDENTITIES]; /* of identity[i] */
	char identity[LIMIT_BINDING_IDENTITIES][LIMIT_AOR_BYTES + 1]; /* canonical AORs */
	char contact[LIMIT_CONTACT_BYTES + 1];                       /* URI as registered */
	char subscriber[LIMIT_AOR_BYTES + 1];
};

struct contract_binding_ref {
	struct contract_header header;
	uint32_t index;
	uint16_t generation;
	uint16_t pad;
};

enum contract_identity_kind {
	CONTRACT_IDENTITY_LOCAL = 1, /* one of ours, registered or not */
	CONTRACT_IDENTITY_REMOTE,    /* somebody else's, known for its groups */
};

struct contract_identity {
	struct contract_header header;
	uint8_t kind; /* enum contract_identity_kind */
	uint8_t group_count;
	uint8_t minimum_level;          /* callers below it are refused as unknown */
	uint8_t must_be_secure;         /* never served from a clear link */
	uint32_t binding_index;         /* primary binding, 0: not registered */
	uint16_t binding_generation;
	uint8_t sibling;                /* not registered here: the peer that has it, 0: none */
	uint8_t pad;
	uint32_t group[LIMIT_IDENTITY_GROUPS];
	char aor[LIMIT_AOR_BYTES + 1]; /* canonical */
};

struct contract_peer {
	struct contract_header header;
	uint32_t index; /* 1..255 */
	uint8_t is_trusted;
	uint8_t is_transit;
	uint8_t is_sibling;
	uint8_t is_tls; /* served over SIP/TLS by the control plane */
	uint8_t level;
	uint8_t domain_count;
	uint8_t reach_count;   /* 0: only our own domains */
	uint8_t address_count;
	uint32_t sa_out_count; /* one for each of our workers; 0: link down */
	struct contract_address address[8];      /* its SIP addresses */
	uint32_t sa_out[64];                     /* SA index by worker */
	uint8_t sa_out_generation[64];
	uint8_t port;                            /* which of our ports it is reached by */
	uint8_t route_security;                  /* enum contract_route_security; 0: as the settings say */
	uint8_t priority; /* of the gateways of one leg's name: the lowest that is up is taken, */
	uint8_t weight;   /* of equals each so often; 0 is 1 */
	uint8_t is_lost;  /* it has SAs but does not answer: nothing new goes to it */
	uint8_t pad;
	char name[LIMIT_DOMAIN_BYTES + 1];       /* its leg's name */
	char domain[8][LIMIT_DOMAIN_BYTES + 1];  /* it speaks for */
	char reach[8][LIMIT_DOMAIN_BYTES + 1];   /* it may reach through us */
};

struct contract_policy {
	struct contract_header header;
	uint64_t generation;
	uint64_t length;    /* bytes of the memfd */
	uint8_t sha256[32]; /* of the memfd's bytes */
};

enum contract_origin {
	CONTRACT_ORIGIN_CLEAR = 1, /* outside any SA */
	CONTRACT_ORIGIN_SA,        /* came through (or goes through) this SA */
	CONTRACT_ORIGIN_PEER,      /* by a peer's TLS connection, which the control plane has */
};

/* A SIP message the data plane hands up: for the gateway itself. */
struct contract_sip_received {
	struct contract_header header;
	uint8_t origin; /* enum contract_origin */
	uint8_t port;
	uint8_t sa_generation;
	uint8_t pad;
	uint32_t sa_index;
	struct contract_address source; /* clear: as seen; SA: inner remote */
	struct contract_address outer_source; /* as seen on the wire */
	struct contract_address destination;
	uint32_t sip_length; /* that many bytes follow the struct */
	uint32_t pad2;
};

/* A SIP message the control plane has sent: as it is, no step of the path but seal and tx. */
struct contract_sip_send {
	struct contract_header header;
	uint8_t origin; /* enum contract_origin: by which way */
	uint8_t port;
	uint8_t sa_generation;
	uint8_t pad;
	uint32_t sa_index;
	struct contract_address source; /* clear only: one of our addresses and port */
	struct contract_address destination; /* clear only */
	uint32_t sip_length;
	uint32_t pad2;
};

/*
 * A SIP message that comes in by way of the control plane, to take every step of the path: a request
 * in the clear whose sender has proved by digest who From says he is (level 1), or anything from a
 * peer over TLS.
 */
struct contract_sip_enter {
	struct contract_header header;
	uint8_t origin; /* CONTRACT_ORIGIN_CLEAR or _PEER */
	uint8_t port;   /* clear: where it came in */
	uint8_t pad[2];
	uint32_t peer_index; /* _PEER: 1..255 */
	struct contract_address source;
	struct contract_address destination;
	uint32_t sip_length;
	uint32_t pad2;
};

/* A SIP message ready to go to a peer over TLS. */
struct contract_sip_leaves {
	struct contract_header header;
	uint32_t peer_index;
	uint32_t sip_length;
};

enum contract_dump_kind {
	CONTRACT_DUMP_SAS = 1,
	CONTRACT_DUMP_BINDINGS,
	CONTRACT_DUMP_SAS_WITH_KEYS, /* for a control plane that begins anew: it must be able to refill */
};

struct contract_dump {
	struct contract_header header;
	uint32_t kind; /* enum contract_dump_kind */
	uint32_t pad;
};

enum contract_counter_kind { CONTRACT_COUNTER_NODE = 1, CONTRACT_COUNTER_DROP, CONTRACT_COUNTER_GAUGE };

struct contract_counter {
	char name[40];
	uint64_t value;
	uint32_t kind; /* enum contract_counter_kind */
	uint32_t worker;
};

struct contract_counters {
	struct contract_header header;
	uint32_t count;
	uint32_t pad;
	struct contract_counter counter[128]; /* only `count` are sent */
};

enum contract_event_kind {
	CONTRACT_EVENT_SENDER_MISMATCH = 1, /* From is not the SA's (P6) */
	CONTRACT_EVENT_ROUTE_SECURITY,      /* previous hop's entry wrong or missing (P11, P12) */
	CONTRACT_EVENT_REFUSED,             /* policy said no (P7) */
	CONTRACT_EVENT_RESPONSE_SERIES,     /* a response came back with another series (P14) */
	CONTRACT_EVENT_DIALOG_START,
	CONTRACT_EVENT_DIALOG_END,
	CONTRACT_EVENT_SA_FIRST_PACKET, /* a rekeyed SA was used: the old one may end */
	CONTRACT_EVENT_SA_HARD_LIMIT,
	CONTRACT_EVENT_SA_MOVED, /* its other side is at `outer` now; done already */
	CONTRACT_EVENT_SA_HALF_SPENT, /* a peer's, every two seconds: new keys are due */
	CONTRACT_EVENT_MALFORMED,    /* a request that could not be used: `fault` says why */
	CONTRACT_EVENT_UNREGISTERED, /* one by an SA on which nobody has registered yet */
};

enum contract_leg_kind {
	CONTRACT_LEG_NONE,
	CONTRACT_LEG_TERMINAL,
	CONTRACT_LEG_PEER,
	CONTRACT_LEG_CLEAR,
	CONTRACT_LEG_SELF,
};

/* Who is at one side of a message's way (docs/protocol.md 3.2), as an event tells it. */
struct contract_leg {
	uint8_t kind;  /* enum contract_leg_kind */
	uint8_t level; /* 0..3, of the link */
	uint16_t generation; /* terminal: of the binding */
	uint32_t index; /* terminal: binding; peer: its index */
	struct contract_address address; /* terminal: inner; none for the others but clear */
};

struct contract_event {
	struct contract_header header;
	uint16_t kind;   /* enum contract_event_kind */
	uint16_t status; /* the SIP status answered, 0: none */
	uint32_t sa_index;
	uint64_t time_ms; /* Unix time */
	uint64_t lost;    /* by this worker before this one, since it started */
	uint32_t worker;
	uint8_t sa_generation;
	uint8_t fault; /* malformed: enum sip_fault; else 0 */
	uint8_t pad[2];
	struct contract_address outer; /* SA moved: where to; else none */
	struct contract_leg came_by; /* the message that made the event */
	struct contract_leg goes_to; /* none where it goes no further */
	char method[LIMIT_SIP_METHOD_BYTES + 1];
	char caller[LIMIT_AOR_BYTES + 1];
	char callee[LIMIT_AOR_BYTES + 1];
	char call_id[128]; /* cut if longer */
	char claimed[LIMIT_AOR_BYTES + 1]; /* sender mismatch: what From said */
};

/*
 * Is what came in (length bytes at at) a message of this contract: magic, version, a known id, the
 * length its id and counts demand, every enum and count in range, every string terminated?
 * RESULT_OK, RESULT_VERSION, RESULT_NOT_FOUND (unknown id; the header is sound, answer it) or
 * RESULT_BAD.
 */
enum result contract_validate(const void *at, size_t length) SEKISHO_MUST_USE;

/* Fill in the header of a message of this id and whole length, answering or asking `request`. */
void contract_header_set(struct contract_header *header, enum contract_id id, size_t length,
			 uint32_t request);

#endif
