/* Credentials, real and made up, that nobody outside can tell apart (signalling: floods). */
#include <string.h>

#include "controlplane/keyexchange/exchange_state.h"

#define MADE_UP_SALT_BYTES 16

static enum result derive(const struct exchange *x, struct slice label, struct slice subscriber,
			  uint8_t out[KDF_HASH_BYTES])
{
	const struct slice parts[] = {label, subscriber};

	return kdf_hmac(slice_make(x->persistent.bytes, SECRET_BYTES), parts, 2, out);
}

/* The same on every gateway of the domain and after every restart. */
static enum result make_up(const struct exchange *x, struct slice subscriber,
			   struct subscriber_credential *out)
{
	uint8_t salt[KDF_HASH_BYTES];
	enum result result = derive(x, SLICE("sekisho salt\n"), subscriber, salt);

	memset(out, 0, sizeof(*out));
	if (result == RESULT_OK)
		result = derive(x, SLICE("sekisho stored\n"), subscriber,
				out->verifier.stored_key.bytes);
	/* what it signs nobody sees */
	out->verifier.server_key = out->verifier.stored_key;
	memcpy(out->verifier.salt, salt, MADE_UP_SALT_BYTES);
	out->verifier.salt_len = MADE_UP_SALT_BYTES;
	out->verifier.iterations = x->iterations;
	return result;
}

enum result exchange_credential(const struct exchange *x, struct slice subscriber,
				struct subscriber_credential *out, bool *is_known)
{
	struct subscriber_credential real, made_up;
	/* both in any case, so that the time is the same */
	enum result result = make_up(x, subscriber, &made_up);
	enum result found;

	if (result != RESULT_OK)
		return result;
	found = x->store.credential(x->store.context, subscriber, &real);
	if (found != RESULT_OK && found != RESULT_NOT_FOUND)
		return RESULT_IO;
	*is_known = found == RESULT_OK;
	*out = *is_known ? real : made_up;
	secret_wipe_bytes(&real, sizeof(real));
	secret_wipe_bytes(&made_up, sizeof(made_up));
	return RESULT_OK;
}

enum result exchange_name_hash(struct slice aor, struct slice subscriber,
			       uint8_t out[COOKIE_NAME_HASH_BYTES])
{
	uint8_t hash[KDF_HASH_BYTES];
	const struct slice parts[] = {aor, SLICE("\n"), subscriber};
	enum result result = kdf_hash(parts, 3, hash);

	memcpy(out, hash, COOKIE_NAME_HASH_BYTES);
	return result;
}
