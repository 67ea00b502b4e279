/*
 * A certificate authority in one folder: ca.pem, ca.key and ca.crl, and for each name issued
 * NAME.pem and NAME.key. For demos and tests: the CA's key lies beside what it signs.
 */
#ifndef SEKISHO_CONTROLPLANE_CA_AUTHORITY_H
#define SEKISHO_CONTROLPLANE_CA_AUTHORITY_H

#include <stddef.h>
#include <stdint.h>

#include "shared/result.h"

/* Longest message of the functions below. */
#define AUTHORITY_MESSAGE_BYTES 1400

/*
 * Makes the folder if need be, and CA and an empty list in it. domain: NULL, or the only one that
 * certificates of this CA may be of. RESULT_EXISTS: there is a CA. Errors leave a sentence in
 * message, here and below.
 */
SEKISHO_MUST_USE enum result authority_init(const char *folder, const char *domain, uint32_t days,
					    char *message, size_t size);

/*
 * Key and certificate: of a terminal for user@domain (URI sip:user@domain, clientAuth), of a
 * gateway for a domain alone (DNS, serverAuth and clientAuth). What was there under this
 * name is written over; it is still good until it is revoked. RESULT_BAD for what is neither.
 */
SEKISHO_MUST_USE enum result authority_issue(const char *folder, const char *name, uint32_t days,
					     char *message, size_t size);

/* Puts the certificate of that name onto the list. RESULT_NOT_FOUND: there is none. */
SEKISHO_MUST_USE enum result authority_revoke(const char *folder, const char *name, char *message,
					      size_t size);

/* The list again, in force for days from now. */
SEKISHO_MUST_USE enum result authority_renew(const char *folder, uint32_t days, char *message,
					     size_t size);

#endif
