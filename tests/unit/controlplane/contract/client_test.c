#include "controlplane/contract/client.h"

#include "tests/unit/controlplane/contract/plane.h"

struct seen {
	struct plane plane;
	struct contract_client *client;
	int welcomes, received, refused, lost, strange, done;
	uint8_t boot;
	uint16_t refused_id;
	enum result result;
};

static void welcome(void *ctx, const struct contract_welcome *message)
{
	struct seen *seen = ctx;

	seen->welcomes++;
	seen->boot = message->boot_id[0];
}

static void received(void *ctx, const struct contract_header *message)
{
	struct seen *seen = ctx;

	assert_int_equal(message->id, CONTRACT_EVENT);
	seen->received++;
}

static void refused(void *ctx, uint16_t id, enum result result)
{
	struct seen *seen = ctx;

	seen->refused++;
	seen->refused_id = id;
	seen->result = result;
}

static void strange(void *ctx, const char *reason)
{
	struct seen *seen = ctx;

	assert_non_null(reason);
	seen->strange++;
}

static void lost(void *ctx, const char *reason)
{
	struct seen *seen = ctx;

	assert_true(strlen(reason) > 0);
	seen->lost++;
}

static void done(void *arg, enum result result)
{
	struct seen *seen = arg;

	seen->done++;
	seen->result = result;
}

static int seen_make(void **state)
{
	struct seen *seen = calloc(1, sizeof(*seen));
	const struct contract_client_events events = {seen, welcome, received,
						      refused, lost, strange};

	plane_make(&seen->plane);
	assert_int_equal(contract_client_create(seen->plane.base, seen->plane.path, 5, &events,
						&seen->client),
			 RESULT_OK);
	*state = seen;
	return 0;
}

static int seen_remove(void **state)
{
	struct seen *seen = *state;

	contract_client_destroy(seen->client);
	plane_remove(&seen->plane);
	free(seen);
	return 0;
}

static struct contract_sa_ref ref_of(uint32_t index)
{
	struct contract_sa_ref ref = {.index = index, .generation = 1};

	contract_header_set(&ref.header, CONTRACT_SA_DELETE, sizeof(ref), 0);
	return ref;
}

static void hello_is_said_first_and_welcome_told(void **state)
{
	struct seen *seen = *state;

	assert_true(plane_receive(&seen->plane));
	assert_int_equal(plane_header(&seen->plane)->id, CONTRACT_HELLO);
	assert_int_equal(((struct contract_hello *)seen->plane.message)->gateway_id, 5);
	assert_false(contract_client_is_up(seen->client));
	plane_send(&seen->plane, &seen->plane.welcome, CONTRACT_WELCOME,
		   sizeof(seen->plane.welcome), 0);
	plane_settle(&seen->plane);
	assert_true(contract_client_is_up(seen->client));
	assert_int_equal(seen->welcomes, 1);
	assert_int_equal(seen->boot, 1);
}

static void requests_are_numbered_and_their_answers_told(void **state)
{
	struct seen *seen = *state;
	struct contract_sa_ref ref = ref_of(9);
	uint32_t first;

	plane_greet(&seen->plane);
	plane_settle(&seen->plane);
	contract_client_send(seen->client, &ref.header, done, seen);
	contract_client_send(seen->client, &ref.header, NULL, NULL);
	assert_true(plane_receive(&seen->plane));
	first = plane_header(&seen->plane)->request;
	assert_int_not_equal(first, 0);
	assert_int_equal(((struct contract_sa_ref *)seen->plane.message)->index, 9);
	assert_true(plane_receive(&seen->plane));
	assert_int_not_equal(plane_header(&seen->plane)->request, first);
	plane_answer(&seen->plane, CONTRACT_SA_DELETE, plane_header(&seen->plane)->request,
		     RESULT_NOT_FOUND);
	plane_answer(&seen->plane, CONTRACT_SA_DELETE, first, RESULT_OK);
	plane_settle(&seen->plane);
	assert_int_equal(seen->done, 1);
	assert_int_equal(seen->refused, 1);
	assert_int_equal(seen->refused_id, CONTRACT_SA_DELETE);
}

static void nothing_is_sent_before_welcome(void **state)
{
	struct seen *seen = *state;
	struct contract_sa_ref ref = ref_of(9);

	contract_client_send(seen->client, &ref.header, done, seen);
	assert_int_equal(seen->done, 1);
	assert_int_equal(seen->result, RESULT_IO);
}

static void lost_connection_fails_what_waits_and_comes_back(void **state)
{
	struct seen *seen = *state;
	struct contract_sa_ref ref = ref_of(9);

	plane_greet(&seen->plane);
	plane_settle(&seen->plane);
	contract_client_send(seen->client, &ref.header, done, seen);
	plane_die(&seen->plane);
	plane_settle(&seen->plane);
	assert_int_equal(seen->done, 1);
	assert_int_equal(seen->result, RESULT_IO);
	assert_int_equal(seen->lost, 1);
	assert_false(contract_client_is_up(seen->client));
	plane_listen(&seen->plane);
	seen->plane.welcome.boot_id[0] = 2;
	plane_greet(&seen->plane);
	plane_settle(&seen->plane);
	assert_int_equal(seen->welcomes, 2);
	assert_int_equal(seen->boot, 2);
	assert_int_equal(seen->lost, 1);
}

static void answer_to_nothing_and_second_welcome_are_strange(void **state)
{
	struct seen *seen = *state;
	struct contract_answer answer = {.to_id = CONTRACT_SA_PUT};
	struct contract_welcome again;

	plane_greet(&seen->plane);
	plane_settle(&seen->plane);
	again = seen->plane.welcome;
	plane_send(&seen->plane, &answer, CONTRACT_ANSWER, sizeof(answer), 77);
	plane_settle(&seen->plane);
	assert_int_equal(seen->strange, 1);
	plane_send(&seen->plane, &again, CONTRACT_WELCOME, sizeof(again), 0);
	plane_settle(&seen->plane);
	assert_int_equal(seen->strange, 2);
	assert_int_equal(seen->welcomes, 1);
	assert_int_equal(seen->done, 0);
	assert_true(contract_client_is_up(seen->client));
}

static void events_are_told(void **state)
{
	struct seen *seen = *state;
	struct contract_event event = {.kind = CONTRACT_EVENT_REFUSED};

	plane_greet(&seen->plane);
	plane_send(&seen->plane, &event, CONTRACT_EVENT, sizeof(event), 0);
	plane_settle(&seen->plane);
	assert_int_equal(seen->received, 1);
}

static void version_refused_is_a_lost_connection(void **state)
{
	struct seen *seen = *state;

	assert_true(plane_receive(&seen->plane));
	contract_header_set(&seen->plane.welcome.header, CONTRACT_WELCOME,
			    sizeof(seen->plane.welcome), 0);
	seen->plane.welcome.header.version = 99;
	assert_true(send(seen->plane.client, &seen->plane.welcome, sizeof(seen->plane.welcome), 0) >
		    0);
	plane_settle(&seen->plane);
	assert_int_equal(seen->lost, 1);
	assert_int_equal(seen->welcomes, 0);
}

#define SEEN_TEST(name) cmocka_unit_test_setup_teardown(name, seen_make, seen_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SEEN_TEST(hello_is_said_first_and_welcome_told),
		SEEN_TEST(requests_are_numbered_and_their_answers_told),
		SEEN_TEST(nothing_is_sent_before_welcome),
		SEEN_TEST(lost_connection_fails_what_waits_and_comes_back),
		SEEN_TEST(answer_to_nothing_and_second_welcome_are_strange),
		SEEN_TEST(events_are_told),
		SEEN_TEST(version_refused_is_a_lost_connection),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
