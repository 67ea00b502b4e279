#include "tests/unit/controlplane/store/stored.h"

static void subscriber_is_found_as_added(void **state)
{
	struct stored *s = *state;
	struct store_subscriber added = subscriber_of("user-a@abc.com", "boss@abc.com"), found;

	assert_int_equal(store_subscriber_add(s->store, &added), RESULT_OK);
	assert_int_equal(store_subscriber_find(s->store, "user-a@abc.com", &found), RESULT_OK);
	assert_string_equal(found.id, "user-a@abc.com");
	assert_true(found.is_enabled);
	assert_false(found.is_by_certificate);
	assert_int_equal(found.identity_count, 2);
	assert_string_equal(found.identity[0], "user-a@abc.com");
	assert_string_equal(found.identity[1], "boss@abc.com");
	assert_int_equal(found.verifier.iterations, 4096);
	assert_int_equal(found.verifier.salt_len, 16);
	assert_memory_equal(found.verifier.salt, added.verifier.salt, 16);
	assert_memory_equal(found.verifier.stored_key.bytes, added.verifier.stored_key.bytes, 32);
	assert_memory_equal(found.verifier.server_key.bytes, added.verifier.server_key.bytes, 32);
}

static void unknown_subscriber_is_not_found(void **state)
{
	struct stored *s = *state;
	struct store_subscriber found = {.identity_count = 7};

	assert_int_equal(store_subscriber_find(s->store, "nobody@abc.com", &found),
			 RESULT_NOT_FOUND);
	assert_int_equal(found.identity_count, 7);
	assert_int_equal(store_subscriber_delete(s->store, "nobody@abc.com"), RESULT_NOT_FOUND);
	assert_int_equal(store_subscriber_enable(s->store, "nobody@abc.com", false),
			 RESULT_NOT_FOUND);
	found = subscriber_of("nobody@abc.com", NULL);
	assert_int_equal(store_subscriber_verifier_set(s->store, "nobody@abc.com", &found.verifier),
			 RESULT_NOT_FOUND);
}

static void identity_of_another_is_refused_and_nothing_stays(void **state)
{
	struct stored *s = *state;
	struct store_subscriber first = subscriber_of("user-a@abc.com", "boss@abc.com");
	struct store_subscriber second = subscriber_of("user-b@abc.com", "boss@abc.com"), found;

	assert_int_equal(store_subscriber_add(s->store, &first), RESULT_OK);
	assert_int_equal(store_subscriber_add(s->store, &first), RESULT_EXISTS);
	assert_int_equal(store_subscriber_add(s->store, &second), RESULT_EXISTS);
	assert_int_equal(store_subscriber_find(s->store, "user-b@abc.com", &found),
			 RESULT_NOT_FOUND);
}

static void subscriber_without_identity_is_refused(void **state)
{
	struct stored *s = *state;
	struct store_subscriber none = subscriber_of("user-a@abc.com", NULL);

	none.identity_count = 0;
	assert_int_equal(store_subscriber_add(s->store, &none), RESULT_BAD);
}

static void who_comes_by_certificate_does_so_until_he_has_a_password(void **state)
{
	struct stored *s = *state;
	struct store_subscriber added = subscriber_of("user-a@abc.com", NULL), found;

	added.is_by_certificate = true;
	assert_int_equal(store_subscriber_add(s->store, &added), RESULT_OK);
	assert_int_equal(store_subscriber_find(s->store, "user-a@abc.com", &found), RESULT_OK);
	assert_true(found.is_by_certificate);
	assert_int_equal(store_subscriber_verifier_set(s->store, "user-a@abc.com", &added.verifier),
			 RESULT_OK);
	assert_int_equal(store_subscriber_find(s->store, "user-a@abc.com", &found), RESULT_OK);
	assert_false(found.is_by_certificate);
}

static void digest_frees_the_names_from_the_channel_until_it_is_taken_away(void **state)
{
	struct stored *s = *state;
	struct store_subscriber added = subscriber_of("user-a@abc.com", "boss@abc.com"), found;
	struct store_identity identity;
	uint8_t digest[STORE_DIGEST_BYTES];

	memset(digest, 7, sizeof(digest));
	assert_int_equal(store_subscriber_digest_set(s->store, "user-a@abc.com", digest),
			 RESULT_NOT_FOUND);
	assert_int_equal(store_subscriber_add(s->store, &added), RESULT_OK);
	assert_int_equal(store_subscriber_find(s->store, "user-a@abc.com", &found), RESULT_OK);
	assert_false(found.has_digest);
	assert_int_equal(store_subscriber_digest_set(s->store, "user-a@abc.com", digest),
			 RESULT_OK);
	assert_int_equal(store_subscriber_find(s->store, "user-a@abc.com", &found), RESULT_OK);
	assert_true(found.has_digest);
	assert_memory_equal(found.digest, digest, sizeof(digest));
	assert_int_equal(store_identity_find(s->store, "boss@abc.com", &identity), RESULT_OK);
	assert_false(identity.must_be_secure);
	assert_int_equal(store_subscriber_digest_set(s->store, "user-a@abc.com", NULL), RESULT_OK);
	assert_int_equal(store_subscriber_find(s->store, "user-a@abc.com", &found), RESULT_OK);
	assert_false(found.has_digest);
	assert_int_equal(store_identity_find(s->store, "boss@abc.com", &identity), RESULT_OK);
	assert_true(identity.must_be_secure);
	store_subscriber_wipe(&found);
	assert_int_equal(found.verifier.stored_key.bytes[0], 0);
}

static bool is_marked(void *ctx, const struct store_subscriber *subscriber)
{
	*(bool *)ctx = subscriber->is_legacy;
	return true;
}

static void mark_of_a_legacy_phone_is_kept_until_it_is_taken_away(void **state)
{
	struct stored *s = *state;
	struct store_subscriber added = subscriber_of("user-a@abc.com", "boss@abc.com"), found;
	bool is_listed = false;

	assert_int_equal(store_subscriber_legacy_set(s->store, "user-a@abc.com", true),
			 RESULT_NOT_FOUND);
	assert_int_equal(store_subscriber_add(s->store, &added), RESULT_OK);
	assert_int_equal(store_subscriber_find(s->store, "user-a@abc.com", &found), RESULT_OK);
	assert_false(found.is_legacy);
	assert_int_equal(store_subscriber_legacy_set(s->store, "user-a@abc.com", true), RESULT_OK);
	assert_int_equal(store_subscriber_find(s->store, "user-a@abc.com", &found), RESULT_OK);
	assert_true(found.is_legacy && found.is_enabled);
	assert_int_equal(store_subscribers_each(s->store, is_marked, &is_listed), RESULT_OK);
	assert_true(is_listed);
	assert_int_equal(store_subscriber_legacy_set(s->store, "user-a@abc.com", false), RESULT_OK);
	assert_int_equal(store_subscriber_find(s->store, "user-a@abc.com", &found), RESULT_OK);
	assert_false(found.is_legacy);
	store_subscriber_wipe(&found);
}

static void password_and_state_can_be_changed(void **state)
{
	struct stored *s = *state;
	struct store_subscriber changed = subscriber_of("user-a@abc.com", NULL), found;

	subscriber_put(s->store, "user-a@abc.com");
	memset(changed.verifier.stored_key.bytes, 0x44, 32);
	changed.verifier.iterations = 10000;
	assert_int_equal(
		store_subscriber_verifier_set(s->store, "user-a@abc.com", &changed.verifier),
		RESULT_OK);
	assert_int_equal(store_subscriber_enable(s->store, "user-a@abc.com", false), RESULT_OK);
	assert_int_equal(store_subscriber_find(s->store, "user-a@abc.com", &found), RESULT_OK);
	assert_false(found.is_enabled);
	assert_int_equal(found.verifier.iterations, 10000);
	assert_int_equal(found.verifier.stored_key.bytes[0], 0x44);
}

static void deleted_subscriber_takes_its_identities_along(void **state)
{
	struct stored *s = *state;
	struct store_identity identity;

	subscriber_put(s->store, "user-a@abc.com");
	assert_int_equal(store_identity_find(s->store, "user-a@abc.com", &identity), RESULT_OK);
	assert_int_equal(store_subscriber_delete(s->store, "user-a@abc.com"), RESULT_OK);
	assert_int_equal(store_identity_find(s->store, "user-a@abc.com", &identity),
			 RESULT_NOT_FOUND);
	subscriber_put(s->store, "user-a@abc.com");
}

static bool ids_join(void *ctx, const struct store_subscriber *subscriber)
{
	strcat(ctx, subscriber->id);
	strcat(ctx, subscriber->identity_count == 1 ? " " : "! ");
	return true;
}

static bool ids_first(void *ctx, const struct store_subscriber *subscriber)
{
	strcat(ctx, subscriber->id);
	return false;
}

static void subscribers_come_in_order_and_can_be_stopped(void **state)
{
	struct stored *s = *state;
	char ids[256] = "";

	subscriber_put(s->store, "c@abc.com");
	subscriber_put(s->store, "a@abc.com");
	subscriber_put(s->store, "b@abc.com");
	assert_int_equal(store_subscribers_each(s->store, ids_join, ids), RESULT_OK);
	assert_string_equal(ids, "a@abc.com b@abc.com c@abc.com ");
	ids[0] = '\0';
	assert_int_equal(store_subscribers_each(s->store, ids_first, ids), RESULT_OK);
	assert_string_equal(ids, "a@abc.com");
}

static void quotes_in_an_id_are_only_bytes(void **state)
{
	struct stored *s = *state;
	struct store_subscriber found;
	const char *id = "x'; DROP TABLE subscriber; --@abc.com";

	subscriber_put(s->store, id);
	assert_int_equal(store_subscriber_find(s->store, id, &found), RESULT_OK);
	assert_string_equal(found.id, id);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORED_TEST(subscriber_is_found_as_added),
		STORED_TEST(unknown_subscriber_is_not_found),
		STORED_TEST(identity_of_another_is_refused_and_nothing_stays),
		STORED_TEST(subscriber_without_identity_is_refused),
		STORED_TEST(digest_frees_the_names_from_the_channel_until_it_is_taken_away),
		STORED_TEST(mark_of_a_legacy_phone_is_kept_until_it_is_taken_away),
		STORED_TEST(password_and_state_can_be_changed),
		STORED_TEST(who_comes_by_certificate_does_so_until_he_has_a_password),
		STORED_TEST(deleted_subscriber_takes_its_identities_along),
		STORED_TEST(subscribers_come_in_order_and_can_be_stopped),
		STORED_TEST(quotes_in_an_id_are_only_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
