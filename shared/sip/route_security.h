/* Route-Security: which nodes a request passed, newest first (docs/protocol.md 2). */
#ifndef SEKISHO_SHARED_SIP_ROUTE_SECURITY_H
#define SEKISHO_SHARED_SIP_ROUTE_SECURITY_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/limits.h"
#include "shared/sip/host.h"
#include "shared/sip/message.h"
#include "shared/slice.h"
#include "shared/writer.h"

/* P10: what the link was that a node sent over. */
enum sip_level {
	SIP_LEVEL_CLEAR = 0,
	SIP_LEVEL_AUTHENTICATED = 1,
	SIP_LEVEL_INTEGRITY = 2,
	SIP_LEVEL_CONFIDENTIAL = 3,
	SIP_LEVEL_ABSENT = 255, /* an annotation: the node after it says that it did not say */
};

#define SIP_LEVELS (SIP_LEVEL_CONFIDENTIAL + 1)

struct sip_route_security_entry {
	struct slice text;	    /* as received */
	struct sip_address address; /* no port; family 0 unless is_wellformed */
	uint8_t level;		    /* enum sip_level */
	bool is_wellformed; /* false: odd grammar, an unknown parameter, a name for an address */
};

/* A message's series, newest first. */
struct sip_route_security {
	unsigned count; /* of all entries, also of those beyond the array */
	struct sip_route_security_entry entries[LIMIT_ROUTE_SECURITY_ENTRIES];
};

/* Reads one entry; a wrong one is an entry too, with is_wellformed false. */
void sip_route_security_entry_parse(struct slice text, struct sip_route_security_entry *out);

/* Reads the whole series of a message; only entries up to count are set. */
void sip_route_security_read(const struct sip_message *message, struct sip_route_security *out);

/* The same, faster where entries have this host, whose canonical text (IPv6 in brackets) is given.
 */
void sip_route_security_read_from(const struct sip_message *message, struct slice host,
				  const struct sip_address *address,
				  struct sip_route_security *out);

/* Same address and same level (or both without)? A wrong entry equals nothing. */
bool sip_route_security_entry_is_equal(const struct sip_route_security_entry *a,
				       const struct sip_route_security_entry *b);

/* Is it this node's entry over a link of this level? */
bool sip_route_security_entry_is(const struct sip_route_security_entry *entry,
				 const struct sip_address *address, uint8_t level);

/* One header line with its CRLF; without level for SIP_LEVEL_ABSENT. */
void sip_route_security_write(const struct sip_address *address, uint8_t level, struct writer *w);

/* Bytes of the longest line that is written. */
#define SIP_ROUTE_SECURITY_LINE_CHARS (16 + SIP_ADDRESS_CHARS + 8 + 2)

#endif
