#include "tests/unit/shared/sip_check.h"

#include "tests/unit/shared/sip_same.h"

#define REST                                                                                       \
	"Via: SIP/2.0/UDP h;branch=z9hG4bKx\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:c@d>\r\n"         \
	"Call-ID: e\r\nCSeq: 1 ACK\r\n\r\n"

/* A copy of exactly these bytes is read the same with vectors and without. */
static void assert_same(const char *at, size_t len)
{
	char *copy = malloc(len == 0 ? 1 : len);
	const char *difference;

	assert_non_null(copy);
	memcpy(copy, at, len);
	difference = sip_parse_difference(copy, len);
	if (difference != NULL)
		fail_msg("%s differs in \"%.*s\"", difference, (int)len, copy);
	free(copy);
}

static void a_plain_head_is_read_at_once(void **state)
{
	static const char text[] = "ACK sip:a@b SIP/2.0\r\nX-Other: 1\r\nv:\t SIP/2.0/UDP h \r\n"
				   "VIA:\r\n\r\nbody";
	struct sip_message message = {.base = text, .len = sizeof(text) - 1};
	struct sip_head head;

	(void)state;
	assert_true(sip_head_find(&message, false, &head));
	assert_true(sip_head_read(&message, &head));
	assert_int_equal(head.ends.at[0].cr, 19);
	assert_int_equal(message.line_count, 3);
	assert_slice(sip_message_body(&message), "body");
	assert_int_equal(message.lines[0].id, SIP_HEADER_OTHER);
	assert_int_equal(message.first[SIP_HEADER_VIA], 1);
	assert_int_equal(message.last[SIP_HEADER_VIA], 2);
	assert_slice(sip_message_line_value(&message, 1), "SIP/2.0/UDP h");
	assert_slice(sip_message_line_value(&message, 2), "");
	assert_true(head.found.repeated == UINT64_C(1) << SIP_HEADER_VIA);
}

static void any_other_head_is_left_alone(void **state)
{
	static const char *const heads[] = {
		"A\r\nB: c\r\n d\r\n\r\n", "A\r\nB: c\n\r\n\r\n", "A\r\nB: c\rd\r\n\r\n",
		"A\r\nB : c\r\n\r\n",	   "A\r\nB\r\n\r\n",	  "A\r\n: c\r\n\r\n",
		"A\r\nB: c\r\n",	   "A\r\nB: c\r\n\r",	  "A\r\n\tB: c\r\n\r\n",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(heads); i++) {
		struct sip_message message = {.base = heads[i], .len = (uint16_t)strlen(heads[i])};
		struct sip_head head;

		assert_row(heads[i], !sip_head_find(&message, false, &head) ||
					     !sip_head_read(&message, &head));
	}
}

static void any_bytes_are_the_same_without_vectors(void **state)
{
	static const char *const alphabets[] = {"\r\n: \tax", "\r\n\r\n\r\n:abcdefghijklmnop",
						"\r\nabcdefghijklmnopqrstuvwxyz0123456789: "};
	uint32_t random = 5;

	(void)state;
	for (unsigned round = 0; round < 30000; round++) {
		const char *alphabet = alphabets[round % COUNT(alphabets)];
		size_t len = round % 331, letters = strlen(alphabet);
		char text[331 + sizeof(REST)];

		for (size_t i = 0; i < len; i++) {
			random = random * 1664525 + 1013904223;
			text[i] = alphabet[(random >> 16) % letters];
		}
		memcpy(text + len, REST, sizeof(REST));
		assert_same(text, len);
		assert_same(text, len + sizeof(REST) - 1);
	}
}

/* Whole line ends, folds and colons at every place around the edges of blocks. */
static void every_place_in_a_block_is_like_any_other(void **state)
{
	static const char *const pieces[] = {"\r\nA: b\r\n",	  "\r\nA: b\r\n c\r\n",
					     "\r\nA\r: b\n\r\n",  "\r\nA: b\r\r\n",
					     "\r\nA: b\r\n \r\n", "\r\r\n\n",
					     "\r\nvia: a, b\r\n", "\r\nTo:b\r\n",
					     "\r\nA: b\r\n\r\n",  "\r\nContent-Length:\r\n",
					     "\r\nX-Z: b \t\r\n"};

	(void)state;
	for (size_t i = 0; i < COUNT(pieces); i++) {
		for (size_t before = 0; before < 200; before++) {
			char text[256 + sizeof(REST)] = "ACK sip:a@b";
			size_t len = before + strlen(pieces[i]);

			memset(text + 11, 'x', sizeof(text) - 11);
			memcpy(text + before, pieces[i], strlen(pieces[i]));
			memcpy(text + len, REST, sizeof(REST));
			for (size_t cut = 0; cut < sizeof(REST); cut++)
				assert_same(text, len + sizeof(REST) - 1 - cut);
		}
	}
}

/* Numbers and methods, where both are looked at before it is known that they are such. */
static void numbers_and_methods_are_the_same(void **state)
{
	static const char *const values[] = {
		"1 ACK",
		"12345678 ACK",
		"123456789 ACK",
		"2147483647 ACK",
		"2147483648 ACK",
		"1  ACK",
		"1\tACK",
		"1 BYE",
		"1 ACKK",
		"1 XACK",
		"x ACK",
		"1x ACK",
		" ACK",
		"ACK",
		"1ACK",
		"",
		"1",
		"1 ",
		"1 AC",
		"1 ack",
		"00000000 ACK",
		"-1 ACK",
		"70",
		"7",
		"256",
		"7x",
		"x7",
		"0 ",
	};
	char text[512];

	(void)state;
	for (size_t method = 0; method < 3; method++) {
		static const char *const methods[] = {"ACK", "X.Y-Z_12345678901234567890", "A"};

		for (size_t i = 0; i < COUNT(values) * COUNT(values); i++) {
			int len = snprintf(text, sizeof(text),
					   "%s sip:a@b SIP/2.0\r\nCSeq: %s\r\nMax-Forwards: %s\r\n"
					   "Via: SIP/2.0/UDP h;branch=z9hG4bKx\r\nFrom: "
					   "<sip:a@b>;tag=1\r\nTo: <sip:c@d>\r\nCall-ID: e\r\n\r\n",
					   methods[method], values[i % COUNT(values)],
					   values[i / COUNT(values)]);

			assert_same(text, (size_t)len);
		}
		for (size_t number = 0; number < 12; number++) {
			int len = snprintf(text, sizeof(text),
					   "%s sip:a@b SIP/2.0\r\nCSeq: %.*s %s\r\n"
					   "Via: SIP/2.0/UDP h;branch=z9hG4bKx\r\nFrom: "
					   "<sip:a@b>;tag=1\r\nTo: <sip:c@d>\r\nCall-ID: e\r\n\r\n",
					   methods[method], (int)number, "109876543210",
					   methods[method]);

			assert_same(text, (size_t)len);
		}
	}
}

static void status_lines_are_the_same(void **state)
{
	static const char *const lines[] = {
		"SIP/2.0 200 OK",   "SIP/2.0 200 ",    "SIP/2.0 200",	  "SIP/2.0 100 x",
		"SIP/2.0 099 x",    "SIP/2.0 699 x",   "SIP/2.0 700 x",	  "SIP/2.0 2000 x",
		"SIP/2.0 20 x",	    "SIP/2.0  200 OK", "sip/2.0 200 OK",  "SIP/2.1 200 OK",
		"SIP/2.0 2x0 OK",   "SIP/2.0 200\tOK", "SIP/2.0 200OK x", "SIP/2.0 -20 x",
		"SIP/2.0\t200 OK",  "SIP/2.0 ",	       "SIP/2.0",	  "SIP/2.0 200  two spaces",
		"SIP/2.0 200 \xc3", "SIP/2.00 200 OK", "SIP/2.0200 OK x", "SIP/2.0 486 Busy Here",
	};
	char text[256];

	(void)state;
	for (size_t i = 0; i < COUNT(lines); i++) {
		int len = snprintf(text, sizeof(text), "%s\r\n" REST, lines[i]);

		assert_same(text, (size_t)len);
	}
}

static void bounds_are_the_same(void **state)
{
	static char text[LIMIT_SIP_MESSAGE_BYTES + sizeof(REST)];

	(void)state;
	for (unsigned lines = 245; lines < 265; lines++) {
		size_t len = 3;

		memcpy(text, "a\r\n", 3);
		for (unsigned i = 0; i < lines; i++, len += 4)
			memcpy(text + len, "a:\r\n", 4);
		memcpy(text + len, REST, sizeof(REST));
		assert_same(text, len + sizeof(REST) - 1);
	}
	for (size_t i = 0; i + 4 <= LIMIT_SIP_MESSAGE_BYTES; i += 4)
		memcpy(text + i, "a:\r\n", 4);
	assert_same(text, LIMIT_SIP_MESSAGE_BYTES);
	for (const char *c = ":\r\nx"; *c != '\0'; c++) {
		memset(text, *c, LIMIT_SIP_MESSAGE_BYTES);
		assert_same(text, LIMIT_SIP_MESSAGE_BYTES);
	}
	memset(text, 'x', LIMIT_SIP_MESSAGE_BYTES);
	memcpy(text, "s\r\nA:", 5);
	memcpy(text + LIMIT_SIP_MESSAGE_BYTES - sizeof(REST) + 1, "\r\n", 2);
	memcpy(text + LIMIT_SIP_MESSAGE_BYTES - sizeof(REST) + 3, REST, sizeof(REST));
	for (size_t len = LIMIT_SIP_MESSAGE_BYTES - 70; len < LIMIT_SIP_MESSAGE_BYTES + 3; len++)
		assert_same(text, len);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_plain_head_is_read_at_once),
		cmocka_unit_test(any_other_head_is_left_alone),
		cmocka_unit_test(any_bytes_are_the_same_without_vectors),
		cmocka_unit_test(every_place_in_a_block_is_like_any_other),
		cmocka_unit_test(numbers_and_methods_are_the_same),
		cmocka_unit_test(status_lines_are_the_same),
		cmocka_unit_test(bounds_are_the_same),
	};

	if (!sip_vector_is_there()) {
		print_message("no vectors on this machine\n");
		return 77; /* skipped, in Meson's words */
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
