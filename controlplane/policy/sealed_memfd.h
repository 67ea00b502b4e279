/* Bytes too long for a message of the contract: a sealed memfd, told by length and hash. */
#ifndef SEKISHO_CONTROLPLANE_POLICY_SEALED_MEMFD_H
#define SEKISHO_CONTROLPLANE_POLICY_SEALED_MEMFD_H

#include <stddef.h>
#include <stdint.h>

#include "shared/result.h"

/*
 * A descriptor of a copy that nobody can change, grow or shrink any more, and the SHA-256 of its
 * bytes; the caller closes it. RESULT_IO: errno says why.
 */
SEKISHO_MUST_USE enum result sealed_memfd_create(const char *name, const void *at, size_t length,
						 uint8_t sha256[32], int *fd);

#endif
