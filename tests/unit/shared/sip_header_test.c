#include "tests/unit/shared/sip_check.h"

#include <ctype.h>

#include "shared/sip/header.h"

static const struct {
	enum sip_header id;
	char compact;
} headers[] = {
#define HEADER_ROW(id, name, compact) {SIP_HEADER_##id, compact},
	SIP_HEADERS(HEADER_ROW)
#undef HEADER_ROW
};

static void every_name_is_found_in_any_case(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(headers); i++) {
		struct slice name = sip_header_name(headers[i].id);
		char upper[32], lower[32];

		assert_in_range(name.len, 2, sizeof(upper));
		for (size_t j = 0; j < name.len; j++) {
			upper[j] = (char)toupper(name.at[j]);
			lower[j] = (char)tolower(name.at[j]);
		}
		assert_int_equal(sip_header_find(name), headers[i].id);
		assert_int_equal(sip_header_find(slice_make(upper, name.len)), headers[i].id);
		assert_int_equal(sip_header_find(slice_make(lower, name.len)), headers[i].id);
	}
}

static void compact_forms_are_those_and_no_others(void **state)
{
	enum sip_header want[256] = {0};

	(void)state;
	for (size_t i = 0; i < COUNT(headers); i++) {
		if (headers[i].compact == 0)
			continue;
		assert_int_equal(want[(unsigned char)headers[i].compact], SIP_HEADER_OTHER);
		want[(unsigned char)headers[i].compact] = headers[i].id;
		want[toupper(headers[i].compact)] = headers[i].id;
	}
	for (int c = 0; c < 256; c++) {
		char name = (char)c;

		assert_int_equal(sip_header_find(slice_make(&name, 1)), want[c]);
	}
	assert_int_equal(sip_header_find(SLICE("v")), SIP_HEADER_VIA);
	assert_int_equal(sip_header_find(SLICE("L")), SIP_HEADER_CONTENT_LENGTH);
}

/* Nothing less than the whole name counts: no prefix, no longer name, no changed character. */
static void names_are_compared_whole(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(headers); i++) {
		struct slice name = sip_header_name(headers[i].id);
		char changed[32];

		if (name.len > 2) /* "T" is To by its compact form */
			assert_int_not_equal(sip_header_find(slice_make(name.at, name.len - 1)),
					     headers[i].id);
		memcpy(changed, name.at, name.len);
		changed[name.len] = 'x';
		assert_int_equal(sip_header_find(slice_make(changed, name.len + 1)),
				 SIP_HEADER_OTHER);
		for (size_t j = 0; j < name.len; j++) {
			changed[j] ^= 0x01;
			assert_int_not_equal(sip_header_find(slice_make(changed, name.len)),
					     headers[i].id);
			changed[j] ^= 0x01;
		}
	}
	assert_int_equal(sip_header_find(SLICE("")), SIP_HEADER_OTHER);
	assert_int_equal(sip_header_find(SLICE("X-A-Name-That-Is-Longer-Than-Any")),
			 SIP_HEADER_OTHER);
}

static void every_header_has_a_bit(void **state)
{
	(void)state;
	assert_in_range(SIP_HEADER_COUNT, 2, 64);
	assert_slice(sip_header_name(SIP_HEADER_OTHER), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_name_is_found_in_any_case),
		cmocka_unit_test(compact_forms_are_those_and_no_others),
		cmocka_unit_test(names_are_compared_whole),
		cmocka_unit_test(every_header_has_a_bit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
