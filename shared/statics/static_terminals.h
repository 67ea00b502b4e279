/*
 * Terminals that exist without a key exchange, for load tests alone: one small file says how many
 * there are, where they live and from which secret their keys follow, so that a gateway and a load
 * generator that both read it agree on a million of them. Whoever reads the file has the keys.
 *
 * Terminals are numbered from 1. Number n has SA and binding index n with generation 1, the
 * identity sip:tN@DOMAIN, and the n-th address.
 */
#ifndef SEKISHO_SHARED_STATICS_STATIC_TERMINALS_H
#define SEKISHO_SHARED_STATICS_STATIC_TERMINALS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "shared/contract/contract.h"
#include "shared/keyexchange/secret.h"
#include "shared/result.h"
#include "shared/slice.h"

#define STATIC_TERMINALS_MAX ((1u << LIMIT_SA_INDEX_BITS) - 2)

/* Longest domain: a Contact and an AOR have room for it and a number. */
#define STATIC_DOMAIN_BYTES 180

/* Key bytes of one direction: the longest key and its salt. */
#define STATIC_KEY_BYTES 36

/* Every SA and binding has this generation. */
#define STATIC_GENERATION 1

/* A terminal receives on this plus its number. */
#define STATIC_SPI_TERMINAL 0x40000000u

struct static_terminals {
	uint32_t count;
	enum contract_suite suite; /* one of the GCM ones */
	bool is_replay_checked;	   /* no: a capture may be sent again and again */
	bool is_secure;		   /* no: in the clear, for proxies without IPsec */
	struct contract_address gateway; /* port 5060 */
	struct contract_address first;	 /* of number 1, port 5060 */
	char domain[STATIC_DOMAIN_BYTES + 1];
	struct secret secret;
};

/*
 * Read the file at path; every mistake is told on report as file:line:column. RESULT_BAD,
 * RESULT_IO, RESULT_MEMORY.
 */
SEKISHO_MUST_USE enum result static_terminals_read(const char *path, FILE *report,
						   struct static_terminals *statics);

/* Write such a file, mode 0600; one that is there is not overwritten. RESULT_IO: errno says why. */
SEKISHO_MUST_USE enum result static_terminals_write(const char *path,
						    const struct static_terminals *statics);

/* Address and port of a terminal. */
struct contract_address static_terminal_address(const struct static_terminals *statics,
						uint32_t number);

/* The number whose address this is, ports left aside; 0: nobody's. */
uint32_t static_terminal_of(const struct static_terminals *statics,
			    const struct contract_address *address);

/* "tN@DOMAIN", terminated. */
void static_terminal_aor(const struct static_terminals *statics, uint32_t number,
			 char aor[LIMIT_AOR_BYTES + 1]);

/* "sip:tN@ADDRESS:5060", terminated: the registered Contact. */
void static_terminal_contact(const struct static_terminals *statics, uint32_t number,
			     char contact[LIMIT_CONTACT_BYTES + 1]);

/* SPIs: what the gateway receives on, and the terminal. */
uint32_t static_spi_gateway(uint32_t number);
uint32_t static_spi_terminal(uint32_t number);

/* Bytes of key and salt that the suite takes. */
size_t static_key_bytes(const struct static_terminals *statics);

/* Key and salt of one direction. RESULT_IO if libcrypto fails. */
SEKISHO_MUST_USE enum result static_terminal_key(const struct static_terminals *statics,
						 uint32_t number, bool is_to_gateway,
						 uint8_t key[STATIC_KEY_BYTES]);

#endif
