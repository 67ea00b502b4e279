#include "controlplane/store/sql_password.h"

#include "tests/unit/controlplane/scratch.h"

#include <fcntl.h>
#include <sys/stat.h>

struct asked {
	struct scratch scratch;
	char path[128], password[SQL_PASSWORD_BYTES], why[256];
};

static int make(void **state)
{
	struct asked *a = calloc(1, sizeof(*a));

	assert_non_null(a);
	scratch_make(&a->scratch);
	scratch_path(&a->scratch, a->path, "password");
	*state = a;
	return 0;
}

static int end(void **state)
{
	struct asked *a = *state;

	scratch_remove(&a->scratch);
	free(a);
	return 0;
}

static enum result read_of(struct asked *a, const char *text, mode_t mode)
{
	int fd = open(a->path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
	return sql_password_read(a->path, a->password, a->why, sizeof(a->why));
}

static void first_line_is_the_password(void **state)
{
	struct asked *a = *state;

	assert_int_equal(read_of(a, "correct horse\nsecond line\n", 0600), RESULT_OK);
	assert_string_equal(a->password, "correct horse");
	assert_int_equal(read_of(a, "no line end", 0400), RESULT_OK);
	assert_string_equal(a->password, "no line end");
}

static void file_that_others_may_read_is_refused(void **state)
{
	struct asked *a = *state;

	assert_int_equal(read_of(a, "secret\n", 0640), RESULT_DENIED);
	assert_string_equal(a->password, "");
	assert_non_null(strstr(a->why, "chmod 600"));
	assert_null(strstr(a->why, "secret\n"));
}

static void empty_or_endless_line_is_refused(void **state)
{
	struct asked *a = *state;
	char line[SQL_PASSWORD_BYTES + 8];

	assert_int_equal(read_of(a, "\n", 0600), RESULT_BAD);
	memset(line, 'x', sizeof(line));
	line[sizeof(line) - 1] = '\0';
	assert_int_equal(read_of(a, line, 0600), RESULT_BAD);
}

static void file_that_is_not_there_is_told(void **state)
{
	struct asked *a = *state;

	assert_int_equal(sql_password_read(a->path, a->password, a->why, sizeof(a->why)),
			 RESULT_IO);
	assert_non_null(strstr(a->why, a->path));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(first_line_is_the_password, make, end),
		cmocka_unit_test_setup_teardown(file_that_others_may_read_is_refused, make, end),
		cmocka_unit_test_setup_teardown(empty_or_endless_line_is_refused, make, end),
		cmocka_unit_test_setup_teardown(file_that_is_not_there_is_told, make, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
