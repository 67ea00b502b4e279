#include "tests/unit/controlplane/cdr/recorded.h"

#include <errno.h>
#include <sys/stat.h>

#include "controlplane/cdr/cdr.h"

#define WAIT_STEPS 400 /* of 10 ms */

/* The file's lines; waits until there are `count`, fails if they do not come. */
static json_t *lines_wait(const char *path, size_t count)
{
	json_t *lines = NULL;

	for (int step = 0; step < WAIT_STEPS; step++) {
		FILE *file = fopen(path, "r");
		char line[CDR_LINE_BYTES];

		lines = json_array();
		while (file != NULL && fgets(line, sizeof(line), file) != NULL)
			json_array_append_new(lines, json_loads(line, 0, NULL));
		if (file != NULL)
			fclose(file);
		if (json_array_size(lines) >= count)
			break;
		json_decref(lines);
		lines = NULL;
		usleep(10000);
	}
	assert_non_null(lines);
	assert_int_equal(json_array_size(lines), count);
	return lines;
}

static const char *field(json_t *lines, size_t line, const char *name)
{
	return json_string_value(json_object_get(json_array_get(lines, line), name));
}

static void records_are_appended_and_nobody_else_may_read_them(void **state)
{
	struct contract_event event = recorded_start();
	struct scratch scratch;
	struct cdr *cdr;
	struct stat status;
	char path[128];
	json_t *lines;

	(void)state;
	scratch_make(&scratch);
	scratch_path(&scratch, path, "cdr");
	for (int start = 0; start < 2; start++) {
		assert_int_equal(cdr_create(path, recorded_peer_name, NULL, &cdr), RESULT_OK);
		cdr_take(cdr, &event);
		cdr_destroy(cdr);
	}
	lines = lines_wait(path, 2);
	assert_string_equal(field(lines, 1, "event"), "start");
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 0007, 0);
	json_decref(lines);
	scratch_remove(&scratch);
}

static void what_a_worker_lost_is_counted_in_the_file(void **state)
{
	struct contract_event event = recorded_start();
	struct scratch scratch;
	struct cdr *cdr;
	char path[128];
	json_t *lines;

	(void)state;
	scratch_make(&scratch);
	assert_int_equal(
		cdr_create(scratch_path(&scratch, path, "cdr"), recorded_peer_name, NULL, &cdr),
		RESULT_OK);
	event.worker = 1;
	event.lost = 5;
	cdr_take(cdr, &event);
	cdr_take(cdr, &event);
	event.lost = 2; /* a data plane that began anew */
	cdr_take(cdr, &event);
	cdr_destroy(cdr);
	lines = lines_wait(path, 5);
	assert_string_equal(field(lines, 0, "event"), "lost");
	assert_string_equal(field(lines, 0, "where"), "worker 1");
	assert_int_equal(json_integer_value(json_object_get(json_array_get(lines, 0), "count")), 5);
	assert_string_equal(field(lines, 2, "event"), "start");
	assert_int_equal(json_integer_value(json_object_get(json_array_get(lines, 3), "count")), 2);
	json_decref(lines);
	scratch_remove(&scratch);
}

static void file_that_was_moved_away_is_followed_by_a_new_one(void **state)
{
	struct contract_event event = recorded_start();
	struct scratch scratch;
	struct cdr *cdr;
	char path[128], moved[128];

	(void)state;
	scratch_make(&scratch);
	scratch_path(&scratch, path, "cdr");
	scratch_path(&scratch, moved, "cdr.1");
	assert_int_equal(cdr_create(path, recorded_peer_name, NULL, &cdr), RESULT_OK);
	cdr_take(cdr, &event);
	json_decref(lines_wait(path, 1));
	assert_int_equal(rename(path, moved), 0);
	cdr_reopen(cdr);
	cdr_take(cdr, &event);
	json_decref(lines_wait(path, 1));
	json_decref(lines_wait(moved, 1));
	cdr_destroy(cdr);
	scratch_remove(&scratch);
}

static void folder_that_is_not_there_is_refused(void **state)
{
	struct cdr *cdr;

	(void)state;
	assert_int_equal(cdr_create("/nowhere/at/all", recorded_peer_name, NULL, &cdr), RESULT_IO);
	assert_int_equal(errno, ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_are_appended_and_nobody_else_may_read_them),
		cmocka_unit_test(what_a_worker_lost_is_counted_in_the_file),
		cmocka_unit_test(file_that_was_moved_away_is_followed_by_a_new_one),
		cmocka_unit_test(folder_that_is_not_there_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
