#include "tests/unit/shared/config/opened.h"

#include <errno.h>
#include <unistd.h>

static void refused_with(const char *text, const char *told)
{
	struct config *config = NULL;
	size_t length;
	char *said;
	FILE *report = open_memstream(&said, &length);

	assert_int_equal(config_open_bytes("a.yaml", text, strlen(text), report, &config),
			 RESULT_BAD);
	assert_null(config);
	fclose(report);
	assert_string_equal(said, told);
	free(said);
}

static void syntax_error_is_told_with_its_place(void **state)
{
	(void)state;
	refused_with("a: 1\nb: \"x\n\nc: 2\n",
		     "a.yaml:2:4: wrongly indented double-quoted scalar\n    b: \"x\n       ^\n");
}

static void empty_file_is_refused(void **state)
{
	(void)state;
	refused_with("", "a.yaml:1:1: the file is empty\n    \n    ^\n");
}

static void file_that_is_no_mapping_is_refused(void **state)
{
	(void)state;
	refused_with("- a\n",
		     "a.yaml:1:1: a mapping of keys and values is expected here\n    - a\n    ^\n");
}

static void second_document_is_refused(void **state)
{
	(void)state;
	refused_with("a: 1\n---\nb: 2\n",
		     "a.yaml:1:1: there is more than one YAML document in this file\n"
		     "    a: 1\n    ^\n");
}

static void file_that_is_not_there_is_an_io_error(void **state)
{
	struct config *config = NULL;
	size_t length;
	char *said;
	FILE *report = open_memstream(&said, &length);

	(void)state;
	assert_int_equal(config_open("/nonexistent/a.yaml", report, &config), RESULT_IO);
	assert_int_equal(errno, ENOENT);
	assert_null(config);
	fclose(report);
	assert_string_equal(said, "/nonexistent/a.yaml: the configuration cannot be read: "
				  "No such file or directory\n");
	free(said);
}

static void file_is_read_from_disk(void **state)
{
	char path[] = "/tmp/sekisho-config-XXXXXX";
	int fd = mkstemp(path);
	struct config *config = NULL;
	uint64_t value = 0;

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "a: 7\n", 5), 5);
	close(fd);
	assert_int_equal(config_open(path, stderr, &config), RESULT_OK);
	assert_true(config_integer(config_root(config), "a", CONFIG_REQUIRED, 0, 9, &value));
	assert_int_equal(value, 7);
	assert_int_equal(config_finish(config), RESULT_OK);
	config_close(config);
	unlink(path);
}

static void unknown_keys_are_refused_at_every_depth(void **state)
{
	struct opened o = opened_make("a: 1\nbad: 2\nlist:\n  - name: x\n    wrong: y\n");
	struct config_node list;
	char name[8];
	uint64_t a;

	(void)state;
	assert_true(config_integer(o.root, "a", CONFIG_REQUIRED, 0, 9, &a));
	assert_true(config_list(o.root, "list", CONFIG_REQUIRED, 0, 4, &list));
	assert_true(config_text(config_item(list, 0), "name", CONFIG_REQUIRED, name, sizeof(name)));
	opened_expect(&o, "conf/a.yaml:2:1: \"bad\" is no known key here\n"
			  "    bad: 2\n    ^\n"
			  "conf/a.yaml:5:5: \"wrong\" is no known key here\n"
			  "        wrong: y\n        ^\n");
}

static void key_given_twice_is_refused(void **state)
{
	struct opened o = opened_make("a: 1\na: 2\n");
	uint64_t a = 0;

	(void)state;
	assert_true(config_integer(o.root, "a", CONFIG_REQUIRED, 0, 9, &a));
	opened_expect(&o, "conf/a.yaml:2:1: \"a\" stands here a second time\n    a: 2\n    ^\n");
}

static void all_mistakes_are_told_in_one_run_in_order_of_lines(void **state)
{
	struct opened o = opened_make("a: x\nb: 2\nc: {d: 700}\n");
	struct config_node c;
	uint64_t value;
	bool flag;

	(void)state;
	assert_true(config_map(o.root, "c", CONFIG_REQUIRED, &c));
	assert_false(config_integer(c, "d", CONFIG_REQUIRED, 1, 9, &value));
	assert_false(config_boolean(o.root, "b", CONFIG_REQUIRED, &flag));
	assert_false(config_integer(o.root, "a", CONFIG_REQUIRED, 1, 9, &value));
	assert_false(config_integer(o.root, "e", CONFIG_REQUIRED, 1, 9, &value));
	opened_expect(&o,
		      "conf/a.yaml:1:1: \"e\" is missing here\n    a: x\n    ^\n"
		      "conf/a.yaml:1:4: \"x\" is no whole number from 1 to 9\n    a: x\n       ^\n"
		      "conf/a.yaml:2:4: \"2\" is neither yes nor no\n    b: 2\n       ^\n"
		      "conf/a.yaml:3:8: \"700\" is no whole number from 1 to 9\n"
		      "    c: {d: 700}\n           ^\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(syntax_error_is_told_with_its_place),
		cmocka_unit_test(empty_file_is_refused),
		cmocka_unit_test(file_that_is_no_mapping_is_refused),
		cmocka_unit_test(second_document_is_refused),
		cmocka_unit_test(file_that_is_not_there_is_an_io_error),
		cmocka_unit_test(file_is_read_from_disk),
		cmocka_unit_test(unknown_keys_are_refused_at_every_depth),
		cmocka_unit_test(key_given_twice_is_refused),
		cmocka_unit_test(all_mistakes_are_told_in_one_run_in_order_of_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
