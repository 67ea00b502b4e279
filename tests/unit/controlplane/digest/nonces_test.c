#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "controlplane/digest/nonces.h"

#define NOW 1000000

static const struct sip_address source = {.family = 4, .port = 5060, .bytes = {192, 0, 2, 1}};
static const struct nonce_use invite = {.request = 1, .call = 10};

static int make(void **state)
{
	struct nonces *nonces;

	assert_int_equal(nonces_create(random_system(), &nonces), RESULT_OK);
	*state = nonces;
	return 0;
}

static int end(void **state)
{
	nonces_destroy(*state);
	return 0;
}

struct text {
	char at[NONCE_CHARS];
};

static struct text made(struct nonces *nonces)
{
	struct text text;

	assert_int_equal(nonces_make(nonces, &source, NOW, text.at), RESULT_OK);
	return text;
}

static struct slice slice_of(const struct text *text)
{
	return slice_make(text->at, NONCE_CHARS);
}

static void nonce_is_right_for_one_request_and_its_repetitions(void **state)
{
	const struct nonce_use other = {.request = 2, .call = 20};
	const struct nonce_use ack = {.request = 3, .call = 10}; /* a branch of its own */
	struct text text = made(*state);
	struct slice nonce = slice_of(&text);

	assert_int_equal(nonces_check(*state, nonce, &source, &invite, false, NOW), NONCE_RIGHT);
	nonces_spend(*state, nonce, &invite);
	assert_int_equal(nonces_check(*state, nonce, &source, &invite, false, NOW + 3600),
			 NONCE_RIGHT);
	assert_int_equal(nonces_check(*state, nonce, &source, &ack, true, NOW + 3600), NONCE_RIGHT);
	assert_int_equal(nonces_check(*state, nonce, &source, &ack, false, NOW), NONCE_SPENT);
	assert_int_equal(nonces_check(*state, nonce, &source, &other, false, NOW), NONCE_SPENT);
	assert_int_equal(nonces_check(*state, nonce, &source, &other, true, NOW), NONCE_SPENT);
}

static void ack_alone_uses_no_nonce(void **state)
{
	struct text text = made(*state);

	assert_int_equal(nonces_check(*state, slice_of(&text), &source, &invite, true, NOW),
			 NONCE_STALE);
}

static void nonce_expires_and_is_bound_to_its_source(void **state)
{
	struct sip_address elsewhere = source;
	struct text text = made(*state);
	struct slice nonce = slice_of(&text);

	assert_int_equal(
		nonces_check(*state, nonce, &source, &invite, false, NOW + NONCE_LIFETIME_S),
		NONCE_RIGHT);
	assert_int_equal(
		nonces_check(*state, nonce, &source, &invite, false, NOW + NONCE_LIFETIME_S + 1),
		NONCE_STALE);
	elsewhere.port++;
	assert_int_equal(nonces_check(*state, nonce, &elsewhere, &invite, false, NOW),
			 NONCE_FOREIGN);
	elsewhere = source;
	elsewhere.bytes[3]++;
	assert_int_equal(nonces_check(*state, nonce, &elsewhere, &invite, false, NOW),
			 NONCE_FOREIGN);
}

static void changed_or_strange_texts_are_foreign(void **state)
{
	struct text text = made(*state), changed;

	for (size_t i = 0; i < NONCE_CHARS; i++) {
		changed = text;
		changed.at[i] = changed.at[i] == 'A' ? 'B' : 'A';
		assert_int_equal(
			nonces_check(*state, slice_of(&changed), &source, &invite, false, NOW),
			NONCE_FOREIGN);
	}
	for (size_t length = 0; length < NONCE_CHARS; length++)
		assert_int_equal(nonces_check(*state, slice_make(text.at, length), &source, &invite,
					      false, NOW),
				 NONCE_FOREIGN);
	assert_int_equal(nonces_check(*state, SLICE("!!!!"), &source, &invite, false, NOW),
			 NONCE_FOREIGN);
}

static void nonce_of_another_start_is_foreign(void **state)
{
	struct text text = made(*state);
	struct nonces *others;

	assert_int_equal(nonces_create(random_system(), &others), RESULT_OK);
	assert_int_equal(nonces_check(others, slice_of(&text), &source, &invite, false, NOW),
			 NONCE_FOREIGN);
	nonces_destroy(others);
}

/* The table is full of newer ones: an old one is never taken for unused. */
static void forgotten_nonce_is_stale_and_never_right_again(void **state)
{
	struct text first = made(*state), text;
	uint32_t i;

	nonces_spend(*state, slice_of(&first), &invite);
	for (i = 0; i < NONCE_USES; i++) {
		text = made(*state);
		nonces_spend(*state, slice_of(&text), &invite);
	}
	assert_int_equal(nonces_check(*state, slice_of(&first), &source, &invite, false, NOW),
			 NONCE_STALE);
	nonces_spend(*state, slice_of(&text), &invite);
	assert_int_equal(nonces_check(*state, slice_of(&text), &source, &invite, false, NOW),
			 NONCE_RIGHT);
}

#define NONCE_TEST(name) cmocka_unit_test_setup_teardown(name, make, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		NONCE_TEST(nonce_is_right_for_one_request_and_its_repetitions),
		NONCE_TEST(ack_alone_uses_no_nonce),
		NONCE_TEST(nonce_expires_and_is_bound_to_its_source),
		NONCE_TEST(changed_or_strange_texts_are_foreign),
		NONCE_TEST(nonce_of_another_start_is_foreign),
		NONCE_TEST(forgotten_nonce_is_stale_and_never_right_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
