/* An address of record as an operator writes it, brought into the one form everything compares. */
#ifndef SEKISHO_CONTROLPLANE_AOR_H
#define SEKISHO_CONTROLPLANE_AOR_H

#include "shared/limits.h"
#include "shared/result.h"
#include "shared/slice.h"

/*
 * "user@host", or a sip, sips or tel URI, to its canonical form (sip_uri_canonical_aor()),
 * terminated. RESULT_BAD: it is none; RESULT_SPACE: longer than LIMIT_AOR_BYTES.
 */
SEKISHO_MUST_USE enum result aor_canonical(const char *text, char out[LIMIT_AOR_BYTES + 1]);

/*
 * A subscriber's id as a message has it, in the form in which it rests: the canonical one of an AOR
 * in whatever spelling, any other as it is. Terminated. RESULT_NOT_FOUND: nobody can have such an
 * id.
 */
SEKISHO_MUST_USE enum result aor_subscriber(struct slice id, char out[LIMIT_AOR_BYTES + 1]);

/* The host of a canonical AOR without a port; empty for tel: and urn: ones. Borrows from it. */
struct slice aor_domain(struct slice aor);

#endif
