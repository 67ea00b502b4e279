#include <openssl/crypto.h>
#include <string.h>

#include "controlplane/aor.h"
#include "controlplane/ctl/commands.h"
#include "controlplane/ctl/fields.h"
#include "shared/keyexchange/random.h"

static const char missing[] = "there is no such subscriber: subscriber list has all";

/* The identities of the request, by default the id itself; each once, of one of our domains. */
static bool identities_read(struct gateway *gateway, const json_t *request,
			    struct store_subscriber *subscriber, struct ctl_reply *reply)
{
	const json_t *list = json_object_get(request, "identities");
	size_t count = list == NULL ? 1 : json_array_size(list);

	if (count == 0 || count > LIMIT_BINDING_IDENTITIES) {
		ctl_reply_error(reply, "\"identities\" must be a list of 1 to %d",
				LIMIT_BINDING_IDENTITIES);
		return false;
	}
	for (size_t i = 0; i < count; i++) {
		const char *text =
			list == NULL ? subscriber->id : json_string_value(json_array_get(list, i));
		char *aor = subscriber->identity[i];

		if (text == NULL || aor_canonical(text, aor) != RESULT_OK) {
			ctl_reply_error(reply, "\"%s\" is no address of record",
					text == NULL ? "" : text);
			return false;
		}
		if (!gateway_has_domain(gateway, aor_domain(slice_make(aor, strlen(aor)))) &&
		    strncmp(aor, "tel:", 4) != 0) {
			ctl_reply_error(reply, "\"%s\" is of no domain of this gateway", aor);
			return false;
		}
		subscriber->identity_count++;
	}
	return true;
}

/*
 * A verifier that nobody has a password for: whoever tries one with a certificate's subscriber gets
 * a challenge like any other.
 */
static bool verifier_without_password(const struct gateway *gateway, struct scram_verifier *out,
				      struct ctl_reply *reply)
{
	const struct random_source random = random_system();

	out->salt_len = 16;
	out->iterations = gateway_password_iterations(gateway);
	if (random_fill(&random, out->salt, out->salt_len) == RESULT_OK &&
	    random_fill(&random, out->stored_key.bytes, SECRET_BYTES) == RESULT_OK &&
	    random_fill(&random, out->server_key.bytes, SECRET_BYTES) == RESULT_OK)
		return true;
	ctl_reply_error(reply, "there is no randomness");
	return false;
}

static bool proof_read(const struct gateway *gateway, const json_t *request,
		       struct store_subscriber *subscriber, struct ctl_reply *reply)
{
	subscriber->is_by_certificate = json_is_true(json_object_get(request, "certificate"));
	return subscriber->is_by_certificate
		       ? verifier_without_password(gateway, &subscriber->verifier, reply)
		       : field_verifier(request, &subscriber->verifier, reply);
}

void ctl_subscriber_add(struct gateway *gateway, const json_t *request, struct ctl_reply *reply)
{
	struct store_subscriber subscriber = {.is_enabled = true};
	struct store *store = gateway_store(gateway);
	enum result result;
	const char *id;

	if (!field_text(request, "id", LIMIT_AOR_BYTES, &id, reply) ||
	    !proof_read(gateway, request, &subscriber, reply))
		return;
	strcpy(subscriber.id, id);
	/* An id that is an AOR is kept in its one form, so that it is found in any spelling. */
	if (strchr(id, '@') != NULL && aor_canonical(id, subscriber.id) != RESULT_OK)
		strcpy(subscriber.id, id);
	if (!identities_read(gateway, request, &subscriber, reply))
		return;
	result = store_subscriber_add(store, &subscriber);
	store_subscriber_wipe(&subscriber);
	if (result != RESULT_OK) {
		reply_store_error(store, result, missing,
				  "the subscriber, or one of its identities, is there already",
				  reply);
		return;
	}
	ctl_reply_result(reply, json_pack("{s:s}", "id", subscriber.id));
}

/* The subscriber an id names, also when it is an AOR spelled otherwise. */
static bool subscriber_read(struct gateway *gateway, const json_t *request,
			    struct store_subscriber *subscriber, struct ctl_reply *reply)
{
	char canonical[LIMIT_AOR_BYTES + 1];
	struct store *store = gateway_store(gateway);
	enum result result;
	const char *id;

	if (!field_text(request, "id", LIMIT_AOR_BYTES, &id, reply))
		return false;
	result = store_subscriber_find(store, id, subscriber);
	if (result == RESULT_NOT_FOUND && aor_canonical(id, canonical) == RESULT_OK)
		result = store_subscriber_find(store, canonical, subscriber);
	if (result == RESULT_OK) {
		store_subscriber_wipe(subscriber);
		return true;
	}
	reply_store_error(store, result, missing, "", reply);
	return false;
}

void ctl_subscriber_passwd(struct gateway *gateway, const json_t *request, struct ctl_reply *reply)
{
	struct store *store = gateway_store(gateway);
	struct store_subscriber subscriber;
	struct scram_verifier verifier;
	enum result result;

	if (!subscriber_read(gateway, request, &subscriber, reply) ||
	    !field_verifier(request, &verifier, reply))
		return;
	result = store_subscriber_verifier_set(store, subscriber.id, &verifier);
	OPENSSL_cleanse(&verifier, sizeof(verifier));
	if (result != RESULT_OK) {
		reply_store_error(store, result, missing, "", reply);
		return;
	}
	ctl_reply_result(reply, NULL);
}

static void digest_set(struct gateway *gateway, const json_t *request, const uint8_t *digest,
		       struct ctl_reply *reply)
{
	struct store_subscriber subscriber;
	struct store *store = gateway_store(gateway);
	enum result result;

	if (!subscriber_read(gateway, request, &subscriber, reply))
		return;
	result = store_subscriber_digest_set(store, subscriber.id, digest);
	if (result == RESULT_OK)
		ctl_reply_result(reply, json_pack("{s:s}", "id", subscriber.id));
	else
		reply_store_error(store, result, missing, "", reply);
}

void ctl_subscriber_digest(struct gateway *gateway, const json_t *request, struct ctl_reply *reply)
{
	uint8_t digest[STORE_DIGEST_BYTES];
	size_t length;

	if (!field_bytes(request, "digest", digest, sizeof(digest), sizeof(digest), &length, reply))
		return;
	digest_set(gateway, request, digest, reply);
	OPENSSL_cleanse(digest, sizeof(digest));
}

void ctl_subscriber_no_digest(struct gateway *gateway, const json_t *request,
			      struct ctl_reply *reply)
{
	digest_set(gateway, request, NULL, reply);
}

void ctl_subscriber_delete(struct gateway *gateway, const json_t *request, struct ctl_reply *reply)
{
	struct store *store = gateway_store(gateway);
	struct store_subscriber subscriber;
	enum result result;

	if (!subscriber_read(gateway, request, &subscriber, reply))
		return;
	result = store_subscriber_delete(store, subscriber.id);
	if (result != RESULT_OK) {
		reply_store_error(store, result, missing, "", reply);
		return;
	}
	ctl_reply_result(reply, NULL);
}

/* One of the store's verbs that set one flag of a subscriber. */
typedef enum result flag_set(struct store *store, const char *id, bool is_set);

static void set(struct gateway *gateway, const json_t *request, flag_set *verb, bool is_set,
		struct ctl_reply *reply)
{
	struct store *store = gateway_store(gateway);
	struct store_subscriber subscriber;
	enum result result;

	if (!subscriber_read(gateway, request, &subscriber, reply))
		return;
	result = verb(store, subscriber.id, is_set);
	if (result != RESULT_OK) {
		reply_store_error(store, result, missing, "", reply);
		return;
	}
	ctl_reply_result(reply, NULL);
}

void ctl_subscriber_enable(struct gateway *gateway, const json_t *request, struct ctl_reply *reply)
{
	set(gateway, request, store_subscriber_enable, true, reply);
}

void ctl_subscriber_disable(struct gateway *gateway, const json_t *request, struct ctl_reply *reply)
{
	set(gateway, request, store_subscriber_enable, false, reply);
}

void ctl_subscriber_legacy(struct gateway *gateway, const json_t *request, struct ctl_reply *reply)
{
	set(gateway, request, store_subscriber_legacy_set, true, reply);
}

void ctl_subscriber_no_legacy(struct gateway *gateway, const json_t *request,
			      struct ctl_reply *reply)
{
	set(gateway, request, store_subscriber_legacy_set, false, reply);
}

static bool subscriber_list(void *ctx, const struct store_subscriber *subscriber)
{
	json_t *identities = json_array();

	for (unsigned i = 0; i < subscriber->identity_count; i++)
		json_array_append_new(identities, json_string(subscriber->identity[i]));
	json_array_append_new(ctx,
			      json_pack("{s:s,s:b,s:b,s:b,s:b,s:o}", "id", subscriber->id, "enabled",
					subscriber->is_enabled, "certificate",
					subscriber->is_by_certificate, "digest",
					subscriber->has_digest, "legacy",
					subscriber->is_legacy, "identities", identities));
	return true;
}

void ctl_subscriber_list(struct gateway *gateway, const json_t *request, struct ctl_reply *reply)
{
	struct store *store = gateway_store(gateway);
	json_t *list = json_array();
	enum result result = store_subscribers_each(store, subscriber_list, list);

	(void)request;
	if (result == RESULT_OK) {
		ctl_reply_result(reply, list);
		return;
	}
	json_decref(list);
	reply_store_error(store, result, missing, "", reply);
}
