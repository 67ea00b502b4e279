/* What the operator set for the whole gateway, as the rules read it: one immutable copy at a time.
 */
#ifndef SEKISHO_DATAPLANE_TABLES_SETTINGS_H
#define SEKISHO_DATAPLANE_TABLES_SETTINGS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "dataplane/tables/deferred.h"
#include "dataplane/tables/text_key.h"
#include "shared/contract/contract.h"
#include "shared/result.h"
#include "shared/sip/host.h"
#include "shared/sip/route_security.h"
#include "shared/writer.h"

#define SETTINGS_DOMAINS   8
#define SETTINGS_PORTS	   8
#define SETTINGS_EMERGENCY 8

/* A text that is made once and stands in many messages: whole strides of SIP_EDIT_STRIDE. */
#define OWN_TEXT_CHARS 96

struct own_text {
	uint8_t length;
	char chars[OWN_TEXT_CHARS];
};

static inline struct slice own_text_slice(const struct own_text *text)
{
	return slice_make(text->chars, text->length);
}

/* Copies all of its room, which takes no longer than its text, without a call. */
static inline void own_text_write(const struct own_text *text, struct writer *w)
{
	if (w->is_full || OWN_TEXT_CHARS > w->cap - w->len) {
		writer_slice(w, own_text_slice(text));
		return;
	}
	memcpy(w->at + w->len, text->chars, OWN_TEXT_CHARS);
	w->len += text->length;
}

/* One of our addresses, with what stands in every message that leaves by it. */
struct own_address {
	struct sip_address address; /* family 0: none */
	uint8_t host_length;
	uint8_t length;
	char text[SIP_ADDRESS_PORT_CHARS]; /* host and port; its first host_length are the host */
	struct own_text via;		   /* "Via: SIP/2.0/UDP HOST:PORT;branch=" */
	struct own_text via_tls;	   /* "Via: SIP/2.0/TLS HOST:5061;branch=" */
	struct own_text security[SIP_LEVELS]; /* "Route-Security: HOST;level=LEVEL" CRLF */
	struct own_text record;		      /* what stands behind a token: "@HOST:PORT;lr>" */
	struct own_text record_tls;	      /* "@HOST:5061;transport=tls;lr>" */
};

/* Never changed once published. */
struct settings {
	uint8_t gateway_id;
	uint8_t route_security;	 /* enum contract_route_security */
	uint8_t add_level;	 /* links of at least this level get our Route-Security entry */
	uint8_t insecure_access; /* enum contract_insecure */
	bool is_identity_always_asserted;
	bool is_legacy_restored; /* requests go to legs marked legacy, their series in sk= */
	uint8_t domain_count;
	uint8_t emergency_peer; /* 0: nobody answers emergency calls */
	uint8_t emergency_count;
	uint32_t max_dialog_s;
	uint32_t requests_per_second_per_sa;   /* of a terminal; 0: unlimited */
	struct slice domain[SETTINGS_DOMAINS]; /* slices of text */
	char text[SETTINGS_DOMAINS][LIMIT_DOMAIN_BYTES + 1];
	struct slice emergency[SETTINGS_EMERGENCY]; /* numbers, slices of emergency_text */
	char emergency_text[SETTINGS_EMERGENCY][32];
};

/* Writer: the control lcore. Readers: workers, inside an RCU section. */
struct settings_table {
	_Atomic(struct settings *) current;
	struct deferred *deferred;
	/* The gateway's own addresses [port][IPv4, IPv6] with their SIP port. Known at start, never
	 * changed. */
	struct own_address own[SETTINGS_PORTS][2];
	uint32_t port_count;
};

/* The addresses are those of the contract's welcome. Until the first put, settings are the
 * strictest there are: no domain, require, no insecure access. RESULT_OK or RESULT_MEMORY. */
enum result settings_table_init(struct settings_table *table, struct deferred *deferred,
				const struct contract_address (*own)[2],
				uint32_t port_count) SEKISHO_MUST_USE;
void settings_table_fini(struct settings_table *table);

/* RESULT_OK, RESULT_BAD (a value out of its range) or RESULT_MEMORY. */
enum result settings_table_put(struct settings_table *table,
			       const struct contract_settings *put) SEKISHO_MUST_USE;

static inline const struct settings *settings_view(const struct settings_table *table)
{
	return atomic_load_explicit(&table->current, memory_order_acquire);
}

bool settings_is_own_domain(const struct settings *settings, struct slice domain);

/* Is it one of our addresses, port aside? */
bool settings_is_own_address(const struct settings_table *table, const struct sip_address *address);

/* What stands for a token in a Route or Record-Route entry that is written as we write it
 * ourselves, with one of our addresses; else empty. */
struct slice settings_own_token(const struct settings_table *table, struct slice entry);

/* The same for a host as written, in the form that we write ourselves: anything else is no. */
bool settings_is_own_text(const struct settings_table *table, struct slice host);

/* Our address of that family (4 or 6) on that port; NULL if there is none. */
static inline const struct own_address *settings_own_address(const struct settings_table *table,
							     uint8_t port, uint8_t family)
{
	const struct own_address *own;

	if (port >= table->port_count)
		return NULL;
	own = &table->own[port][family == 6];
	return own->address.family == family ? own : NULL;
}

/* A contract's address as the rules use it. */
static inline void settings_address_set(struct sip_address *out,
					const struct contract_address *address)
{
	/* What is copied at once is written at once: a load that two stores feed has to wait. */
	uint32_t port_and_family = address->port | (uint32_t)address->family << 16;

	memset(out, 0, sizeof(*out));
	if (address->family == 4)
		memcpy(out->bytes, address->bytes, 4);
	else
		memcpy(out->bytes, address->bytes, sizeof(out->bytes));
	memcpy((char *)out + offsetof(struct sip_address, port), &port_and_family,
	       sizeof(port_and_family));
}

static inline struct sip_address settings_address(const struct contract_address *address)
{
	struct sip_address out;

	settings_address_set(&out, address);
	return out;
}

#endif
