#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "dataplane/tables/identity_table.h"
#include "tests/unit/rules/gateway_kit.h"

static int kit_make(void **state)
{
	*state = gateway_kit_create("abc.com", "2001:6789::5060");
	return 0;
}

static int kit_end(void **state)
{
	gateway_kit_destroy(*state);
	return 0;
}

static const struct identity *find(const struct gateway_kit *kit, const char *aor)
{
	struct text_key key = text_key_make(slice_make(aor, strlen(aor)));

	return identity_table_find(&kit->identities, &key);
}

static void name_put_is_found_with_all_it_says(void **state)
{
	struct contract_identity put = gateway_kit_identity_make("user-a@abc.com", 7);
	struct gateway_kit *kit = *state;
	const struct identity *found;

	put.minimum_level = 2;
	put.must_be_secure = 1;
	put.binding_index = 9;
	put.binding_generation = 3;
	assert_int_equal(identity_table_put(&kit->identities, &put), RESULT_OK);
	found = find(kit, "user-a@abc.com");
	assert_non_null(found);
	assert_int_equal(found->minimum_level, 2);
	assert_true(found->must_be_secure);
	assert_int_equal(found->binding_index, 9);
	assert_int_equal(found->binding_generation, 3);
	assert_int_equal(found->group_count, 1);
	assert_int_equal(found->group[0], 7);
	assert_true(slice_is_equal(identity_aor(found), SLICE("user-a@abc.com")));
	assert_null(find(kit, "user-b@abc.com"));
	assert_null(find(kit, "User-a@abc.com"));
}

/* What is no AOR has a key of no text: RFC 3261 leaves From's scheme to the sender. */
static void no_text_is_nobodys_name(void **state)
{
	const struct text_key none = text_key_make(slice_make(NULL, 0)),
			      empty = text_key_make(SLICE(""));
	struct gateway_kit *kit = *state;

	assert_int_equal(none.hash, empty.hash);
	assert_null(identity_table_find(&kit->identities, &none));
}

/* Of the same bytes at any place and of every length there is one hash, and of others another. */
static void key_is_of_the_bytes_wherever_they_stand(void **state)
{
	char text[2][80];

	(void)state;
	for (size_t len = 1; len < 70; len++) {
		struct slice one = slice_make(text[0], len), two = slice_make(text[1] + 3, len);

		for (size_t i = 0; i < len; i++)
			text[0][i] = text[1][i + 3] = (char)('a' + i % 26);
		assert_int_equal(text_key_make(one).hash, text_key_make(two).hash);
		text[1][3 + len / 2] ^= 1;
		assert_true(text_key_make(one).hash != text_key_make(two).hash);
	}
}

static void second_put_replaces_the_first(void **state)
{
	struct gateway_kit *kit = *state;

	gateway_kit_identity(kit, "user-a@abc.com", 1);
	gateway_kit_identity(kit, "user-a@abc.com", 2);
	assert_int_equal(find(kit, "user-a@abc.com")->group[0], 2);
	assert_int_equal(kit->identities.count, 1);
	assert_int_equal(deferred_poll(kit->deferred), 0);
}

static void deleted_name_is_unknown_and_its_neighbours_stay(void **state)
{
	struct gateway_kit *kit = *state;
	char aor[32];

	for (unsigned i = 0; i < 600; i++) {
		snprintf(aor, sizeof(aor), "user-%u@abc.com", i);
		gateway_kit_identity(kit, aor, i + 1);
	}
	for (unsigned i = 0; i < 600; i += 2) {
		snprintf(aor, sizeof(aor), "user-%u@abc.com", i);
		assert_int_equal(
			identity_table_delete(&kit->identities, slice_make(aor, strlen(aor))),
			RESULT_OK);
	}
	for (unsigned i = 0; i < 600; i++) {
		snprintf(aor, sizeof(aor), "user-%u@abc.com", i);
		if (i % 2 == 0)
			assert_null(find(kit, aor));
		else
			assert_int_equal(find(kit, aor)->group[0], i + 1);
	}
	assert_int_equal(identity_table_delete(&kit->identities, SLICE("user-0@abc.com")),
			 RESULT_NOT_FOUND);
}

/* Tombstones are swept: coming and going for ever does not grow the table. */
static void churn_does_not_grow_the_table(void **state)
{
	struct gateway_kit *kit = *state;
	size_t footprint = identity_table_footprint(&kit->identities);
	char aor[32];

	for (unsigned i = 0; i < 20000; i++) {
		snprintf(aor, sizeof(aor), "user-%u@abc.com", i);
		gateway_kit_identity(kit, aor, 0);
		assert_int_equal(
			identity_table_delete(&kit->identities, slice_make(aor, strlen(aor))),
			RESULT_OK);
		deferred_poll(kit->deferred);
	}
	assert_int_equal(identity_table_footprint(&kit->identities), footprint);
}

static void hundred_thousand_names_are_found_in_little_memory(void **state)
{
	enum { COUNT = 100000 };
	struct gateway_kit *kit = *state;
	size_t bytes;
	char aor[32];

	for (unsigned i = 0; i < COUNT; i++) {
		snprintf(aor, sizeof(aor), "user-%u@abc.com", i);
		gateway_kit_identity(kit, aor, i + 1);
		deferred_poll(kit->deferred);
	}
	for (unsigned i = 0; i < COUNT; i++) {
		snprintf(aor, sizeof(aor), "user-%u@abc.com", i);
		assert_int_equal(find(kit, aor)->group[0], i + 1);
	}
	bytes = slab_footprint(kit->slab) + identity_table_footprint(&kit->identities);
	print_message("%zu bytes a name\n", bytes / COUNT);
	assert_true(bytes / COUNT < 200);
}

static void values_out_of_range_are_refused(void **state)
{
	struct contract_identity put = gateway_kit_identity_make("user-a@abc.com", 0);
	struct gateway_kit *kit = *state;

	put.group_count = LIMIT_IDENTITY_GROUPS + 1;
	assert_int_equal(identity_table_put(&kit->identities, &put), RESULT_BAD);
	put.group_count = 0;
	put.kind = 9;
	assert_int_equal(identity_table_put(&kit->identities, &put), RESULT_BAD);
	put.kind = CONTRACT_IDENTITY_LOCAL;
	memset(put.aor, 'a', sizeof(put.aor));
	assert_int_equal(identity_table_put(&kit->identities, &put), RESULT_BAD);
	put.aor[0] = 0;
	assert_int_equal(identity_table_put(&kit->identities, &put), RESULT_BAD);
	assert_int_equal(kit->identities.count, 0);
}

#define KIT_TEST(name) cmocka_unit_test_setup_teardown(name, kit_make, kit_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		KIT_TEST(name_put_is_found_with_all_it_says),
		KIT_TEST(no_text_is_nobodys_name),
		KIT_TEST(key_is_of_the_bytes_wherever_they_stand),
		KIT_TEST(second_put_replaces_the_first),
		KIT_TEST(deleted_name_is_unknown_and_its_neighbours_stay),
		KIT_TEST(churn_does_not_grow_the_table),
		KIT_TEST(hundred_thousand_names_are_found_in_little_memory),
		KIT_TEST(values_out_of_range_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
