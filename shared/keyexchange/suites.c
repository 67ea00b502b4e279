#include "shared/keyexchange/suites.h"

#include <stdbool.h>

#define NAME(literal)                                                                              \
	{                                                                                          \
		literal, sizeof(literal) - 1                                                       \
	}

static const struct suite_properties suites[SUITE_COUNT] = {
	{NAME("aes-128-gcm-16"), SUITE_AES_128_GCM_16, 16, 4, 0, 16, 3},
	{NAME("aes-256-gcm-16"), SUITE_AES_256_GCM_16, 32, 4, 0, 16, 3},
	{NAME("aes-128-cbc-hmac-sha-256-128"), SUITE_AES_128_CBC_HMAC_SHA_256_128, 16, 0, 32, 16,
	 3},
	{NAME("aes-128-cbc-hmac-sha-1-96"), SUITE_AES_128_CBC_HMAC_SHA_1_96, 16, 0, 20, 12, 3},
	{NAME("null-hmac-sha-256-128"), SUITE_NULL_HMAC_SHA_256_128, 0, 0, 32, 16, 2},
	{NAME("aes-256-cbc-hmac-sha-256-128"), SUITE_AES_256_CBC_HMAC_SHA_256_128, 32, 0, 32, 16,
	 3},
	{NAME("null-aes-128-gmac-16"), SUITE_NULL_AES_128_GMAC_16, 16, 4, 0, 16, 2},
};

const struct suite_properties *suite_find(unsigned number)
{
	return number >= 1 && number <= SUITE_COUNT ? &suites[number - 1] : NULL;
}

const struct suite_properties *suite_find_name(struct slice name)
{
	for (size_t i = 0; i < SUITE_COUNT; i++)
		if (slice_is_equal(suites[i].name, name))
			return &suites[i];
	return NULL;
}

static bool is_name(struct slice name)
{
	for (size_t i = 0; i < name.len; i++) {
		char c = name.at[i];

		if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '-')
			return false;
	}
	return name.len > 0;
}

bool suite_is_listed(const struct suite_list *list, enum suite suite)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->suite[i] == suite)
			return true;
	return false;
}

enum result suite_list_parse(struct slice text, struct suite_list *out)
{
	struct suite_list list = {.count = 0};

	for (size_t at = 0; at <= text.len;) {
		const char *comma = memchr(text.at + at, ',', text.len - at);
		size_t end = comma ? (size_t)(comma - text.at) : text.len;
		struct slice name = slice_make(text.at + at, end - at);
		const struct suite_properties *suite = suite_find_name(name);

		if (!is_name(name) || (suite && suite_is_listed(&list, suite->suite)))
			return RESULT_BAD;
		if (suite)
			list.suite[list.count++] = suite->suite;
		at = end + 1;
	}
	*out = list;
	return RESULT_OK;
}

enum result suite_choose(const struct suite_list *offered, const struct suite_list *allowed,
			 enum suite *out)
{
	for (size_t i = 0; i < offered->count; i++) {
		if (suite_is_listed(allowed, offered->suite[i])) {
			*out = offered->suite[i];
			return RESULT_OK;
		}
	}
	return RESULT_NOT_FOUND;
}
