#include "controlplane/digest/response.h"

#include <assert.h>

#include "shared/keyexchange/kdf.h"
#include "shared/keyexchange/secret.h"
#include "shared/writer.h"

#define PARTS_MAX 6

enum result digest_hash(const struct slice *parts, size_t count, uint8_t out[DIGEST_BYTES])
{
	struct slice all[2 * PARTS_MAX];
	size_t used = 0;

	assert(count <= PARTS_MAX);
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			all[used++] = SLICE(":");
		all[used++] = parts[i];
	}
	return kdf_hash(all, used, out);
}

static struct slice hex(const uint8_t bytes[DIGEST_BYTES], char out[DIGEST_HEX_CHARS])
{
	struct writer w = writer_make(out, DIGEST_HEX_CHARS);

	writer_hex(&w, bytes, DIGEST_BYTES);
	return slice_make(out, DIGEST_HEX_CHARS);
}

enum result digest_verifier_make(struct slice username, struct slice realm, struct slice password,
				 uint8_t out[DIGEST_BYTES])
{
	const struct slice parts[] = {username, realm, password};

	return digest_hash(parts, 3, out);
}

enum result digest_response_make(const struct digest_credentials *said, struct slice method,
				 const uint8_t verifier[DIGEST_BYTES], char out[DIGEST_HEX_CHARS])
{
	const struct slice a2[] = {method, said->uri};
	char a1_hex[DIGEST_HEX_CHARS], a2_hex[DIGEST_HEX_CHARS];
	uint8_t digest[DIGEST_BYTES];
	enum result result = digest_hash(a2, 2, digest);

	if (result != RESULT_OK)
		return result;
	const struct slice parts[] = {hex(verifier, a1_hex), said->nonce,   said->nc,
				      said->cnonce,	     SLICE("auth"), hex(digest, a2_hex)};

	result = digest_hash(parts, 6, digest);
	hex(digest, out);
	secret_wipe_bytes(a1_hex, sizeof(a1_hex));
	return result;
}
