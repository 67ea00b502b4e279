#include "tests/unit/shared/sip_check.h"

#include "shared/base64url.h"
#include "shared/base64url_ways.h"

/* RFC 4648 10, and two values that use the last two characters. */
static const struct {
	const char *bytes, *plain, *url;
} vectors[] = {
	{"", "", ""},
	{"f", "Zg==", "Zg"},
	{"fo", "Zm8=", "Zm8"},
	{"foo", "Zm9v", "Zm9v"},
	{"foob", "Zm9vYg==", "Zm9vYg"},
	{"fooba", "Zm9vYmE=", "Zm9vYmE"},
	{"foobar", "Zm9vYmFy", "Zm9vYmFy"},
	{"\xfb\xff", "+/8=", "-_8"},
	{"\xff\xef\xbe", "/+++", "_---"},
};

static void published_vectors_encode(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(vectors); i++) {
		size_t len = strlen(vectors[i].bytes);
		char buffer[32];
		struct writer w = writer_make(buffer, BASE64URL_CHARS(len));
		struct writer v = writer_make(buffer + 16, BASE64_CHARS(len));

		base64url_encode(&w, vectors[i].bytes, len);
		base64_encode(&v, vectors[i].bytes, len);
		assert_false(w.is_full);
		assert_false(v.is_full);
		assert_slice(slice_make(w.at, w.len), vectors[i].url);
		assert_slice(slice_make(v.at, v.len), vectors[i].plain);
	}
}

static void published_vectors_decode(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(vectors); i++) {
		size_t want = strlen(vectors[i].bytes), len = 99;
		char out[8];

		assert_int_equal(base64url_decode(text_slice(vectors[i].url), out, want, &len),
				 RESULT_OK);
		assert_int_equal(len, want);
		assert_memory_equal(out, vectors[i].bytes, want);
		assert_int_equal(base64_decode(text_slice(vectors[i].plain), out, want, &len),
				 RESULT_OK);
		assert_int_equal(len, want);
		assert_memory_equal(out, vectors[i].bytes, want);
	}
}

static void every_byte_comes_back(void **state)
{
	unsigned char bytes[256], out[256];
	char text[BASE64_CHARS(256)];
	size_t out_len;

	(void)state;
	for (unsigned i = 0; i < 256; i++)
		bytes[i] = (unsigned char)(i * 7 + 3);
	for (size_t len = 0; len <= 256; len++) {
		struct writer w = writer_make(text, sizeof(text));

		base64url_encode(&w, bytes, len);
		assert_int_equal(w.len, BASE64URL_CHARS(len));
		assert_int_equal(base64url_decode(slice_make(text, w.len), out, len, &out_len),
				 RESULT_OK);
		assert_int_equal(out_len, len);
		assert_memory_equal(out, bytes, len);
		w = writer_make(text, sizeof(text));
		base64_encode(&w, bytes, len);
		assert_int_equal(w.len, BASE64_CHARS(len));
		assert_int_equal(base64_decode(slice_make(text, w.len), out, len, &out_len),
				 RESULT_OK);
		assert_int_equal(out_len, len);
		assert_memory_equal(out, bytes, len);
	}
}

static void a_second_spelling_of_a_value_is_refused(void **state)
{
	static const char *const bad_url[] = {"Z",    "Zh",	 "Zm9",	  "Zg==", "Zm9v\n", "Zm 9v",
					      "Zm9+", "Zm9vYmF", "Z\xe9", "=",	  "Zm9vA",  "Zm9/"};
	static const char *const bad_plain[] = {"Zg",	"Zg=",	    "Zh==",    "Zm9=",
						"Zm8",	"Z===",	    "====",    "=",
						"Zm9-", "Zg==Zg==", "Zm8=Zm8="};
	char out[16];
	size_t len;

	(void)state;
	for (size_t i = 0; i < COUNT(bad_url); i++)
		assert_row(bad_url[i], base64url_decode(text_slice(bad_url[i]), out, sizeof(out),
							&len) == RESULT_BAD);
	for (size_t i = 0; i < COUNT(bad_plain); i++)
		assert_row(bad_plain[i], base64_decode(text_slice(bad_plain[i]), out, sizeof(out),
						       &len) == RESULT_BAD);
}

/* The decoder takes sixteen characters a step: each place of a step, and the rest behind it. */
static void every_foreign_character_is_refused_at_every_place(void **state)
{
	static const char alphabet[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	char text[40], out[30];
	size_t len;

	(void)state;
	for (size_t place = 0; place < sizeof(text); place++) {
		for (unsigned c = 0; c < 256; c++) {
			bool is_known = c != 0 && strchr(alphabet, (int)c) != NULL;

			memset(text, 'x', sizeof(text));
			text[place] = (char)c;
			assert_int_equal(base64url_decode(slice_make(text, sizeof(text)), out,
							  sizeof(out), &len),
					 is_known ? RESULT_OK : RESULT_BAD);
		}
	}
}

static void more_than_the_room_is_refused_before_it_is_written(void **state)
{
	char out[4] = "...";
	size_t len;

	(void)state;
	assert_int_equal(base64url_decode(SLICE("Zm9v"), out, 2, &len), RESULT_SPACE);
	assert_int_equal(base64_decode(SLICE("Zm9vYg=="), out, 3, &len), RESULT_SPACE);
	assert_string_equal(out, "...");
}

static const struct base64_alphabet alphabets[] = {{'-', '_'}, {'+', '/'}};

#define ROOM_MORE 70 /* more than a step takes */

/* Where the machine has both ways, they are one: every length, with just the room and with more, and nothing
 * written behind the room. */
static void vectors_and_words_write_the_same(void **state)
{
	unsigned char bytes[200];

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (unsigned char)(i * 151 + (i >> 3));
	for (size_t len = 0; base64_vectors_are_possible() && len <= sizeof(bytes); len++) {
		char by_words[BASE64URL_CHARS(200) + 1];
		const struct base64_alphabet *alphabet = &alphabets[len % 2];
		size_t want = BASE64URL_CHARS(len);

		memset(by_words, '.', sizeof(by_words));
		base64_words_encode(bytes, len, *alphabet, by_words);
		assert_int_equal(by_words[want], '.');
		for (size_t more = 0; more <= ROOM_MORE; more += 7) {
			char by_vectors[BASE64URL_CHARS(200) + ROOM_MORE + 1];

			memset(by_vectors, '.', sizeof(by_vectors));
			base64_vectors_encode(bytes, len, *alphabet, by_vectors, want + more);
			assert_memory_equal(by_vectors, by_words, want);
			assert_int_equal(by_vectors[want + more], '.');
		}
	}
}

static void vectors_and_words_read_the_same(void **state)
{
	char text[140];

	(void)state;
	for (size_t len = 0; base64_vectors_are_possible() && len <= sizeof(text); len++) {
		if (len % 4 == 1)
			continue;
		for (unsigned value = 0; value < 256; value++) {
			const struct base64_alphabet *alphabet = &alphabets[value % 2];
			unsigned char by_vectors[108 + ROOM_MORE], by_words[108];
			size_t want = len * 3 / 4, room = want + (value * 3 + len) % ROOM_MORE;
			bool is_legal;

			for (size_t i = 0; i < len; i++)
				text[i] = "QzB9"[(i + value) % 4];
			/* One of any value, somewhere. */
			if (len > 0)
				text[(value * 7 + len) % len] = (char)value;
			memset(by_vectors, '.', sizeof(by_vectors));
			memset(by_words, '.', sizeof(by_words));
			is_legal = base64_words_decode(text, len, *alphabet, by_words);
			assert_int_equal(base64_vectors_decode(text, len, *alphabet, by_vectors, room),
					 is_legal);
			if (is_legal)
				assert_memory_equal(by_vectors, by_words, want);
			assert_int_equal(by_words[want], '.');
			assert_int_equal(by_vectors[room], '.');
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(published_vectors_encode),
		cmocka_unit_test(published_vectors_decode),
		cmocka_unit_test(every_byte_comes_back),
		cmocka_unit_test(a_second_spelling_of_a_value_is_refused),
		cmocka_unit_test(every_foreign_character_is_refused_at_every_place),
		cmocka_unit_test(more_than_the_room_is_refused_before_it_is_written),
		cmocka_unit_test(vectors_and_words_write_the_same),
		cmocka_unit_test(vectors_and_words_read_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
