/* Key material: 32 bytes that are wiped when done with and compared in constant time. */
#ifndef SEKISHO_SHARED_KEYEXCHANGE_SECRET_H
#define SEKISHO_SHARED_KEYEXCHANGE_SECRET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SECRET_BYTES 32

/* A key, a shared secret, a SCRAM key. Never logged, never formatted; whoever holds one wipes it.
 */
struct secret {
	uint8_t bytes[SECRET_BYTES];
};

void secret_wipe(struct secret *secret);

/* Anything else that was secret: a password, a plaintext, a struct with keys in it. */
void secret_wipe_bytes(void *at, size_t len);

/* Are they equal? The time depends on len alone. */
bool secret_is_equal(const void *a, const void *b, size_t len);

#endif
