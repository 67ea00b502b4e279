/* What the tests of ESP share: buffers without EAL, and SAs for both ends of a link. */
#ifndef SEKISHO_TESTS_UNIT_DATAPLANE_ESP_KIT_H
#define SEKISHO_TESTS_UNIT_DATAPLANE_ESP_KIT_H

#include <rte_mbuf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dataplane/esp/open.h"
#include "dataplane/esp/seal.h"
#include "dataplane/tables/sa_table.h"
#include "shared/contract/contract.h"

#define KIT_HEADROOM	160
#define KIT_BYTES	18432
#define KIT_PLAIN_BYTES 1900

/* A message as a terminal sends it. */
#define KIT_HELLO	"OPTIONS sip:abc.com SIP/2.0\r\n\r\n"
#define KIT_HELLO_BYTES (sizeof(KIT_HELLO) - 1)

/* An mbuf with its buffer, of no pool. */
struct kit_buffer {
	struct rte_mbuf mbuf;
	uint8_t bytes[KIT_BYTES];
};

/* Empty it and put these bytes in. */
void kit_buffer_fill(struct kit_buffer *buffer, const void *bytes, size_t len);

uint8_t *kit_data(struct kit_buffer *buffer);

/* One link: how, over what. */
struct kit_link {
	enum contract_suite suite;
	enum contract_mode mode;
	uint8_t inner_family; /* 4 or 6 */
	uint8_t outer_family; /* as inner_family in transport mode */
	uint32_t index;
	uint8_t generation;
};

/* Every link that tests go through: suites, modes, families. */
extern const struct kit_link kit_links[];
extern const size_t kit_link_count;

/* The SA of this link at the gateway (is_terminal false) or at the other end. */
void kit_sa(const struct kit_link *link, bool is_terminal, struct contract_sa *sa);

/* Both ends of a link, each with a table of its own, and a way to open and seal at each. */
struct kit_ends {
	struct sa_table *gateway;
	struct sa_table *terminal;
	struct esp_engine *engine;
	struct esp_seal terminal_seal;
	struct esp_seal gateway_seal;
	struct esp_open gateway_open;
	struct esp_open terminal_open;
	uint32_t handle; /* of the SA, the same at both ends */
};

/* Empty tables of 64 SAs, the gateway's state in that file (or none). */
void kit_ends_make(struct kit_ends *ends, const char *state_path);
/* Put the link in at both ends. */
void kit_ends_link(struct kit_ends *ends, const struct kit_link *link);
void kit_ends_free(struct kit_ends *ends);

/* The terminal seals, by kit_ends' handle. */
enum drop_reason kit_terminal_seal(struct kit_ends *ends, struct kit_buffer *buffer);
/*
 * The same for any plaintext (len bytes, trailer included, at most KIT_PLAIN_BYTES) and number:
 * what a hostile or broken authentic sender can do. The packet goes into buffer.
 */
void kit_terminal_seal_raw(struct kit_ends *ends, struct kit_buffer *buffer, uint64_t number,
			   const uint8_t *plain, size_t len);
/* The gateway opens; returns the verdict. */
enum esp_open_verdict kit_gateway_open(struct kit_ends *ends, struct kit_buffer *buffer,
				       struct esp_open_packet *packet);

/* Offset of the ESP header in a packet sealed by this link. */
uint32_t kit_esp_offset(const struct kit_link *link);
/* Ends with one link, and a KIT_HELLO of the terminal's in buffer. */
void kit_sealed(struct kit_ends *ends, struct kit_buffer *buffer, const struct kit_link *link);
/*
 * The inner datagram that the terminal sends by its SA, with room before a trailer; returns its
 * length. Then pad with 1, 2, 3 ..., to what suits every suite, and put the trailer on.
 */
size_t kit_plain(const struct kit_ends *ends, uint8_t *plain);
size_t kit_plain_close(uint8_t *plain, size_t len, uint8_t next);
/* The gateway drops it, for that. */
void kit_expect_drop(struct kit_ends *ends, struct kit_buffer *buffer, enum drop_reason reason);

#endif
