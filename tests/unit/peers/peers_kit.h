/* Two gateways' peers in one process, over real TLS on loopback; what they tell the data plane is
 * kept. */
#ifndef SEKISHO_TESTS_UNIT_PEERS_PEERS_KIT_H
#define SEKISHO_TESTS_UNIT_PEERS_PEERS_KIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <event2/event.h>
#include <stdbool.h>

#include "controlplane/peers/peers.h"

#define SAS_MAX 64

/* What one gateway's data plane would hold. */
struct plane {
	struct contract_sa sa[SAS_MAX]; /* by index; index 0: none */
	struct contract_peer peer;	/* the last one put */
	uint32_t next_index, deleted;
	uint32_t peers_deleted; /* but for those that never were */
	bool was_put[PEERS_MAX + 1];
	enum result answer;
	/* the last question by which of our SAs, and how many */
	uint32_t asked_by, asked_count;
	char asked[2048];
	/* the last SIP message that came by TLS, and how many did */
	uint32_t sip_peer, sip_count;
	struct contract_address sip_source;
	size_t sip_length;
	char sip[LIMIT_SIP_MESSAGE_BYTES];
	char said[4096]; /* to the operator, line by line */
};

struct side {
	struct plane plane;
	struct peer_config peer[2];
	struct peers_config config;
	struct peers *peers;
	enum peer_transport transport; /* of its peer, when it starts */
	uint32_t probe_ms;
	uint64_t soft_packets;
	char certificate[256], key[256], ca[256];
};

struct fixture {
	struct event_base *base;
	char directory[64];
	struct side a, b;
};

/* A TLS port of this run's own: several may run on one machine. */
uint16_t tls_port(void);
struct contract_address loopback(uint8_t last, uint16_t port);

/* Whose certificate it has, and the file of the CA it trusts. */
void side_name(const struct fixture *f, struct side *side, const char *domain, const char *ca);
/* A gateway of `domain` at 127.0.0.own that has the other as its peer; it dials if dials. */
void side_start(struct fixture *f, struct side *side, const char *domain, uint8_t own,
		const char *other_domain, uint8_t other, bool dials, uint32_t workers);

int kit_setup(void **state);
int kit_teardown(void **state);
#define PEERS_TEST(name) cmocka_unit_test_setup_teardown(name, kit_setup, kit_teardown)

/* Run the loop until both planes have `count` outbound SAs in their peer's line, or 5 s. */
bool both_have(struct fixture *f, uint32_t a, uint32_t b);
void run_for_ms(struct fixture *f, int ms);
/* Run the loop until is_so(arg), or 5 s. */
bool run_until(struct fixture *f, bool (*is_so)(void *arg), void *arg);

/* Each SA that `from` sends on is one that `to` receives on, with the same key. */
void assert_keys_meet(const struct side *from, const struct side *to);

#endif
