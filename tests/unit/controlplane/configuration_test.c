/* controlplane/configuration.c */
#include "controlplane/configuration.h"

#include <event2/event.h>

#include "tests/unit/controlplane/scratch.h"

#define LEAST                                                                                      \
	"gateway-id: 1\n"                                                                          \
	"domains: [abc.com]\n"                                                                     \
	"contract: {socket: contract}\n"                                                           \
	"admin: {socket: admin}\n"                                                                 \
	"store: {sqlite: store.sqlite}\n"                                                          \
	"secrets: secrets\n"

struct held {
	struct scratch scratch;
	char path[128];
	struct event_base *base;
	struct control_config running;
	struct configuration *configuration;
	int applied; /* how often */
	uint8_t dscp_before;
	bool refuses;
};

static enum result applied(void *ctx, const struct control_config *before, char *message,
			   size_t size)
{
	struct held *held = ctx;

	held->applied++;
	held->dscp_before = before->dscp;
	snprintf(message, size, "the parts do not want it");
	return held->refuses ? RESULT_IO : RESULT_OK;
}

static void file_write(struct held *held, const char *text)
{
	FILE *file = fopen(held->path, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static int held_make(void **state)
{
	struct held *held = calloc(1, sizeof(*held));

	scratch_make(&held->scratch);
	scratch_path(&held->scratch, held->path, "c.yaml");
	file_write(held, LEAST "dscp: 10\n");
	held->base = event_base_new();
	assert_int_equal(control_config_read(held->path, stderr, &held->running), RESULT_OK);
	assert_int_equal(configuration_create(held->base, &held->running, applied, held,
					      &held->configuration),
			 RESULT_OK);
	*state = held;
	return 0;
}

static int held_remove(void **state)
{
	struct held *held = *state;

	configuration_destroy(held->configuration);
	control_config_destroy(&held->running);
	event_base_free(held->base);
	scratch_remove(&held->scratch);
	free(held);
	return 0;
}

/* The changes as compact JSON must be these; takes the reference. */
static void changes_are(json_t *changes, const char *expected)
{
	char *text = json_dumps(changes, JSON_COMPACT);

	assert_string_equal(text, expected);
	free(text);
	json_decref(changes);
}

#define DSCP_10_TO_20 "[{\"path\":\"dscp\",\"from\":\"10\",\"to\":\"20\",\"needs_restart\":false}]"
#define DSCP_20_TO_10 "[{\"path\":\"dscp\",\"from\":\"20\",\"to\":\"10\",\"needs_restart\":false}]"

static void commit_20(struct held *held, uint32_t confirm_s)
{
	json_t *changes = NULL;

	file_write(held, LEAST "dscp: 20\n");
	assert_int_equal(configuration_commit(held->configuration, confirm_s, stderr, &changes),
			 RESULT_OK);
	changes_are(changes, DSCP_10_TO_20);
	assert_int_equal(held->running.dscp, 20);
}

static void check_shows_what_would_change_and_changes_nothing(void **state)
{
	struct held *held = *state;
	json_t *changes = NULL;

	file_write(held, LEAST "requests-per-second: 5\ngateway-id-of-old: 1\n");
	assert_int_equal(configuration_check(held->configuration, stderr, &changes), RESULT_BAD);
	file_write(held, LEAST "requests-per-second: 5\n");
	assert_int_equal(configuration_check(held->configuration, stderr, &changes), RESULT_OK);
	changes_are(changes, "[{\"path\":\"dscp\",\"from\":\"10\",\"to\":null,"
			     "\"needs_restart\":false},{\"path\":\"requests-per-second\","
			     "\"from\":null,\"to\":\"5\",\"needs_restart\":false}]");
	assert_int_equal(held->running.dscp, 10);
	assert_int_equal(held->applied, 0);
}

static void commit_is_taken_over_and_can_be_undone_once(void **state)
{
	struct held *held = *state;
	json_t *changes = NULL;

	commit_20(held, 0);
	assert_int_equal(held->applied, 1);
	assert_int_equal(held->dscp_before, 10);
	assert_int_equal(configuration_confirm(held->configuration), RESULT_NOT_FOUND);
	assert_int_equal(configuration_undo(held->configuration, stderr, &changes), RESULT_OK);
	changes_are(changes, DSCP_20_TO_10);
	assert_int_equal(held->running.dscp, 10);
	assert_int_equal(held->dscp_before, 20);
	assert_int_equal(configuration_undo(held->configuration, stderr, &changes),
			 RESULT_NOT_FOUND);
}

static void mistake_in_the_file_is_told_with_its_place(void **state)
{
	struct held *held = *state;
	json_t *changes = NULL;
	char *told = NULL;
	size_t length;
	FILE *report = open_memstream(&told, &length);

	file_write(held, LEAST "dscp: 64\n");
	assert_int_equal(configuration_commit(held->configuration, 0, report, &changes),
			 RESULT_BAD);
	fclose(report);
	assert_non_null(strstr(told, "c.yaml:7:7:"));
	assert_int_equal(held->running.dscp, 10);
	free(told);
}

static void what_needs_a_restart_is_refused_as_a_whole(void **state)
{
	struct held *held = *state;
	json_t *changes = NULL;

	file_write(held, LEAST "dscp: 20\nlifetimes: {hard: 2h, soft: 50min}\n");
	assert_int_equal(configuration_commit(held->configuration, 0, stderr, &changes),
			 RESULT_DENIED);
	changes_are(changes,
		    "[{\"path\":\"dscp\",\"from\":\"10\",\"to\":\"20\",\"needs_restart\":false},"
		    "{\"path\":\"lifetimes.hard\",\"from\":null,\"to\":\"2h\",\"needs_restart\":"
		    "true},{\"path\":\"lifetimes.soft\",\"from\":null,\"to\":\"50min\","
		    "\"needs_restart\":false}]");
	assert_int_equal(held->running.dscp, 10);
	assert_int_equal(held->applied, 0);
}

static void peers_and_their_certificates_are_taken_over(void **state)
{
	struct held *held = *state;
	json_t *changes = NULL;
	char path[128];

	for (int i = 0; i < 2; i++) {
		scratch_path(&held->scratch, path, i == 0 ? "own.pem" : "own.key");
		fclose(fopen(path, "w"));
	}
	file_write(held, LEAST "dscp: 10\n"
			       "tls: {certificate: own.pem, key: own.key, ca: own.pem}\n"
			       "peers:\n"
			       "  - {name: xyz.com, domains: [xyz.com], addresses: [192.0.2.1]}\n");
	assert_int_equal(configuration_commit(held->configuration, 0, stderr, &changes), RESULT_OK);
	json_decref(changes);
	assert_int_equal(held->running.peer_count, 1);
	assert_string_equal(held->running.peer[0].name, "xyz.com");
	assert_int_equal(configuration_undo(held->configuration, stderr, &changes), RESULT_OK);
	json_decref(changes);
	assert_int_equal(held->running.peer_count, 0);
	assert_int_equal(held->applied, 2);
}

static void what_the_parts_refuse_runs_nowhere(void **state)
{
	struct held *held = *state;
	json_t *changes = NULL;
	char *told = NULL;
	size_t length;
	FILE *report = open_memstream(&told, &length);

	held->refuses = true;
	file_write(held, LEAST "dscp: 20\n");
	assert_int_equal(configuration_commit(held->configuration, 0, report, &changes), RESULT_IO);
	fclose(report);
	assert_string_equal(told, "the parts do not want it\n");
	assert_int_equal(held->running.dscp, 10);
	assert_int_equal(configuration_undo(held->configuration, stderr, &changes),
			 RESULT_NOT_FOUND);
	free(told);
}

static void commit_that_nobody_confirms_is_undone(void **state)
{
	struct held *held = *state;
	json_t *changes = NULL;

	commit_20(held, 1);
	assert_int_equal(configuration_confirm_left_s(held->configuration), 1);
	assert_int_equal(configuration_commit(held->configuration, 0, stderr, &changes),
			 RESULT_EXISTS);
	event_base_dispatch(held->base); /* ends with the last event */
	assert_int_equal(held->running.dscp, 10);
	assert_int_equal(held->applied, 2);
	assert_int_equal(configuration_confirm_left_s(held->configuration), 0);
}

static void commit_that_is_confirmed_stays(void **state)
{
	struct held *held = *state;

	commit_20(held, 1);
	assert_int_equal(configuration_confirm(held->configuration), RESULT_OK);
	event_base_dispatch(held->base);
	assert_int_equal(held->running.dscp, 20);
	assert_int_equal(held->applied, 1);
}

static void undo_before_the_deadline_undoes_once(void **state)
{
	struct held *held = *state;
	json_t *changes = NULL;

	commit_20(held, 1);
	assert_int_equal(configuration_undo(held->configuration, stderr, &changes), RESULT_OK);
	json_decref(changes);
	event_base_dispatch(held->base);
	assert_int_equal(held->running.dscp, 10);
	assert_int_equal(held->applied, 2);
}

static void file_that_is_gone_changes_nothing(void **state)
{
	struct held *held = *state;
	json_t *changes = NULL;
	char *told = NULL;
	size_t length;
	FILE *report = open_memstream(&told, &length);

	unlink(held->path);
	assert_int_equal(configuration_commit(held->configuration, 0, report, &changes), RESULT_IO);
	fclose(report);
	assert_true(length > 0);
	assert_int_equal(held->running.dscp, 10);
	free(told);
}

#define HELD_TEST(name) cmocka_unit_test_setup_teardown(name, held_make, held_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		HELD_TEST(check_shows_what_would_change_and_changes_nothing),
		HELD_TEST(commit_is_taken_over_and_can_be_undone_once),
		HELD_TEST(mistake_in_the_file_is_told_with_its_place),
		HELD_TEST(what_needs_a_restart_is_refused_as_a_whole),
		HELD_TEST(peers_and_their_certificates_are_taken_over),
		HELD_TEST(what_the_parts_refuse_runs_nowhere),
		HELD_TEST(commit_that_nobody_confirms_is_undone),
		HELD_TEST(commit_that_is_confirmed_stays),
		HELD_TEST(undo_before_the_deadline_undoes_once),
		HELD_TEST(file_that_is_gone_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
