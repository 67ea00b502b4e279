/* What the store says: loaded at the start, followed from then on, told to the data plane. */
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "controlplane/gateway_state.h"

struct loading {
	struct gateway *gateway;
	enum result result;
};

static bool subscriber_load(void *ctx, const struct store_subscriber *subscriber)
{
	struct loading *loading = ctx;

	loading->result = directory_subscriber_put(loading->gateway->directory, subscriber);
	return loading->result == RESULT_OK;
}

static bool identity_load(void *ctx, const struct store_identity *identity)
{
	struct loading *loading = ctx;

	loading->result = directory_identity_put(loading->gateway->directory, identity);
	return loading->result == RESULT_OK;
}

static bool location_load(void *ctx, const struct store_location *location)
{
	struct loading *loading = ctx;

	loading->result = locations_put(loading->gateway->locations, location);
	return loading->result == RESULT_OK;
}

static enum result policy_load(struct gateway *gateway, struct store *store)
{
	struct policy_source *source;
	struct policy_fault fault;
	enum result result = policy_source_read(store, &source, &fault);

	if (result == RESULT_OK)
		gateway_policy_take(gateway, source);
	if (result != RESULT_BAD)
		return result;
	log_say("rule %u cannot be compiled (%s): nobody may reach anybody", fault.rule,
		fault.reason);
	return RESULT_OK;
}

static enum result all_load(struct gateway *gateway, struct store *store)
{
	struct loading loading = {gateway, RESULT_OK};
	enum result result = store_subscribers_each(store, subscriber_load, &loading);

	if (result == RESULT_OK && loading.result == RESULT_OK)
		result = store_identities_each(store, identity_load, &loading);
	if (result == RESULT_OK && loading.result == RESULT_OK)
		result = store_locations_each(store, 0, location_load, &loading);
	if (result == RESULT_OK)
		result = loading.result;
	return result == RESULT_OK ? policy_load(gateway, store) : result;
}

static void store_changed(void *ctx, const char *sentence)
{
	struct gateway *gateway = ctx;

	if (sentence == NULL)
		log_say("the store is in order again");
	else if (log_limit_admit(&gateway->store_limit, gateway_now_ms(), "failures of the store"))
		log_say("%s: what is known goes on being served, changes are refused", sentence);
}

static void store_slowed(void *ctx, uint32_t ms)
{
	(void)ctx;
	if (ms == 0)
		log_say("the store answers in time again");
	else
		log_say("the store is slow: a request has kept it for %u ms by now; others wait", ms);
}

/* Another password, or none at all: what he holds ends, and why. NULL: it does not. */
static const char *end_of(const struct store_subscriber *before, const struct store_subscriber *now)
{
	if (now == NULL)
		return "the subscriber was deleted";
	if (!now->is_enabled)
		return "the subscriber is disabled";
	return CRYPTO_memcmp(before->verifier.stored_key.bytes, now->verifier.stored_key.bytes,
			     SECRET_BYTES) != 0
		       ? "the subscriber has another password"
		       : NULL;
}

static void subscriber_changed(void *ctx, const char *id, const struct store_subscriber *now)
{
	struct gateway *gateway = ctx;
	struct slice name = slice_make(id, strlen(id));
	struct store_subscriber before;
	bool was_there =
		directory_subscriber_find(gateway->directory, name, &before) == RESULT_OK;
	const char *reason = was_there ? end_of(&before, now) : NULL;
	enum result result = RESULT_OK;

	if (now == NULL)
		directory_subscriber_remove(gateway->directory, name);
	else
		result = directory_subscriber_put(gateway->directory, now);
	if (result != RESULT_OK)
		log_say("there is no memory for what changed of %s", id);
	if (reason != NULL)
		gateway_subscriber_evict(gateway, id, reason);
	else if (was_there && before.is_legacy != now->is_legacy)
		gateway_subscriber_retell(gateway, name);
	store_subscriber_wipe(&before);
}

static void identity_changed(void *ctx, const struct store_identity *now, bool is_there)
{
	struct slice aor = slice_make(now->aor, strlen(now->aor));
	struct gateway *gateway = ctx;
	enum result result = RESULT_OK;

	if (!is_there)
		directory_identity_remove(gateway->directory, aor);
	else
		result = directory_identity_put(gateway->directory, now);
	if (result != RESULT_OK)
		log_say("there is no memory for what changed of %s", now->aor);
	gateway_identity_tell(gateway, aor);
}

static void policy_changed(void *ctx, enum result result, struct policy_source *taken,
			   const struct policy_fault *fault)
{
	if (result == RESULT_OK)
		gateway_policy_take(ctx, taken);
	else
		log_say("rule %u cannot be compiled (%s): the policy before stays in force",
			fault->rule, fault->reason);
}

static void keys_changed(void *ctx)
{
	enum result result = gateway_keys_turn(ctx, false, NULL, NULL);

	(void)result; /* the one a minute comes anyway */
}

static void location_changed(void *ctx, const struct store_location *now)
{
	struct gateway *gateway = ctx;

	/* what we wrote ourselves: by now we may know better */
	if (now->gateway == gateway->config->gateway_id)
		return;
	if (locations_put(gateway->locations, now) != RESULT_OK)
		log_say("there is no memory for where %s is", now->aor);
	gateway_identity_tell(gateway, slice_make(now->aor, strlen(now->aor)));
}

static enum result follower_start(struct gateway *gateway, uint64_t revision)
{
	const struct follower_events events = {
		.ctx = gateway,
		.subscriber = subscriber_changed,
		.identity = identity_changed,
		.policy = policy_changed,
		.keys = keys_changed,
		.location = location_changed,
	};

	return follower_create(&events, revision, &gateway->follower);
}

/* Step by step what can fail; the store is closed by whoever holds it then. */
static enum result parts_make(struct gateway *gateway)
{
	uint64_t revision = 0;
	enum result result = store_revision(gateway->store, &revision);

	if (result == RESULT_OK)
		result = directory_create(&gateway->directory);
	if (result == RESULT_OK)
		result = locations_create(&gateway->locations);
	if (result == RESULT_OK)
		result = all_load(gateway, gateway->store);
	return result == RESULT_OK ? follower_start(gateway, revision) : result;
}

enum result gateway_store_open(struct gateway *gateway, char *message, size_t size)
{
	const struct control_config *config = gateway->config;
	const struct store_place place = {.sqlite = config->store_path,
					  .postgres = config->store_postgres,
					  .password_file = config->store_password_file};
	enum result result = store_open(&place, &gateway->store);

	if (result == RESULT_OK && store_version_before(gateway->store) != 0)
		log_say("the data base had the tables of version %d and was brought up to date: "
			"older programs refuse it from now on",
			store_version_before(gateway->store));
	if (result == RESULT_OK)
		result = parts_make(gateway);
	if (result != RESULT_OK)
		snprintf(message, size, "%s", store_message(gateway->store));
	return result;
}

enum result gateway_store_follow(struct gateway *gateway)
{
	const struct keeper_settings settings = {.base = gateway->base,
						 .follow = follower_step,
						 .follow_ctx = gateway->follower,
						 .changed = store_changed,
						 .slowed = store_slowed,
						 .ctx = gateway};

	return keeper_create(&settings, gateway->store, &gateway->keeper);
}

void gateway_store_end(struct gateway *gateway)
{
	if (gateway->keeper != NULL)
		keeper_destroy(gateway->keeper);
	else
		store_close(gateway->store);
	gateway->keeper = NULL;
	gateway->store = NULL;
}

void gateway_store_close(struct gateway *gateway)
{
	follower_destroy(gateway->follower);
	locations_destroy(gateway->locations);
	directory_destroy(gateway->directory);
}
