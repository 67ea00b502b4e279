#include "tests/unit/terminal/cmocka_setup.h"

#include <stdlib.h>
#include <string.h>

#include "terminal/esp/inner_fragments.h"
#include "terminal/esp/inner_ip.h"

#define MOST 1100

static const char *const hosts[][2] = {{"10.0.0.1", "192.0.2.2"},
				       {"2001:1234::10", "2001:6789::5060"}};

/* A packet of this length of UDP, cut. */
struct cut {
	struct sip_address from, to;
	uint8_t udp[INNER_FRAGMENTS_BYTES];
	uint8_t whole[INNER_IP_HEADER_BYTES + INNER_FRAGMENTS_BYTES];
	size_t udp_len, whole_len;
	uint8_t pieces[32][MOST];
	size_t lens[32];
	unsigned count;
};

static struct sip_address address(const char *text)
{
	struct sip_address address;

	assert_int_equal(sip_address_parse(slice_make(text, strlen(text)), &address), RESULT_OK);
	return address;
}

static void cut_make(struct cut *cut, unsigned family, size_t udp_len, uint32_t id)
{
	size_t header;
	bool is_last = false;

	memset(cut, 0, sizeof(*cut));
	cut->from = address(hosts[family][0]);
	cut->to = address(hosts[family][1]);
	cut->udp_len = udp_len;
	for (size_t i = 0; i < udp_len; i++)
		cut->udp[i] = (uint8_t)(i * 13 + id);
	assert_int_equal(inner_ip_build(&cut->from, &cut->to, udp_len, cut->whole, &header),
			 RESULT_OK);
	memcpy(cut->whole + header, cut->udp, udp_len);
	cut->whole_len = header + udp_len;
	while (!is_last) {
		assert_true(cut->count < 32);
		cut->lens[cut->count] =
			inner_fragments_cut(cut->whole, cut->whole_len, MOST, cut->count, id,
					    cut->pieces[cut->count], &is_last);
		assert_in_range(cut->lens[cut->count], 1, MOST);
		cut->count++;
	}
}

static enum result take(struct inner_fragments *fragments, const struct cut *cut, unsigned piece,
			uint64_t now_ms, const uint8_t **udp, size_t *len)
{
	return inner_fragments_take(fragments, now_ms, cut->pieces[piece], cut->lens[piece],
				    &cut->from, &cut->to, udp, len);
}

static void every_length_comes_out_in_any_order(void **state)
{
	static const size_t lens[] = {1, 8, 1000, MOST - 40, MOST - 20, 2000, 9001,
				      INNER_FRAGMENTS_BYTES};
	static struct inner_fragments fragments;
	static struct cut cut;

	(void)state;
	for (unsigned n = 0; n < 16; n++) {
		const uint8_t *udp;
		size_t len;

		cut_make(&cut, n % 2, lens[n / 2], n);
		for (unsigned i = 0; i < cut.count; i++) {
			unsigned piece = n % 3 == 0 ? i : cut.count - 1 - i;

			assert_int_equal(take(&fragments, &cut, piece, 1, &udp, &len),
					 i + 1 == cut.count ? RESULT_OK : RESULT_MORE);
		}
		assert_int_equal(len, cut.udp_len);
		assert_memory_equal(udp, cut.udp, len);
	}
}

static void datagrams_do_not_mix_and_the_oldest_gives_way(void **state)
{
	static struct inner_fragments fragments;
	static struct cut cuts[INNER_FRAGMENTS_DATAGRAMS + 1];
	const uint8_t *udp;
	size_t len;

	(void)state;
	for (unsigned i = 0; i <= INNER_FRAGMENTS_DATAGRAMS; i++) {
		cut_make(&cuts[i], 1, 1500 + i, i + 1);
		assert_int_equal(cuts[i].count, 2);
		assert_int_equal(take(&fragments, &cuts[i], 0, 10 + i, &udp, &len), RESULT_MORE);
	}
	assert_int_equal(take(&fragments, &cuts[2], 1, 20, &udp, &len), RESULT_OK);
	assert_memory_equal(udp, cuts[2].udp, cuts[2].udp_len);
	/* The first one had to go: its second half waits for a first that will not come. */
	assert_int_equal(take(&fragments, &cuts[0], 1, 21, &udp, &len), RESULT_MORE);
	/* And time ends what is not whole. */
	assert_int_equal(take(&fragments, &cuts[3], 1, 20 + INNER_FRAGMENTS_MS, &udp, &len),
			 RESULT_MORE);
}

static void what_overlaps_ends_its_datagram(void **state)
{
	static struct inner_fragments fragments;
	static struct cut cut;
	const uint8_t *udp;
	size_t len;

	(void)state;
	for (unsigned family = 0; family < 2; family++) {
		cut_make(&cut, family, 2500, 7);
		assert_int_equal(cut.count, 3);
		assert_int_equal(take(&fragments, &cut, 0, 1, &udp, &len), RESULT_MORE);
		assert_int_equal(take(&fragments, &cut, 0, 1, &udp, &len), RESULT_BAD);
		assert_int_equal(take(&fragments, &cut, 2, 1, &udp, &len), RESULT_MORE);
		assert_int_equal(take(&fragments, &cut, 1, 1, &udp, &len), RESULT_MORE);
		/* A second end, and a piece beyond the end. */
		assert_int_equal(take(&fragments, &cut, 2, 1, &udp, &len), RESULT_BAD);
		memset(&fragments, 0, sizeof(fragments));
	}
}

static void other_hosts_and_nonsense_are_refused(void **state)
{
	static struct inner_fragments fragments;
	static struct cut cut;
	const uint8_t *udp;
	size_t len;

	(void)state;
	for (unsigned family = 0; family < 2; family++) {
		cut_make(&cut, family, 1500, 7);
		cut.from.bytes[3] ^= 1;
		assert_int_equal(take(&fragments, &cut, 0, 1, &udp, &len), RESULT_DENIED);
		cut.from.bytes[3] ^= 1;
		cut.lens[0]--;
		assert_int_equal(take(&fragments, &cut, 0, 1, &udp, &len), RESULT_BAD);
		cut.lens[0]++;
		cut.pieces[0][family == 0 ? 9 : 40] = 6; /* TCP */
		assert_int_equal(take(&fragments, &cut, 0, 1, &udp, &len), RESULT_BAD);
		for (size_t short_len = 0; short_len < 40; short_len++)
			assert_int_not_equal(inner_fragments_take(&fragments, 1, cut.pieces[1],
								  short_len, &cut.from, &cut.to,
								  &udp, &len),
					     RESULT_OK);
	}
}

/* Bytes at random, many times: nothing is written outside (the sanitizers' build sees to that). */
static void nothing_random_becomes_a_datagram_or_does_harm(void **state)
{
	static struct inner_fragments fragments;
	static struct cut cut;
	unsigned seed = 4711;

	(void)state;
	for (unsigned n = 0; n < 20000; n++) {
		const uint8_t *udp;
		size_t len;

		if (n % 500 == 0)
			cut_make(&cut, n / 500 % 2, 3000, n);
		cut.pieces[n % cut.count][(unsigned)rand_r(&seed) % 56] ^=
			(uint8_t)(1 << rand_r(&seed) % 8);
		if (take(&fragments, &cut, n % cut.count, n, &udp, &len) == RESULT_OK)
			assert_in_range(len, 1, INNER_FRAGMENTS_BYTES);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_length_comes_out_in_any_order),
		cmocka_unit_test(datagrams_do_not_mix_and_the_oldest_gives_way),
		cmocka_unit_test(what_overlaps_ends_its_datagram),
		cmocka_unit_test(other_hosts_and_nonsense_are_refused),
		cmocka_unit_test(nothing_random_becomes_a_datagram_or_does_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
