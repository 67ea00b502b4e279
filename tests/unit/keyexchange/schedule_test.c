#include "shared/keyexchange/schedule.h"

#include "tests/unit/shared/sip_check.h"
#include "tests/unit/keyexchange/vectors.h"

static struct secret secret_of(struct vectors *v, const char *name)
{
	struct slice s = vectors_value(v, name);
	struct secret out;

	assert_int_equal(s.len, SECRET_BYTES);
	memcpy(out.bytes, s.at, SECRET_BYTES);
	return out;
}

static const uint8_t *bytes_of(struct vectors *v, const char *name)
{
	return (const uint8_t *)vectors_value(v, name).at;
}

static uint32_t spi_of(struct vectors *v, const char *name)
{
	const uint8_t *at = bytes_of(v, name);

	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static void the_keys_of_messages_are_those_of_the_page(void **state)
{
	struct vectors *v = *state;
	struct secret z = secret_of(v, "Z"), want = secret_of(v, "PRK"), prk, key;

	assert_int_equal(schedule_prk(bytes_of(v, "Ni"), bytes_of(v, "Ng"), &z, &prk), RESULT_OK);
	assert_memory_equal(prk.bytes, want.bytes, SECRET_BYTES);
	assert_int_equal(schedule_k3(&prk, bytes_of(v, "H12"), &key), RESULT_OK);
	assert_memory_equal(key.bytes, bytes_of(v, "K3"), SECRET_BYTES);
	assert_int_equal(schedule_k4(&prk, bytes_of(v, "H123"), bytes_of(v, "N4"), &key),
			 RESULT_OK);
	assert_memory_equal(key.bytes, bytes_of(v, "K4"), SECRET_BYTES);
}

static void the_keys_of_sas_are_those_of_the_page(void **state)
{
	struct vectors *v = *state;
	struct secret prk = secret_of(v, "PRK");

	for (unsigned number = 1; number <= SUITE_COUNT; number++) {
		const struct schedule_sa sa = {
			.suite = (enum suite)number,
			.spi_terminal = spi_of(v, "spi terminal"),
			.spi_gateway = spi_of(v, "spi gateway"),
			.h123 = bytes_of(v, "H123"),
			.n4 = bytes_of(v, "N4"),
		};

		for (unsigned d = SCHEDULE_FROM_TERMINAL; d <= SCHEDULE_TO_TERMINAL; d++) {
			static const uint8_t zeros[SUITE_KEY_BYTES];
			uint8_t keys[SUITE_KEY_BYTES];
			char name[32];
			struct slice want;

			snprintf(name, sizeof(name), "SA(%u) suite %u", d, number);
			want = vectors_value(v, name);
			assert_int_equal(want.len, suite_key_bytes(suite_find(number)));
			assert_int_equal(schedule_sa_keys(&prk, &sa, d, keys), RESULT_OK);
			assert_memory_equal(keys, want.at, want.len);
			assert_memory_equal(keys + want.len, zeros, SUITE_KEY_BYTES - want.len);
		}
	}
}

static void an_unknown_suite_has_no_keys(void **state)
{
	struct vectors *v = *state;
	struct secret prk = secret_of(v, "PRK");
	const struct schedule_sa sa = {
		.suite = 8, .h123 = bytes_of(v, "H123"), .n4 = bytes_of(v, "N4")};
	uint8_t keys[SUITE_KEY_BYTES];

	assert_int_equal(schedule_sa_keys(&prk, &sa, SCHEDULE_FROM_TERMINAL, keys), RESULT_BAD);
}

int main(void)
{
	struct vectors *vectors = vectors_create();
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_prestate(the_keys_of_messages_are_those_of_the_page, vectors),
		cmocka_unit_test_prestate(the_keys_of_sas_are_those_of_the_page, vectors),
		cmocka_unit_test_prestate(an_unknown_suite_has_no_keys, vectors),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	vectors_destroy(vectors);
	return failed;
}
