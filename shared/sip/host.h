/* Hosts, ports and IP addresses: from their text and back to it. */
#ifndef SEKISHO_SHARED_SIP_HOST_H
#define SEKISHO_SHARED_SIP_HOST_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/result.h"
#include "shared/slice.h"
#include "shared/writer.h"

/* An IP address and perhaps a port. IPv4 stands in the first 4 bytes, the others zero. */
struct sip_address {
	uint8_t bytes[16]; /* network order */
	uint16_t port;	   /* host order, 0 if none */
	uint8_t family;	   /* 4, 6, or 0: no address */
};

/* Characters of the longest canonical text with brackets, and with a port. */
#define SIP_ADDRESS_CHARS      41
#define SIP_ADDRESS_PORT_CHARS 47

/* Longest IPv6 address there is, no brackets (RFC 4291 2.2). */
#define SIP_IPV6_CHARS 45

/*
 * An IPv4 address, or an IPv6 address with or without brackets, and nothing else (no zone, no
 * port): RESULT_OK with port 0, else RESULT_BAD. IPv4 numbers have no leading zeros, which
 * others read as octal.
 */
SEKISHO_MUST_USE enum result sip_address_parse(struct slice text, struct sip_address *out);

/* "192.0.2.1:5060" or "[2001:db8::1]:5060", the port optional, brackets needed for IPv6. */
SEKISHO_MUST_USE enum result sip_address_parse_port(struct slice text, struct sip_address *out);

/* Are the addresses the same, ports left aside? */
bool sip_address_is_same_host(const struct sip_address *a, const struct sip_address *b);

/* Canonical text (RFC 5952), IPv6 without brackets: the value of received (RFC 3261 25.1). */
void sip_address_write_bare(const struct sip_address *address, struct writer *w);

/* The same with brackets around IPv6: a host. */
void sip_address_write_host(const struct sip_address *address, struct writer *w);

/* Host, and ":port" if there is one. */
void sip_address_write(const struct sip_address *address, struct writer *w);

/*
 * Reads the host at at: a name, an IPv4 address, or an IPv6 address in brackets (RFC 3261
 * 25.1; an underscore in a name is let pass). Returns the place past it, NULL if there is no
 * host. The host is given as written, brackets included.
 */
const char *sip_host_scan(const char *at, const char *end, struct slice *host);

/* The same, and what address it is; family 0: a name. */
const char *sip_host_scan_address(const char *at, const char *end, struct slice *host,
				  struct sip_address *address);

/* Reads the port digits at at, 1 to 65535; NULL if there are none or they are out of range. */
static inline const char *sip_port_scan(const char *at, const char *end, uint16_t *port)
{
	uint32_t value = 0;

	for (; at < end && (unsigned char)(*at - '0') <= 9; at++) {
		value = value * 10 + (uint32_t)(*at - '0');
		if (value > 65535)
			return NULL;
	}
	*port = (uint16_t)value;
	return value == 0 ? NULL : at;
}

/*
 * A host in the one form in which hosts are compared: names in lower case (a trailing dot
 * stays), IP addresses canonical, IPv6 in brackets.
 */
void sip_host_write_canonical(struct slice host, struct writer *w);
bool sip_host_is_equal(struct slice a, struct slice b);

#endif
