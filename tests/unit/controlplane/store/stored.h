/* A store in a scratch folder, as the tests of the store and the policy use it. */
#ifndef SEKISHO_TESTS_CONTROLPLANE_STORED_H
#define SEKISHO_TESTS_CONTROLPLANE_STORED_H

#include "controlplane/store/store.h"
#include "tests/unit/controlplane/scratch.h"

struct stored {
	struct scratch scratch;
	char path[128];
	struct store *store;
};

static inline int stored_make(void **state)
{
	struct stored *s = calloc(1, sizeof(*s));

	assert_non_null(s);
	scratch_make(&s->scratch);
	scratch_path(&s->scratch, s->path, "store.sqlite");
	assert_int_equal(store_open(s->path, &s->store), RESULT_OK);
	*state = s;
	return 0;
}

static inline int stored_remove(void **state)
{
	struct stored *s = *state;

	store_close(s->store);
	scratch_remove(&s->scratch);
	free(s);
	return 0;
}

static inline struct store_subscriber subscriber_of(const char *id, const char *second)
{
	struct store_subscriber subscriber = {.is_enabled = true, .identity_count = 1};

	snprintf(subscriber.id, sizeof(subscriber.id), "%s", id);
	snprintf(subscriber.identity[0], sizeof(subscriber.identity[0]), "%s", id);
	if (second != NULL) {
		snprintf(subscriber.identity[1], sizeof(subscriber.identity[1]), "%s", second);
		subscriber.identity_count = 2;
	}
	memset(subscriber.verifier.salt, 0x11, 16);
	subscriber.verifier.salt_len = 16;
	subscriber.verifier.iterations = 4096;
	memset(subscriber.verifier.stored_key.bytes, 0x22, SECRET_BYTES);
	memset(subscriber.verifier.server_key.bytes, 0x33, SECRET_BYTES);
	return subscriber;
}

static inline void subscriber_put(struct store *store, const char *id)
{
	struct store_subscriber subscriber = subscriber_of(id, NULL);

	assert_int_equal(store_subscriber_add(store, &subscriber), RESULT_OK);
}

#define STORED_TEST(name) cmocka_unit_test_setup_teardown(name, stored_make, stored_remove)

#endif
