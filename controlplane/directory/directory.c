#include "controlplane/directory/directory.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>

#include "controlplane/registrar/name_map.h"

/* A record is as long as its texts are: the id and the identities, each terminated. */
struct subscriber_record {
	struct name_node node;
	struct scram_verifier verifier;
	uint8_t digest[STORE_DIGEST_BYTES];
	bool is_enabled, is_by_certificate, is_legacy, has_digest;
	uint8_t identity_count;
	char text[];
};

struct identity_record {
	struct name_node node;
	bool is_subscribers, must_be_secure;
	uint8_t minimum_level, group_count;
	uint32_t group[]; /* group_count of them, then the AOR */
};

struct directory {
	struct name_map subscribers, identities;
};

static struct subscriber_record *subscriber_of(struct name_node *node)
{
	return (struct subscriber_record *)node;
}

static struct identity_record *identity_of(struct name_node *node)
{
	return (struct identity_record *)node;
}

enum result directory_create(struct directory **created)
{
	struct directory *directory = calloc(1, sizeof(*directory));
	uint32_t seed[2];

	if (directory == NULL)
		return RESULT_MEMORY;
	if (RAND_bytes((unsigned char *)seed, sizeof(seed)) != 1 ||
	    name_map_init(&directory->subscribers, seed[0]) != RESULT_OK ||
	    name_map_init(&directory->identities, seed[1]) != RESULT_OK) {
		directory_destroy(directory);
		return RESULT_MEMORY;
	}
	*created = directory;
	return RESULT_OK;
}

static void subscriber_free(struct subscriber_record *record)
{
	OPENSSL_cleanse(&record->verifier, sizeof(record->verifier));
	OPENSSL_cleanse(record->digest, sizeof(record->digest));
	free(record);
}

void directory_destroy(struct directory *directory)
{
	struct name_node *node, *next;

	if (directory == NULL)
		return;
	for (node = name_map_next(&directory->subscribers, NULL); node != NULL; node = next) {
		next = name_map_next(&directory->subscribers, node);
		subscriber_free(subscriber_of(node));
	}
	for (node = name_map_next(&directory->identities, NULL); node != NULL; node = next) {
		next = name_map_next(&directory->identities, node);
		free(identity_of(node));
	}
	name_map_fini(&directory->subscribers);
	name_map_fini(&directory->identities);
	free(directory);
}

enum result directory_subscriber_find(const struct directory *directory, struct slice id,
				      struct store_subscriber *out)
{
	struct name_node *node = name_map_find(&directory->subscribers, id);
	const struct subscriber_record *record = subscriber_of(node);
	const char *text;

	if (node == NULL)
		return RESULT_NOT_FOUND;
	text = record->text;
	strcpy(out->id, text);
	out->verifier = record->verifier;
	out->has_digest = record->has_digest;
	memcpy(out->digest, record->digest, sizeof(out->digest));
	out->is_enabled = record->is_enabled;
	out->is_by_certificate = record->is_by_certificate;
	out->is_legacy = record->is_legacy;
	out->identity_count = record->identity_count;
	for (unsigned i = 0; i < record->identity_count; i++) {
		text += strlen(text) + 1;
		strcpy(out->identity[i], text);
	}
	return RESULT_OK;
}

static struct subscriber_record *subscriber_make(const struct store_subscriber *subscriber)
{
	size_t length = strlen(subscriber->id) + 1;
	struct subscriber_record *record;
	char *text;

	for (unsigned i = 0; i < subscriber->identity_count; i++)
		length += strlen(subscriber->identity[i]) + 1;
	record = malloc(sizeof(*record) + length);
	if (record == NULL)
		return NULL;
	*record = (struct subscriber_record){
		.verifier = subscriber->verifier,
		.is_enabled = subscriber->is_enabled,
		.is_by_certificate = subscriber->is_by_certificate,
		.is_legacy = subscriber->is_legacy,
		.has_digest = subscriber->has_digest,
		.identity_count = subscriber->identity_count,
	};
	memcpy(record->digest, subscriber->digest, sizeof(record->digest));
	text = stpcpy(record->text, subscriber->id) + 1;
	for (unsigned i = 0; i < subscriber->identity_count; i++)
		text = stpcpy(text, subscriber->identity[i]) + 1;
	return record;
}

enum result directory_subscriber_put(struct directory *directory,
				     const struct store_subscriber *subscriber)
{
	struct subscriber_record *record = subscriber_make(subscriber);
	struct slice id;

	if (record == NULL)
		return RESULT_MEMORY;
	id = slice_make(record->text, strlen(record->text));
	directory_subscriber_remove(directory, id);
	name_map_add(&directory->subscribers, &record->node, id);
	return RESULT_OK;
}

enum result directory_subscriber_remove(struct directory *directory, struct slice id)
{
	struct name_node *node = name_map_find(&directory->subscribers, id);

	if (node == NULL)
		return RESULT_NOT_FOUND;
	name_map_remove(&directory->subscribers, node);
	subscriber_free(subscriber_of(node));
	return RESULT_OK;
}

static void identity_show(const struct identity_record *record, struct store_identity *out)
{
	out->is_subscribers = record->is_subscribers;
	out->must_be_secure = record->must_be_secure;
	out->minimum_level = record->minimum_level;
	out->group_count = record->group_count;
	memcpy(out->group, record->group, record->group_count * sizeof(out->group[0]));
	memcpy(out->aor, record->node.name.at, record->node.name.len);
	out->aor[record->node.name.len] = '\0';
}

enum result directory_identity_find(const struct directory *directory, struct slice aor,
				    struct store_identity *out)
{
	struct name_node *node = name_map_find(&directory->identities, aor);

	*out = (struct store_identity){0};
	if (aor.len > LIMIT_AOR_BYTES)
		return RESULT_NOT_FOUND;
	memcpy(out->aor, aor.at, aor.len);
	if (node == NULL)
		return RESULT_NOT_FOUND;
	identity_show(identity_of(node), out);
	return RESULT_OK;
}

enum result directory_identity_put(struct directory *directory,
				   const struct store_identity *identity)
{
	size_t groups = identity->group_count * sizeof(identity->group[0]);
	size_t length = strlen(identity->aor);
	struct identity_record *record = malloc(sizeof(*record) + groups + length);
	struct slice aor;

	if (record == NULL)
		return RESULT_MEMORY;
	*record = (struct identity_record){
		.is_subscribers = identity->is_subscribers,
		.must_be_secure = identity->must_be_secure,
		.minimum_level = identity->minimum_level,
		.group_count = identity->group_count,
	};
	memcpy(record->group, identity->group, groups);
	memcpy((char *)record->group + groups, identity->aor, length);
	aor = slice_make((char *)record->group + groups, length);
	directory_identity_remove(directory, aor);
	name_map_add(&directory->identities, &record->node, aor);
	return RESULT_OK;
}

enum result directory_identity_remove(struct directory *directory, struct slice aor)
{
	struct name_node *node = name_map_find(&directory->identities, aor);

	if (node == NULL)
		return RESULT_NOT_FOUND;
	name_map_remove(&directory->identities, node);
	free(identity_of(node));
	return RESULT_OK;
}

bool directory_identities_walk(const struct directory *directory, struct directory_walk *walk,
			       size_t count, void (*each)(void *ctx, const struct store_identity *),
			       void *ctx)
{
	const struct name_map *map = &directory->identities;
	struct store_identity identity;

	if (walk->chain_count != map->chain_count)
		*walk = (struct directory_walk){.chain_count = map->chain_count};
	for (size_t seen = 0; seen < count && walk->chain < map->chain_count; walk->chain++) {
		struct name_node *node = name_map_chain(map, walk->chain);

		for (; node != NULL; node = node->next, seen++) {
			identity_show(identity_of(node), &identity);
			each(ctx, &identity);
		}
	}
	return walk->chain < map->chain_count;
}

size_t directory_subscriber_count(const struct directory *directory)
{
	return directory->subscribers.count;
}
