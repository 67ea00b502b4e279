#include "controlplane/directory/follower.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

struct change {
	struct change *next;
	enum store_change_kind kind;
	char name[LIMIT_AOR_BYTES + 1];
};

struct follower {
	struct follower_events events;
	struct keeper *keeper; /* the thread's, like the revision */
	uint64_t revision;
};

/* Something to tell in the loop. */
struct news {
	struct follower *follower;
	void (*tell)(const struct follower_events *events, struct news *news);
	char name[LIMIT_AOR_BYTES + 1];
	bool is_there;
	union {
		struct store_subscriber subscriber;
		struct store_identity identity;
		struct store_location location;
		struct {
			enum result result;
			struct policy_source *source;
			struct policy_fault fault;
		} policy;
	};
};

/* What was read on the way through a step. */
struct reading {
	struct change *first, **last;
	enum result result;
	struct follower *follower;
};

enum result follower_create(const struct follower_events *events, uint64_t revision,
			    struct follower **created)
{
	struct follower *follower = calloc(1, sizeof(*follower));

	if (follower == NULL)
		return RESULT_MEMORY;
	follower->events = *events;
	follower->revision = revision;
	*created = follower;
	return RESULT_OK;
}

void follower_destroy(struct follower *follower)
{
	free(follower);
}

static void news_free(struct news *news)
{
	OPENSSL_cleanse(news, sizeof(*news));
	free(news);
}

static void news_take(void *arg, enum result result)
{
	struct news *news = arg;

	(void)result;
	news->tell(&news->follower->events, news);
	news_free(news);
}

static enum result news_post(struct follower *follower, struct news *news)
{
	enum result result;

	news->follower = follower;
	result = keeper_post(follower->keeper, news_take, news);
	if (result != RESULT_OK)
		news_free(news);
	return result;
}

static struct news *news_make(void (*tell)(const struct follower_events *events, struct news *news))
{
	struct news *news = calloc(1, sizeof(*news));

	if (news != NULL)
		news->tell = tell;
	return news;
}

static void subscriber_tell(const struct follower_events *events, struct news *news)
{
	events->subscriber(events->ctx, news->name, news->is_there ? &news->subscriber : NULL);
}

static void identity_tell(const struct follower_events *events, struct news *news)
{
	events->identity(events->ctx, &news->identity, news->is_there);
}

static void policy_tell(const struct follower_events *events, struct news *news)
{
	events->policy(events->ctx, news->policy.result, news->policy.source,
		       &news->policy.fault);
}

static void keys_tell(const struct follower_events *events, struct news *news)
{
	(void)news;
	events->keys(events->ctx);
}

static void location_tell(const struct follower_events *events, struct news *news)
{
	events->location(events->ctx, &news->location);
}

static enum result identity_read(struct follower *follower, struct store *store, const char *aor)
{
	struct news *news = news_make(identity_tell);
	enum result result;

	if (news == NULL)
		return RESULT_MEMORY;
	result = store_identity_find(store, aor, &news->identity);
	if (result != RESULT_OK && result != RESULT_NOT_FOUND) {
		news_free(news);
		return result;
	}
	news->is_there = result == RESULT_OK;
	return news_post(follower, news);
}

/* The subscriber, then his identities: those he no longer has, the loop knows. */
static enum result subscriber_read(struct follower *follower, struct store *store, const char *id)
{
	struct news *news = news_make(subscriber_tell);
	char identity[LIMIT_BINDING_IDENTITIES][LIMIT_AOR_BYTES + 1];
	unsigned count = 0;
	enum result result;

	if (news == NULL)
		return RESULT_MEMORY;
	strcpy(news->name, id);
	result = store_subscriber_find(store, id, &news->subscriber);
	if (result == RESULT_OK) {
		count = news->subscriber.identity_count;
		memcpy(identity, news->subscriber.identity, sizeof(identity));
	} else if (result != RESULT_NOT_FOUND) {
		news_free(news);
		return result;
	}
	news->is_there = result == RESULT_OK;
	result = news_post(follower, news);
	for (unsigned i = 0; i < count && result == RESULT_OK; i++)
		result = identity_read(follower, store, identity[i]);
	return result;
}

static enum result policy_read(struct follower *follower, struct store *store)
{
	struct news *news = news_make(policy_tell);
	enum result result;

	if (news == NULL)
		return RESULT_MEMORY;
	result = policy_source_read(store, &news->policy.source, &news->policy.fault);
	news->policy.result = result;
	if (result == RESULT_OK || result == RESULT_BAD)
		return news_post(follower, news);
	news_free(news);
	return result;
}

static enum result keys_read(struct follower *follower)
{
	struct news *news = news_make(keys_tell);

	return news == NULL ? RESULT_MEMORY : news_post(follower, news);
}

static enum result change_read(struct follower *follower, struct store *store,
			       const struct change *change)
{
	switch (change->kind) {
	case STORE_CHANGE_SUBSCRIBER:
		return subscriber_read(follower, store, change->name);
	case STORE_CHANGE_IDENTITY:
		return identity_read(follower, store, change->name);
	case STORE_CHANGE_POLICY:
		return policy_read(follower, store);
	case STORE_CHANGE_KEY:
		return keys_read(follower);
	}
	return RESULT_OK; /* of a later version: nothing that we know of */
}

static bool change_note(void *ctx, enum store_change_kind kind, const char *name)
{
	struct reading *reading = ctx;
	struct change *change = calloc(1, sizeof(*change));

	if (change == NULL) {
		reading->result = RESULT_MEMORY;
		return false;
	}
	change->kind = kind;
	strcpy(change->name, name);
	*reading->last = change;
	reading->last = &change->next;
	return true;
}

/* First which, then each of them: the store answers one question at a time. */
static enum result changes_read(struct follower *follower, struct store *store)
{
	struct reading reading = {.last = &reading.first, .result = RESULT_OK};
	enum result result =
		store_changes_each(store, follower->revision, change_note, &reading);
	struct change *next;

	if (result == RESULT_OK)
		result = reading.result;
	for (struct change *change = reading.first; change != NULL; change = next) {
		next = change->next;
		if (result == RESULT_OK)
			result = change_read(follower, store, change);
		free(change);
	}
	return result;
}

static bool location_note(void *ctx, const struct store_location *location)
{
	struct reading *reading = ctx;
	struct news *news = news_make(location_tell);

	if (news == NULL) {
		reading->result = RESULT_MEMORY;
		return false;
	}
	news->location = *location;
	reading->result = news_post(reading->follower, news);
	return reading->result == RESULT_OK;
}

static enum result locations_read(struct follower *follower, struct store *store)
{
	struct reading reading = {.result = RESULT_OK, .follower = follower};
	enum result result =
		store_locations_each(store, follower->revision, location_note, &reading);

	return result == RESULT_OK ? reading.result : result;
}

enum result follower_step(void *ctx, struct keeper *keeper, struct store *store)
{
	struct follower *follower = ctx;
	uint64_t revision;
	enum result result = store_revision(store, &revision);

	follower->keeper = keeper;

	if (result != RESULT_OK || revision == follower->revision)
		return result;
	result = changes_read(follower, store);
	if (result == RESULT_OK)
		result = locations_read(follower, store);
	/* what came after this revision may be told twice, never not at all */
	if (result == RESULT_OK)
		follower->revision = revision;
	return result;
}
