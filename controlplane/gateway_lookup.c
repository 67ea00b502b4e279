#include <openssl/crypto.h>
#include <string.h>

#include "controlplane/aor.h"
#include "controlplane/gateway_state.h"

enum result gateway_lookup_identity(void *ctx, struct slice aor, struct contract_identity *out)
{
	struct gateway *gateway = ctx;
	struct store_identity identity;
	enum result result = directory_identity_find(gateway->directory, aor, &identity);

	if (result != RESULT_OK)
		return result;
	out->kind = identity.is_subscribers ? CONTRACT_IDENTITY_LOCAL : CONTRACT_IDENTITY_REMOTE;
	out->must_be_secure = identity.must_be_secure;
	out->minimum_level = identity.minimum_level;
	out->group_count = identity.group_count;
	memcpy(out->group, identity.group, sizeof(identity.group));
	memcpy(out->aor, identity.aor, sizeof(identity.aor));
	return RESULT_OK;
}

/* By its id in any spelling, one look-up whether it is there or not. RESULT_NOT_FOUND; the verifier
 * in *found is to be wiped. */
static enum result subscriber_find(struct gateway *gateway, struct slice subscriber,
				   struct store_subscriber *found)
{
	char id[LIMIT_AOR_BYTES + 1];

	if (aor_subscriber(subscriber, id) != RESULT_OK)
		return RESULT_NOT_FOUND;
	return directory_subscriber_find(gateway->directory, slice_make(id, strlen(id)), found);
}

enum result gateway_lookup_digest(void *ctx, struct slice username, struct digest_user *out)
{
	struct store_subscriber found;
	enum result result = subscriber_find(ctx, username, &found);

	if (result != RESULT_OK)
		return result;
	if (found.has_digest && found.is_enabled) {
		memcpy(out->verifier, found.digest, sizeof(out->verifier));
		out->identity_count = found.identity_count;
		memcpy(out->identity, found.identity, sizeof(found.identity));
	} else {
		result = RESULT_NOT_FOUND;
	}
	store_subscriber_wipe(&found);
	return result;
}

bool gateway_lookup_legacy(void *ctx, struct slice subscriber)
{
	struct store_subscriber found;
	bool is_legacy;

	if (subscriber_find(ctx, subscriber, &found) != RESULT_OK)
		return false;
	is_legacy = found.is_legacy;
	store_subscriber_wipe(&found);
	return is_legacy;
}

enum result gateway_lookup_credential(void *ctx, struct slice subscriber,
				      struct subscriber_credential *out)
{
	struct store_subscriber found;
	enum result result = subscriber_find(ctx, subscriber, &found);

	if (result != RESULT_OK)
		return result;
	out->verifier = found.verifier;
	out->is_enabled = found.is_enabled;
	out->is_by_certificate = found.is_by_certificate;
	out->identity_count = found.identity_count;
	memcpy(out->identity, found.identity, sizeof(found.identity));
	store_subscriber_wipe(&found);
	return RESULT_OK;
}
