#include "dataplane/rules/to_tag.h"

#include <openssl/crypto.h>

#include "shared/base64url.h"
#include "shared/writer.h"

#define PREFIX	     "sk"
#define PREFIX_CHARS 2
#define HASH_BYTES   9

void to_tag_make(const struct keyed_hash_key *key, const struct leg *ingress, struct slice branch,
		 const struct sip_message *message, char out[TO_TAG_CHARS])
{
	struct writer w = writer_make(out, TO_TAG_CHARS);
	uint8_t result[HASH_BYTES];
	struct keyed_hash hash;

	keyed_hash_begin(&hash, key);
	keyed_hash_field(&hash, leg_slice(ingress));
	keyed_hash_field(&hash, branch);
	keyed_hash_field(&hash, message->call_id);
	keyed_hash_field(&hash, message->from.tag);
	keyed_hash_u32(&hash, message->cseq.number);
	keyed_hash_end(&hash, result, sizeof(result));
	WRITER_LITERAL(&w, PREFIX);
	base64url_encode(&w, result, sizeof(result));
}

bool to_tag_is_ours(const struct keyed_hash_key *key, const struct leg *ingress,
		    const struct sip_message *request)
{
	char made[TO_TAG_CHARS];

	if (request->to.tag.len != TO_TAG_CHARS ||
	    memcmp(request->to.tag.at, PREFIX, PREFIX_CHARS) != 0)
		return false;
	to_tag_make(key, ingress, request->via.branch, request, made);
	return CRYPTO_memcmp(made, request->to.tag.at, TO_TAG_CHARS) == 0;
}
