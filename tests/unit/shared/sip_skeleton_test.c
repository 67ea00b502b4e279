#include "tests/unit/shared/sip_check.h"

#include "tests/unit/shared/sip_same.h"

static const char first[] = "INVITE sip:b@xyz.com SIP/2.0\r\n"
			    "Via: SIP/2.0/UDP h.abc.com;branch=z9hG4bK1\r\n"
			    "X-Of-Our-Own: 1\r\n"
			    "From: <sip:a@abc.com>;tag=1\r\nTo: <sip:b@xyz.com>\r\n"
			    "Call-ID: c\r\nCSeq: 1 INVITE\r\nl: 0\r\n\r\n";

/* The same lines, each of another length. */
static const char second[] = "INVITE sip:bb@xyz.com SIP/2.0\r\n"
			     "Via: SIP/2.0/UDP h.abc.com;branch=z9hG4bK1234\r\n"
			     "X-Of-Our-Own: 12345\r\n"
			     "From: <sip:aaa@abc.com>;tag=11\r\nTo: <sip:bb@xyz.com>\r\n"
			     "Call-ID: cc\r\nCSeq: 12 INVITE\r\nl: 00\r\n\r\n";

/* Reads a head as the parser does, by the skeleton alone. */
static bool is_taken(struct sip_skeletons *skeletons, const char *text, struct sip_message *message)
{
	static struct sip_head head;

	message->base = text;
	message->len = (uint16_t)strlen(text);
	return sip_head_find(message, true, &head) &&
	       sip_skeleton_find(skeletons, &head.ends, message, &head.found);
}

/* And line by line, to be remembered. */
static void head_read(struct sip_skeletons *skeletons, const char *text)
{
	static struct sip_message message;
	static struct sip_head head;

	message.base = text;
	message.len = (uint16_t)strlen(text);
	assert_true(sip_head_find(&message, true, &head));
	assert_false(sip_skeleton_find(skeletons, &head.ends, &message, &head.found));
	assert_true(sip_head_read(&message, &head));
}

static void a_head_like_the_one_before_is_known(void **state)
{
	static struct sip_skeletons skeletons;
	static struct sip_message message, scalar;

	(void)state;
	assert_false(is_taken(&skeletons, first, &message));
	head_read(&skeletons, first);
	assert_true(is_taken(&skeletons, first, &message));
	assert_true(is_taken(&skeletons, second, &message));
	assert_int_equal(sip_message_parse_scalar(second, strlen(second), &scalar), SIP_VERDICT_OK);
	assert_true(lines_are_same(&message, &scalar));
}

/* One line of it otherwise, in a way that its length may not show. */
static void a_head_that_differs_in_one_line_is_not(void **state)
{
	static const struct {
		const char *from, *to;
	} changes[] = {
		{"Via:", "Vib:"},     {"X-Of-Our-Own:", "X-Of-Our-own:"},
		{"To:", "to:"},	      {"To: <", "To:  <"},
		{"To: <", "To :<"},   {"CSeq: 1", "CSeq:\t1"},
		{"l: 0", "l:  "},     {"Call-ID: c", "Call-ID:c "},
		{"From: ", "From ;"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(changes); i++) {
		static struct sip_skeletons skeletons;
		static struct sip_message message;
		size_t length = strlen(changes[i].to);
		char text[sizeof(first)];

		memset(&skeletons, 0, sizeof(skeletons));
		head_read(&skeletons, first);
		memcpy(text, first, sizeof(text));
		memcpy(strstr(text, changes[i].from), changes[i].to, length);
		assert_row(changes[i].to, !is_taken(&skeletons, text, &message));
	}
}

/* CR, LF or what is below them alone, wherever; a tab, which is below them, too. */
static void a_head_with_another_control_character_is_not(void **state)
{
	static const char control[] = {'\r', '\n', '\t', '\0', '\v', '\x1f'};

	(void)state;
	for (size_t at = 0; at + 1 < sizeof(first); at++) {
		for (size_t i = 0; i < sizeof(control); i++) {
			static struct sip_skeletons skeletons;
			static struct sip_message message;
			char text[sizeof(first)];

			memcpy(text, first, sizeof(text));
			if (text[at] == control[i])
				continue;
			memset(&skeletons, 0, sizeof(skeletons));
			head_read(&skeletons, first);
			text[at] = control[i];
			assert_null(sip_parse_difference(text, sizeof(text) - 1));
			/* 0x1f is none that is looked for: within a value it stands as well as any.
			 */
			if (control[i] != '\x1f')
				assert_false(is_taken(&skeletons, text, &message));
		}
	}
}

/* Of the same kind by all that tells kinds, with a last line that ends before the one that is
 * known. */
static void nothing_is_read_behind_a_line_that_is_shorter(void **state)
{
	static const char start[] = "INVITE sip:b@xyz.com SIP/2.0\r\n"
				    "Via: SIP/2.0/UDP h.abc.com;branch=z9hG4bK1\r\n"
				    "From: <sip:a@abc.com>;tag=1\r\nTo: <sip:b@xyz.com>\r\n"
				    "Call-ID: c\r\nCSeq: 1 INVITE\r\n";
	static const char *const ends[] = {"X-Something: 1\r\n\r\n", "X-So: 1\r\n\r\n",
					   "X-So:\r\n\r\n", "X-Something:\r\n\r\n"};

	(void)state;
	for (size_t i = 0; i < COUNT(ends); i++) {
		size_t length = strlen(start) + strlen(ends[i]);
		char *copy = malloc(length);

		assert_non_null(copy);
		memcpy(copy, start, strlen(start));
		memcpy(copy + strlen(start), ends[i], strlen(ends[i]));
		assert_null(sip_parse_difference(copy, length));
		free(copy);
	}
}

/* A head of up to `lines` lines "A: b", behind which nothing stands. */
static size_t long_head(unsigned lines, char *text)
{
	size_t length = (size_t)sprintf(text, "OPTIONS sip:somebody@somewhere.example SIP/2.0\r\n");

	for (unsigned i = 0; i < lines; i++)
		length += (size_t)sprintf(text + length, "Subject: %u\r\n", i);
	return length + (size_t)sprintf(text + length, "\r\n");
}

static void every_number_of_lines_is_read_the_same(void **state)
{
	(void)state;
	for (unsigned lines = 0; lines < 2 * SIP_SKELETON_LINES; lines++) {
		char text[2048], *copy;
		size_t length = long_head(lines, text);

		copy = malloc(length);
		assert_non_null(copy);
		memcpy(copy, text, length);
		assert_null(sip_parse_difference(copy, length));
		free(copy);
	}
}

static struct sip_skeletons known;
static struct sip_message message;
static struct sip_head head;

/* Kinds of one place. */
#define KIND(n) (UINT64_C(7) << 32 | (n))

static void kind_keep(uint64_t kind)
{
	message.base = first;
	message.len = sizeof(first) - 1;
	assert_true(sip_head_find(&message, true, &head));
	assert_true(sip_head_read(&message, &head));
	head.found.at = sip_skeleton_of(&known, kind);
	head.found.kind = kind;
	sip_skeleton_keep(&head.found, &message);
}

static bool kind_is_known(uint64_t kind)
{
	head.found.at = sip_skeleton_of(&known, kind);
	head.found.kind = kind;
	return sip_skeleton_take(&head.ends, &message, &head.found);
}

static void two_kinds_of_one_place_are_both_known(void **state)
{
	(void)state;
	memset(&known, 0, sizeof(known));
	kind_keep(KIND(1));
	assert_true(kind_is_known(KIND(1)));
	kind_keep(KIND(2));
	assert_true(kind_is_known(KIND(1)));
	assert_true(kind_is_known(KIND(2)));
	assert_ptr_not_equal(sip_skeleton_of(&known, KIND(1)), sip_skeleton_of(&known, KIND(2)));
	assert_false(kind_is_known(KIND(3)));
}

/* A kind that comes no more makes room for one that does, but not at once; one that comes does not.
 */
static void what_is_missed_again_and_again_is_forgotten(void **state)
{
	(void)state;
	memset(&known, 0, sizeof(known));
	kind_keep(KIND(1));
	kind_keep(KIND(2));
	for (unsigned i = 0; i < 3; i++) {
		kind_keep(KIND(3));
		assert_true(kind_is_known(KIND(2)));
	}
	kind_keep(KIND(3));
	assert_true(kind_is_known(KIND(3)));
	assert_true(kind_is_known(KIND(2)));
	assert_false(kind_is_known(KIND(1)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_head_like_the_one_before_is_known),
		cmocka_unit_test(a_head_that_differs_in_one_line_is_not),
		cmocka_unit_test(a_head_with_another_control_character_is_not),
		cmocka_unit_test(every_number_of_lines_is_read_the_same),
		cmocka_unit_test(nothing_is_read_behind_a_line_that_is_shorter),
		cmocka_unit_test(what_is_missed_again_and_again_is_forgotten),
		cmocka_unit_test(two_kinds_of_one_place_are_both_known),
	};

	if (!sip_vector_is_wide()) {
		print_message("no vectors of 64 bytes on this machine\n");
		return 77; /* skipped, in Meson's words */
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
