/* controlplane/cli/session.c and admin_link.c, against a real admin socket. */
#include "tests/unit/controlplane/cli/served.h"

static enum session_status session_of(struct served *served, int count, const char *const *words)
{
	return session_run(&served->session, count, words);
}

static enum session_status command(struct served *served, const char *input, const char *text)
{
	const char *words[16];
	char copy[256];
	int count = 0;

	strcpy(copy, text);
	for (char *word = strtok(copy, " "); word != NULL; word = strtok(NULL, " "))
		words[count++] = word;
	return served_run(served, input, session_of, count, words);
}

static void new_subscriber_gets_a_password_that_is_shown_once(void **state)
{
	struct served *served = *state;
	const char *password;

	assert_int_equal(command(served, "", "subscriber add user-a@abc.com"), SESSION_OK);
	assert_non_null(strstr(served->out, "id: user-a@abc.com\n"));
	password = strstr(served->out, "password: ");
	assert_non_null(password);
	assert_int_equal(strlen(password), strlen("password: ") + 22 + 1);
	assert_int_equal(command(served, "", "subscriber list"), SESSION_OK);
	assert_string_equal(
		served->out,
		"ID              ENABLED  CERTIFICATE  DIGEST  LEGACY  IDENTITIES\n"
		"user-a@abc.com  yes      no           no      no      user-a@abc.com\n");
}

static void password_from_standard_input_is_not_shown(void **state)
{
	struct served *served = *state;

	assert_int_equal(command(served, "correct horse\n",
				 "subscriber add user-b@abc.com --password-stdin"),
			 SESSION_OK);
	assert_string_equal(served->out, "id: user-b@abc.com\n");
	assert_int_equal(command(served, "battery staple\n", "subscriber passwd user-b@abc.com"),
			 SESSION_OK);
	assert_string_equal(served->out, "");
	assert_int_equal(command(served, "", "subscriber passwd user-b@abc.com"), SESSION_PASSWORD);
}

static void refusals_and_mistakes_have_their_statuses(void **state)
{
	struct served *served = *state;

	assert_int_equal(command(served, "", "policy delete 5"), SESSION_REFUSED);
	assert_int_equal(command(served, "", "policy frobnicate"), SESSION_USAGE);
	assert_int_equal(command(served, "", "show counters"), SESSION_REFUSED);
	kill(served->child, SIGKILL);
	assert_int_equal(command(served, "", "policy list"), SESSION_NO_LINK);
}

static void answers_can_be_json(void **state)
{
	struct served *served = *state;
	json_t *list;

	assert_int_equal(command(served, "", "policy add 3 allow any @xyz.com"), SESSION_OK);
	served->session.is_json = true;
	assert_int_equal(command(served, "", "policy list"), SESSION_OK);
	list = json_loads(served->out, 0, NULL);
	assert_int_equal(json_array_size(list), 1);
	assert_string_equal(json_string_value(json_object_get(json_array_get(list, 0), "callee")),
			    "@xyz.com");
	json_decref(list);
	assert_int_equal(command(served, "", "policy delete 1"), SESSION_OK);
	assert_string_equal(served->out, "null\n");
}

static void socket_that_is_not_there_is_told(void **state)
{
	struct admin_link link;
	char many[300];

	(void)state;
	assert_int_equal(admin_link_open("/nonexistent/admin", &link), RESULT_IO);
	memset(many, 'x', sizeof(many));
	many[sizeof(many) - 1] = '\0';
	assert_int_equal(admin_link_open(many, &link), RESULT_BAD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SERVED_TEST(new_subscriber_gets_a_password_that_is_shown_once),
		SERVED_TEST(password_from_standard_input_is_not_shown),
		SERVED_TEST(refusals_and_mistakes_have_their_statuses),
		SERVED_TEST(answers_can_be_json),
		cmocka_unit_test(socket_that_is_not_there_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
