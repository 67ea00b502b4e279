#include "tests/unit/shared/sip_check.h"

#include "shared/sip/edit.h"
#include "tests/edit_apply.h"

static struct sip_edit edit;

static void assert_applied(const char *text, size_t cap, const char *want)
{
	char buffer[256];
	size_t len = strlen(text), out_len = 0;

	memset(buffer, '#', sizeof(buffer));
	memcpy(buffer, text, len);
	assert_int_equal(edit_apply(&edit, buffer, len, cap, &out_len), RESULT_OK);
	assert_slice(slice_make(buffer, out_len), want);
	assert_int_equal((long)out_len, (long)len + edit.growth);
	assert_int_equal(buffer[cap], '#');
}

static void changes_apply_whatever_order_they_came_in(void **state)
{
	(void)state;
	sip_edit_begin(&edit);
	sip_edit_change(&edit, 8, 2, SLICE("XYZ"));
	sip_edit_change(&edit, 0, 0, SLICE("<"));
	sip_edit_change(&edit, 2, 3, SLICE(""));
	sip_edit_change(&edit, 10, 0, SLICE(">"));
	assert_applied("0123456789", 20, "<01567XYZ>");
}

static void no_change_changes_nothing(void **state)
{
	(void)state;
	sip_edit_begin(&edit);
	assert_applied("0123", 4, "0123");
	assert_applied("", 0, "");
}

static void insertions_at_one_place_keep_their_order(void **state)
{
	(void)state;
	sip_edit_begin(&edit);
	sip_edit_change(&edit, 2, 0, SLICE("a"));
	sip_edit_change(&edit, 2, 1, SLICE("c"));
	sip_edit_change(&edit, 2, 0, SLICE("b"));
	sip_edit_change(&edit, 3, 0, SLICE("d"));
	assert_applied("0123", 20, "01abcd3");
}

static void what_is_written_between_open_and_close_is_inserted(void **state)
{
	struct writer *w;

	(void)state;
	sip_edit_begin(&edit);
	sip_edit_change(&edit, 1, 0, SLICE("x"));
	w = sip_edit_open(&edit);
	writer_u32(w, 42);
	WRITER_LITERAL(w, "!");
	sip_edit_close(&edit, 0, 1);
	assert_applied("01", 20, "42!x1");
}

/* It is read when the edit is applied, its length alone counts, and it keeps its place among
 * others. */
static void what_is_lent_is_inserted_as_it_is_then(void **state)
{
	char lent[2 * SIP_EDIT_STRIDE];

	(void)state;
	memset(lent, '?', sizeof(lent));
	sip_edit_begin(&edit);
	sip_edit_change(&edit, 2, 0, SLICE("x"));
	sip_edit_lend(&edit, 2, 1, slice_make(lent, 3));
	sip_edit_lend(&edit, 0, 0, slice_make(lent + SIP_EDIT_STRIDE, 0));
	memcpy(lent, "abcd", 4);
	assert_applied("0123", 20, "01xabc3");
}

static void overlapping_changes_are_refused(void **state)
{
	static const uint16_t rows[][2] = {{4, 1}, {5, 0}, {2, 3}, {0, 10}, {6, 3}, {3, 5}};
	char buffer[16 + SIP_EDIT_STRIDE] = "0123456789";
	size_t len = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		sip_edit_begin(&edit);
		sip_edit_change(&edit, 4, 3, SLICE("x"));
		sip_edit_change(&edit, rows[i][0], rows[i][1], SLICE("y"));
		sip_edit_change(&edit, 9, 0, SLICE("z"));
		assert_int_equal(edit_apply(&edit, buffer, 10, 16, &len), RESULT_BAD);
		assert_string_equal(buffer, "0123456789");
	}
}

static void a_change_beyond_the_message_is_refused(void **state)
{
	char buffer[16 + SIP_EDIT_STRIDE] = "0123";
	size_t len = 0;

	(void)state;
	sip_edit_begin(&edit);
	sip_edit_change(&edit, 4, 1, SLICE(""));
	assert_int_equal(edit_apply(&edit, buffer, 4, 16, &len), RESULT_BAD);
	sip_edit_begin(&edit);
	sip_edit_change(&edit, 65535, 65535, SLICE(""));
	assert_int_equal(edit_apply(&edit, buffer, 4, 16, &len), RESULT_BAD);
}

static void what_does_not_fit_touches_nothing(void **state)
{
	char buffer[8 + SIP_EDIT_STRIDE] = "0123456";
	size_t len = 0;

	(void)state;
	sip_edit_begin(&edit);
	sip_edit_change(&edit, 0, 0, SLICE("ab"));
	sip_edit_change(&edit, 4, 1, SLICE(""));
	assert_int_equal(edit_apply(&edit, buffer, 7, 7, &len), RESULT_SPACE);
	assert_string_equal(buffer, "0123456");
	assert_int_equal(edit_apply(&edit, buffer, 7, 8, &len), RESULT_OK);
	assert_int_equal(len, 8);
	assert_memory_equal(buffer, "ab012356", 8);
}

static void too_many_changes_or_too_much_text_stick(void **state)
{
	static char text[SIP_EDIT_ARENA_BYTES + 1];
	char buffer[64 + SIP_EDIT_STRIDE] = "0";
	size_t len = 0;

	(void)state;
	sip_edit_begin(&edit);
	for (unsigned i = 0; i <= SIP_EDIT_CHANGES; i++)
		sip_edit_change(&edit, 0, 0, SLICE("x"));
	assert_int_equal(edit_apply(&edit, buffer, 1, 64, &len), RESULT_SPACE);
	sip_edit_begin(&edit);
	sip_edit_change(&edit, 0, 0, slice_make(text, sizeof(text)));
	sip_edit_change(&edit, 0, 0, SLICE("x"));
	assert_int_equal(edit_apply(&edit, buffer, 1, 64, &len), RESULT_SPACE);
	assert_string_equal(buffer, "0");
}

/* What stands behind the arena is for whole strides to read, and no room for text. */
static void text_may_fill_the_arena_and_no_more(void **state)
{
	static char text[SIP_EDIT_ARENA_BYTES], room[2 * SIP_EDIT_ARENA_BYTES + SIP_EDIT_STRIDE];
	size_t len = 0;

	(void)state;
	memset(text, 'x', sizeof(text));
	sip_edit_begin(&edit);
	sip_edit_change(&edit, 0, 0, slice_make(text, sizeof(text)));
	assert_int_equal(edit_apply(&edit, room, 1, 2 * SIP_EDIT_ARENA_BYTES, &len), RESULT_OK);
	assert_int_equal(len, sizeof(text) + 1);
	assert_memory_equal(room, text, sizeof(text));
	sip_edit_change(&edit, 0, 0, SLICE("x"));
	assert_int_equal(edit_apply(&edit, room, 1, 2 * SIP_EDIT_ARENA_BYTES, &len), RESULT_SPACE);
}

/* One change at a time, last first, each with a copy of the whole: slow and plainly right. */
static size_t naive_apply(const struct sip_edit *changes, char *at, size_t len)
{
	char copy[1024];

	for (unsigned i = changes->count; i-- > 0;) {
		const struct sip_edit_change *change = &changes->changes[i];
		size_t tail = (size_t)change->offset + change->remove;

		memcpy(copy, at, len);
		memcpy(at + change->offset, change->text, change->insert);
		memcpy(at + change->offset + change->insert, copy + tail, len - tail);
		len = len - change->remove + change->insert;
	}
	return len;
}

static void random_edits_equal_the_naive_ones(void **state)
{
	uint32_t random = 99;

	(void)state;
	for (unsigned round = 0; round < 20000; round++) {
		char ours[1024 + SIP_EDIT_STRIDE], naive[1024], text[16];
		size_t len = 1 + round % 200, ours_len = 0, naive_len;
		unsigned at = 0;

		for (size_t i = 0; i < len; i++)
			ours[i] = naive[i] = (char)('!' + i % 90);
		sip_edit_begin(&edit);
		while (edit.count < SIP_EDIT_CHANGES) {
			unsigned remove, insert;

			random = random * 1664525 + 1013904223;
			at += random >> 8 & 31;
			remove = (random >> 14 & 1) != 0 ? random >> 16 & 15 : 0;
			insert = (random >> 15 & 1) != 0 ? random >> 24 & 15 : 0;
			if (at + remove > len)
				break;
			memset(text, (int)('A' + edit.count), sizeof(text));
			sip_edit_change(&edit, (uint16_t)at, (uint16_t)remove,
					slice_make(text, insert));
			at += remove;
		}
		naive_len = naive_apply(&edit, naive, len);
		assert_int_equal(edit_apply(&edit, ours, len, 1024, &ours_len),
				 RESULT_OK);
		assert_int_equal(ours_len, naive_len);
		assert_memory_equal(ours, naive, ours_len);
	}
}

/* To the left, to the right and elsewhere: with what stands behind it left alone. */
static void the_changed_message_stands_where_it_is_wanted(void **state)
{
	static const size_t places[] = {0, 1, 40, 63, 64, 65, 90, 300};
	char text[100], want[256];
	size_t want_len;

	(void)state;
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (char)('!' + i % 90);
	sip_edit_begin(&edit);
	sip_edit_change(&edit, 3, 2, SLICE("what is new and longer than a stride of the edit"));
	sip_edit_change(&edit, 50, 0, SLICE("x"));
	sip_edit_change(&edit, 60, 9, SLICE(""));
	memcpy(want, text, sizeof(text));
	want_len = naive_apply(&edit, want, sizeof(text));
	for (size_t i = 0; i < COUNT(places); i++) {
		char room[512];

		memset(room, '#', sizeof(room));
		memcpy(room + 64, text, sizeof(text));
		sip_edit_put(&edit, room + 64, sizeof(text), room + places[i]);
		assert_memory_equal(room + places[i], want, want_len);
		if (places[i] + want_len >= 64 + sizeof(text))
			assert_int_equal(room[places[i] + want_len], '#');
		if (places[i] > 0 && places[i] <= 64)
			assert_int_equal(room[places[i] - 1], '#');
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(changes_apply_whatever_order_they_came_in),
		cmocka_unit_test(no_change_changes_nothing),
		cmocka_unit_test(insertions_at_one_place_keep_their_order),
		cmocka_unit_test(what_is_written_between_open_and_close_is_inserted),
		cmocka_unit_test(what_is_lent_is_inserted_as_it_is_then),
		cmocka_unit_test(overlapping_changes_are_refused),
		cmocka_unit_test(a_change_beyond_the_message_is_refused),
		cmocka_unit_test(what_does_not_fit_touches_nothing),
		cmocka_unit_test(too_many_changes_or_too_much_text_stick),
		cmocka_unit_test(text_may_fill_the_arena_and_no_more),
		cmocka_unit_test(the_changed_message_stands_where_it_is_wanted),
		cmocka_unit_test(random_edits_equal_the_naive_ones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
