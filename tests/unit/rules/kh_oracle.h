/* KH of docs/protocol.md 3.1 once more, by OpenSSL and from the page: what the code is held to. */
#ifndef SEKISHO_TESTS_UNIT_RULES_KH_ORACLE_H
#define SEKISHO_TESTS_UNIT_RULES_KH_ORACLE_H

#include <stddef.h>
#include <stdint.h>

/* Data to be hashed, written as the page writes it. */
struct kh_data {
	size_t length;
	uint8_t bytes[70000];
};

void kh_field(struct kh_data *data, const void *at, size_t length); /* u16(length) and bytes */
void kh_text(struct kh_data *data, const char *text);		    /* likewise */
void kh_bytes(struct kh_data *data, const void *at, size_t length); /* fixed */
void kh_u8(struct kh_data *data, unsigned value);
void kh_u32(struct kh_data *data, uint32_t value);

void kh_oracle(const uint8_t secret[32], const struct kh_data *data, uint8_t out[16]);

/* The key that the persistent secret gives for a label: HKDF-Expand (RFC 5869). */
void kh_expand(const uint8_t secret[32], const char *label, uint8_t out[32]);

/* b64url without padding by OpenSSL's EVP_EncodeBlock; out is terminated. */
void kh_base64url(const uint8_t *at, size_t length, char *out);

#endif
