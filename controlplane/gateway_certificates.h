/*
 * The gateway's certificate and key, and whose certificates of terminals it believes: read from
 * their files, and read again when one of these changes.
 */
#ifndef SEKISHO_CONTROLPLANE_GATEWAY_CERTIFICATES_H
#define SEKISHO_CONTROLPLANE_GATEWAY_CERTIFICATES_H

#include "controlplane/config.h"
#include "controlplane/keyexchange/exchange.h"

struct gateway_certificates;

/*
 * Nothing is configured: a set of none. RESULT_IO, RESULT_BAD, RESULT_DENIED with a sentence in
 * message; RESULT_MEMORY. config is borrowed.
 */
SEKISHO_MUST_USE enum result gateway_certificates_create(const struct control_config *config,
							 struct gateway_certificates **out,
							 char *message, size_t size);
void gateway_certificates_destroy(struct gateway_certificates *certificates);

/* Good until the next reload. */
struct exchange_certificates gateway_certificates_view(const struct gateway_certificates *c);

/*
 * Reads everything again if a file has changed since. True: the view is another, and what the old
 * one pointed to lives until the call after. What cannot be used is logged and the old stays.
 */
bool gateway_certificates_reload(struct gateway_certificates *certificates);

#endif
