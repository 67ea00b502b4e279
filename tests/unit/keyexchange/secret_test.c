#include "shared/keyexchange/secret.h"

#include "tests/unit/shared/sip_check.h"

static void a_wiped_secret_holds_zeros(void **state)
{
	(void)state;
	static const uint8_t zeros[SECRET_BYTES];
	struct secret secret;
	char password[] = "xyzzy";

	memset(&secret, 0xa5, sizeof(secret));
	secret_wipe(&secret);
	assert_memory_equal(secret.bytes, zeros, SECRET_BYTES);
	secret_wipe_bytes(password, sizeof(password));
	assert_memory_equal(password, zeros, sizeof(password));
}

static void secrets_are_equal_only_if_every_byte_is(void **state)
{
	(void)state;
	struct secret a = {.bytes = {1, 2, 3}}, b = a;

	assert_true(secret_is_equal(&a, &b, SECRET_BYTES));
	for (size_t i = 0; i < SECRET_BYTES; i++) {
		b.bytes[i] ^= 0x80;
		assert_false(secret_is_equal(&a, &b, SECRET_BYTES));
		b.bytes[i] ^= 0x80;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_wiped_secret_holds_zeros),
		cmocka_unit_test(secrets_are_equal_only_if_every_byte_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
