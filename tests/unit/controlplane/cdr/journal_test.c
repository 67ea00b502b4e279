#include "tests/unit/controlplane/scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <sys/stat.h>

#include "controlplane/cdr/journal.h"
#include "controlplane/cdr/record.h"

#define WAIT_STEPS 400 /* of 10 ms */

/* What came out of the pipe so far. */
struct arrived {
	unsigned lines, gaps; /* of gaps: the lines they stand for */
	size_t length;
	char rest[CDR_LINE_BYTES];
};

static void line_arrives(struct arrived *arrived, const char *text)
{
	json_t *gap = json_loads(arrived->rest, 0, NULL);

	if (strcmp(arrived->rest, text) == 0)
		arrived->lines++;
	else
		arrived->gaps += (unsigned)json_integer_value(json_object_get(gap, "count"));
	json_decref(gap);
}

static void arrive(struct arrived *arrived, int reader, const char *text)
{
	char bytes[4096];
	ssize_t length = read(reader, bytes, sizeof(bytes));

	for (ssize_t i = 0; i < length; i++) {
		arrived->rest[arrived->length++] = bytes[i];
		if (bytes[i] != '\n')
			continue;
		arrived->rest[arrived->length] = '\0';
		arrived->length = 0;
		line_arrives(arrived, text);
	}
	if (length <= 0)
		usleep(1000);
}

/* A pipe that nobody reads takes some bytes and then none: a disk that stands still. */
static void disk_that_stands_still_costs_counted_lines_and_no_time(void **state)
{
	static const char text[] =
		"0123456789012345678901234567890123456789012345678901234567890\n";
	struct arrived arrived = {0};
	struct cdr_journal *journal;
	struct scratch scratch;
	char path[128];
	unsigned put = 0, lost = 0;
	int reader;

	(void)state;
	scratch_make(&scratch);
	assert_int_equal(mkfifo(scratch_path(&scratch, path, "cdr"), 0600), 0);
	reader = open(path, O_RDONLY | O_NONBLOCK);
	assert_true(reader >= 0);
	assert_int_equal(cdr_journal_create(path, 16384, &journal), RESULT_OK);
	for (unsigned i = 0; i < 4000; i++) {
		if (cdr_journal_put(journal, text, sizeof(text) - 1))
			put++;
		else
			lost++;
	}
	assert_true(lost > 0);
	assert_int_equal(cdr_journal_state_get(journal).lost, lost);
	/* It moves again: what was put arrives, and the gap is told before the next line. */
	for (int step = 0; step < WAIT_STEPS && arrived.lines < put; step++)
		arrive(&arrived, reader, text);
	assert_int_equal(arrived.lines, put);
	assert_true(cdr_journal_put(journal, text, sizeof(text) - 1));
	for (int step = 0; step < WAIT_STEPS && arrived.lines < put + 1; step++)
		arrive(&arrived, reader, text);
	assert_int_equal(arrived.lines, put + 1);
	assert_int_equal(arrived.gaps, lost);
	cdr_journal_destroy(journal);
	close(reader);
	scratch_remove(&scratch);
}

static void full_disk_is_told_and_tried_again(void **state)
{
	struct cdr_journal *journal;
	int error = 0;

	(void)state;
	assert_int_equal(cdr_journal_create("/dev/full", 4096, &journal), RESULT_OK);
	assert_true(cdr_journal_put(journal, "a\n", 2));
	for (int step = 0; step < WAIT_STEPS && error == 0; step++) {
		usleep(10000);
		error = cdr_journal_state_get(journal).error;
	}
	assert_int_equal(error, ENOSPC);
	assert_int_equal(cdr_journal_state_get(journal).written, 0);
	cdr_journal_destroy(journal); /* does not wait for ever */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(disk_that_stands_still_costs_counted_lines_and_no_time),
		cmocka_unit_test(full_disk_is_told_and_tried_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
