/* Where an exchange takes its randomness from: the system's, or a test's fixed sequence. */
#ifndef SEKISHO_SHARED_KEYEXCHANGE_RANDOM_H
#define SEKISHO_SHARED_KEYEXCHANGE_RANDOM_H

#include <stddef.h>

#include "shared/result.h"

struct random_source {
	/* Fills len bytes at out: RESULT_OK, or RESULT_IO with nothing to rely on. */
	enum result (*fill)(void *context, void *out, size_t len);
	void *context;
};

/* libcrypto's generator, seeded by the kernel. */
struct random_source random_system(void);

SEKISHO_MUST_USE enum result random_fill(const struct random_source *source, void *out, size_t len);

#endif
