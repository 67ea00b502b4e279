/* controlplane/ctl/subscriber_commands.c */
#include "tests/unit/controlplane/ctl/asked.h"

static void subscribers_are_added_listed_and_deleted(void **state)
{
	ask_result(*state, ADD_USER_A, "{\"id\":\"user-a@abc.com\"}");
	ask_result(*state,
		   "{\"command\":\"subscriber add\",\"id\":\"b\",\"identities\":"
		   "[\"user-b@ABC.com\",\"tel:+81-3\"]," VERIFIER "}",
		   "{\"id\":\"b\"}");
	ask_result(
		*state, "{\"command\":\"subscriber list\"}",
		"[{\"certificate\":false,\"digest\":false,\"enabled\":true,\"id\":\"b\",\"identities\":"
		"[\"user-b@abc.com\",\"tel:+813\"],\"legacy\":false},"
		"{\"certificate\":false,\"digest\":false,\"enabled\":true,\"id\":\"user-a@abc.com\",\"identities\":"
		"[\"user-a@abc.com\"],\"legacy\":false}]");
	ask_result(*state, "{\"command\":\"subscriber delete\",\"id\":\"user-a@ABC.com\"}", "");
	ask_error(*state, "{\"command\":\"subscriber delete\",\"id\":\"user-a@abc.com\"}",
		  "there is no such subscriber: subscriber list has all");
}

static void the_second_of_a_name_is_refused(void **state)
{
	ask_result(*state, ADD_USER_A, "{\"id\":\"user-a@abc.com\"}");
	ask_error(*state, ADD_USER_A, "the subscriber, or one of its identities, is there already");
	ask_error(*state,
		  "{\"command\":\"subscriber add\",\"id\":\"c\",\"identities\":"
		  "[\"user%2Da@ABC.com\"]," VERIFIER "}",
		  "the subscriber, or one of its identities, is there already");
}

static void identities_must_be_of_our_domains(void **state)
{
	ask_error(*state, "{\"command\":\"subscriber add\",\"id\":\"x@xyz.com\"," VERIFIER "}",
		  "\"x@xyz.com\" is of no domain of this gateway");
	ask_error(*state, "{\"command\":\"subscriber add\",\"id\":\"x\"," VERIFIER "}",
		  "\"x\" is no address of record");
	ask_error(*state,
		  "{\"command\":\"subscriber add\",\"id\":\"x\",\"identities\":[]," VERIFIER "}",
		  "\"identities\" must be a list of 1 to 8");
}

static void digest_is_set_and_taken_away(void **state)
{
	struct asked *a = *state;
	struct store_subscriber found;

	ask_result(a, ADD_USER_A, "{\"id\":\"user-a@abc.com\"}");
	ask_error(
		a,
		"{\"command\":\"subscriber digest\",\"id\":\"user-a@abc.com\",\"digest\":\"AQEB\"}",
		"\"digest\" must be 32 to 32 bytes in base64url");
	ask_error(a,
		  "{\"command\":\"subscriber digest\",\"id\":\"nobody@abc.com\","
		  "\"digest\":\"AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE\"}",
		  "there is no such subscriber: subscriber list has all");
	ask_result(a,
		   "{\"command\":\"subscriber digest\",\"id\":\"user-a@ABC.com\","
		   "\"digest\":\"AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE\"}",
		   "{\"id\":\"user-a@abc.com\"}");
	assert_int_equal(store_subscriber_find(a->g->store, "user-a@abc.com", &found), RESULT_OK);
	assert_true(found.has_digest);
	assert_int_equal(found.digest[31], 1);
	ask_result(a, "{\"command\":\"subscriber no-digest\",\"id\":\"user-a@abc.com\"}",
		   "{\"id\":\"user-a@abc.com\"}");
	assert_int_equal(store_subscriber_find(a->g->store, "user-a@abc.com", &found), RESULT_OK);
	assert_false(found.has_digest);
}

static void phone_is_marked_legacy_and_no_longer(void **state)
{
	struct asked *a = *state;
	struct store_subscriber found;

	ask_result(a, ADD_USER_A, "{\"id\":\"user-a@abc.com\"}");
	ask_error(a, "{\"command\":\"subscriber legacy\",\"id\":\"nobody@abc.com\"}",
		  "there is no such subscriber: subscriber list has all");
	ask_result(a, "{\"command\":\"subscriber legacy\",\"id\":\"user-a@ABC.com\"}", "");
	assert_int_equal(store_subscriber_find(a->g->store, "user-a@abc.com", &found), RESULT_OK);
	assert_true(found.is_legacy && found.is_enabled);
	ask_result(a, "{\"command\":\"subscriber no-legacy\",\"id\":\"user-a@abc.com\"}", "");
	assert_int_equal(store_subscriber_find(a->g->store, "user-a@abc.com", &found), RESULT_OK);
	assert_false(found.is_legacy);
}

static void subscribers_are_disabled_and_given_new_passwords(void **state)
{
	struct asked *a = *state;
	struct store_subscriber found;

	ask_result(a, ADD_USER_A, "{\"id\":\"user-a@abc.com\"}");
	ask_result(a, "{\"command\":\"subscriber disable\",\"id\":\"user-a@abc.com\"}", "");
	assert_int_equal(store_subscriber_find(a->g->store, "user-a@abc.com", &found), RESULT_OK);
	assert_false(found.is_enabled);
	ask_result(a, "{\"command\":\"subscriber enable\",\"id\":\"user-a@abc.com\"}", "");
	ask_result(a,
		   "{\"command\":\"subscriber passwd\",\"id\":\"user-a@abc.com\","
		   "\"salt\":\"AQEBAQEBAQEBAQEBAQEBAQ\",\"iterations\":5000,"
		   "\"stored_key\":\"AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE\","
		   "\"server_key\":\"AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE\"}",
		   "");
	assert_int_equal(store_subscriber_find(a->g->store, "user-a@abc.com", &found), RESULT_OK);
	assert_true(found.is_enabled);
	assert_int_equal(found.verifier.iterations, 5000);
	assert_int_equal(found.verifier.stored_key.bytes[31], 1);
}

static void who_comes_by_certificate_has_a_verifier_that_nobody_knows(void **state)
{
	struct asked *a = *state;
	struct store *store = a->g->store;
	struct store_subscriber one, two;

	ask_result(a, "{\"command\":\"subscriber add\",\"id\":\"c@abc.com\",\"certificate\":true}",
		   "{\"id\":\"c@abc.com\"}");
	ask_result(a, "{\"command\":\"subscriber add\",\"id\":\"d@abc.com\",\"certificate\":true}",
		   "{\"id\":\"d@abc.com\"}");
	assert_int_equal(store_subscriber_find(store, "c@abc.com", &one), RESULT_OK);
	assert_int_equal(store_subscriber_find(store, "d@abc.com", &two), RESULT_OK);
	assert_true(one.is_by_certificate);
	assert_int_equal(one.verifier.iterations,
			 gateway_config(a->g->gateway)->password_iterations);
	assert_memory_not_equal(one.verifier.stored_key.bytes, two.verifier.stored_key.bytes, 32);
	assert_memory_not_equal(one.verifier.salt, two.verifier.salt, 16);
	ask_result(a, "{\"command\":\"subscriber passwd\",\"id\":\"c@abc.com\"," VERIFIER "}", "");
	assert_int_equal(store_subscriber_find(store, "c@abc.com", &one), RESULT_OK);
	assert_false(one.is_by_certificate);
}

static void data_plane_hears_of_new_and_gone_identities(void **state)
{
	struct asked *a = *state;

	gatewayed_serve(a->g);
	a->g->told.count = 0;
	ask_result(a, ADD_USER_A, "{\"id\":\"user-a@abc.com\"}");
	gatewayed_serve(a->g);
	assert_int_equal(told_count(&a->g->told, CONTRACT_IDENTITY_PUT), 1);
	ask_result(a, "{\"command\":\"subscriber delete\",\"id\":\"user-a@abc.com\"}", "");
	gatewayed_serve(a->g);
	assert_int_equal(told_count(&a->g->told, CONTRACT_IDENTITY_DELETE), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ASKED_TEST(subscribers_are_added_listed_and_deleted),
		ASKED_TEST(the_second_of_a_name_is_refused),
		ASKED_TEST(identities_must_be_of_our_domains),
		ASKED_TEST(phone_is_marked_legacy_and_no_longer),
		ASKED_TEST(digest_is_set_and_taken_away),
		ASKED_TEST(subscribers_are_disabled_and_given_new_passwords),
		ASKED_TEST(who_comes_by_certificate_has_a_verifier_that_nobody_knows),
		ASKED_TEST(data_plane_hears_of_new_and_gone_identities),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
