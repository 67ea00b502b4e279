/* A compiled policy as it arrives: a sealed memfd, mapped and proved to be what was announced. */
#ifndef SEKISHO_DATAPLANE_POLICY_FILE_H
#define SEKISHO_DATAPLANE_POLICY_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "shared/result.h"

#define POLICY_FILE_BYTES (64u << 20) /* the longest; 10,000 rules have 3.3 MB */

struct policy_file {
	const void *at;
	size_t length;
};

/*
 * Map fd (stays the caller's). RESULT_OK; RESULT_BAD: none, not sealed against writing and
 * shrinking, of another length or hash, or too long; RESULT_IO.
 */
enum result policy_file_open(int fd, uint64_t length, const uint8_t sha256[32],
			     struct policy_file *file) SEKISHO_MUST_USE;
void policy_file_close(struct policy_file *file);

#endif
