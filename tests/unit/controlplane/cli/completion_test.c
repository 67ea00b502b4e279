/* controlplane/cli/completion.c */
#include "controlplane/cli/completion.h"

#include "tests/unit/controlplane/cli/served.h"

static const char *const rekey[] = {"peer", "rekey"};

/* What it may become, of a control plane that says this; *asked is what it was asked. */
static void complete(const char *says, const char *beginning, struct completion *completion,
		     char asked[256])
{
	struct session session = {0};
	int ends[2];
	ssize_t got;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	session.link = (struct admin_link){.stream = fdopen(ends[0], "r"), .fd = ends[0]};
	assert_int_equal(write(ends[1], says, strlen(says)), (ssize_t)strlen(says));
	shutdown(ends[1], SHUT_WR);
	completion_find(&session, 2, rekey, beginning, completion);
	got = read(ends[1], asked, 255);
	assert_true(got > 0);
	asked[got] = '\0';
	admin_link_close(&session.link);
	close(ends[1]);
}

static void names_of_peers_and_of_their_gateways_are_each_offered_once(void **state)
{
	const char *says = "{\"ok\":true,\"result\":["
			   "{\"name\":\"xyz.com\",\"gateway\":\"b1.xyz.com\"},"
			   "{\"name\":\"xyz.com\",\"gateway\":\"b2.xyz.com\"},"
			   "{\"name\":\"other.com\",\"gateway\":\"other.com\"}]}\n";
	struct completion completion;
	char asked[256];

	(void)state;
	complete(says, "", &completion, asked);
	assert_string_equal(asked, "{\"command\":\"show peers\"}\n");
	assert_int_equal(completion.count, 4);
	assert_string_equal(completion.word[0], "xyz.com");
	assert_string_equal(completion.word[1], "b1.xyz.com");
	assert_string_equal(completion.word[2], "b2.xyz.com");
	assert_string_equal(completion.word[3], "other.com");
	complete(says, "b2", &completion, asked);
	assert_int_equal(completion.count, 1);
	assert_string_equal(completion.word[0], "b2.xyz.com");
}

static void odd_answers_offer_nothing(void **state)
{
	static const char *const answers[] = {
		"",
		"garbage\n",
		"{\"ok\":false,\"error\":\"no\"}\n",
		"{\"ok\":true,\"result\":7}\n",
		"{\"ok\":true,\"result\":[7,{},{\"name\":7}]}\n",
	};
	struct completion completion;
	char asked[256];

	(void)state;
	for (size_t i = 0; i < sizeof(answers) / sizeof(*answers); i++) {
		complete(answers[i], "", &completion, asked);
		assert_int_equal(completion.count, 0);
	}
}

static void more_names_than_there_is_room_for_are_left_out(void **state)
{
	char says[4096] = "{\"ok\":true,\"result\":[", asked[256];
	struct completion completion;

	(void)state;
	for (int i = 0; i < 40; i++)
		snprintf(says + strlen(says), sizeof(says) - strlen(says), "%s{\"name\":\"p%d\"}",
			 i > 0 ? "," : "", i);
	strcat(says, "]}\n");
	complete(says, "p", &completion, asked);
	assert_int_equal(completion.count, COMPLETIONS_MAX);
}

static void words_of_the_grammar_need_no_control_plane(void **state)
{
	struct served *served = *state;
	struct completion completion;

	completion_find(&served->session, 1, rekey, "re", &completion);
	assert_int_equal(completion.count, 1);
	assert_string_equal(completion.word[0], "rekey");
	/* it has no peers, which is nothing to say at a prompt */
	completion_find(&served->session, 2, rekey, "", &completion);
	assert_int_equal(completion.count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_of_peers_and_of_their_gateways_are_each_offered_once),
		cmocka_unit_test(odd_answers_offer_nothing),
		cmocka_unit_test(more_names_than_there_is_room_for_are_left_out),
		SERVED_TEST(words_of_the_grammar_need_no_control_plane),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
