/* Places: which there can be, in which order they count, how they are written. */
#include "tests/unit/terminal/cmocka_setup.h"

#include <string.h>

#include "terminal/channel/places.h"

static struct sip_address place(const char *text)
{
	struct sip_address place;

	assert_int_equal(sip_address_parse_port(slice_make(text, strlen(text)), &place), RESULT_OK);
	return place;
}

static struct places list(const char *const *texts, size_t count)
{
	struct places places = {.count = 0};

	for (size_t i = 0; i < count; i++) {
		struct sip_address one = place(texts[i]);

		places_add(&places, &one);
	}
	return places;
}

#define LIST(...)                                                                                  \
	list((const char *const[]){__VA_ARGS__},                                                   \
	     sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

static void nobody_is_at_a_loopback_a_link_a_group_or_another_service(void **state)
{
	static const char *const cases[] = {
		"127.0.0.1:4500",  "127.8.8.8",	       "0.0.0.0:4500",	 "224.0.0.1:4500",
		"255.255.255.255", "169.254.1.1:4500", "[::]:4500",	 "[::1]:4500",
		"[fe80::1]:4500",  "[febf::1]",	       "[ff02::1]:4500", "[::ffff:192.0.2.1]:4500",
		"[::192.0.2.1]",   "192.0.2.1:53",     "[2001::1]:1023",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sip_address one = place(cases[i]);

		if (place_is_usable(&one))
			fail_msg("usable: %s", cases[i]);
	}
	assert_int_equal(LIST("192.0.2.1:1024", "10.0.0.1", "[2001::1]:4500", "[fd00::1]").count,
			 4);
}

static void a_place_is_in_a_list_once_and_a_list_is_bounded(void **state)
{
	struct places places = LIST("192.0.2.1", "192.0.2.1:4500", "192.0.2.1:4500", "192.0.2.2",
				    "192.0.2.3", "192.0.2.4", "192.0.2.5");
	const struct sip_address host = place("192.0.2.3:9999"), other = place("192.0.2.9");

	(void)state;
	assert_int_equal(places.count, PLACES_MAX);
	assert_true(places_has_host(&places, &host));
	assert_false(places_has_host(&places, &other));
}

static void reached_is_what_has_our_version_and_way_esp_first_and_never_ourselves(void **state)
{
	struct places own = LIST("192.0.2.1", "192.0.2.1:4500");
	struct places theirs =
		LIST("198.51.100.1:4500", "192.0.2.1:4500", "[2001::1]:4500", "198.51.100.1");
	struct places behind = LIST("10.0.0.1:4500"), reached;
	const struct sip_address esp = place("198.51.100.1"), udp = place("198.51.100.1:4500");

	(void)state;
	reached = places_reachable(&own, &theirs);
	assert_int_equal(reached.count, 2);
	assert_true(place_is_same(&reached.place[0], &esp));
	assert_true(place_is_same(&reached.place[1], &udp));
	reached = places_reachable(&behind, &theirs);
	assert_int_equal(reached.count, 2); /* what is our NAT's may be another's in it */
	assert_true(place_is_same(&reached.place[0], &udp));
	own = LIST("[2001::7]");
	assert_int_equal(places_reachable(&own, &theirs).count, 0);
}

static void a_list_is_read_as_it_is_written(void **state)
{
	const struct slice text = SLICE("192.0.2.1:4500,[2001:db8::1]:40000");
	struct places places = {.count = 0};
	char written[128];
	struct writer w = writer_make(written, sizeof(written));

	(void)state;
	assert_int_equal(places_parse_udp(text, &places), RESULT_OK);
	assert_int_equal(places.count, 2);
	places_write_udp(&places, &w);
	assert_true(slice_is_equal(slice_make(w.at, w.len), text));
	w.len = 0;
	place_write(&places.place[1], &w);
	assert_true(slice_is_equal(slice_make(w.at, w.len), SLICE("[2001:db8::1]:40000")));
}

static void what_is_no_list_is_refused(void **state)
{
	static const char *const cases[] = {
		"",
		",",
		"192.0.2.1",
		"192.0.2.1:4500,",
		",192.0.2.1:4500",
		"192.0.2.1:0",
		"there:4500",
		"192.0.2.1:4500;",
		"127.0.0.1:4500",
		"192.0.2.1:4500,192.0.2.1:80",
		"192.0.2.1:65536",
		"2001::1:4500",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct places places = {.count = 0};

		if (places_parse_udp(slice_make(cases[i], strlen(cases[i])), &places) != RESULT_BAD)
			fail_msg("taken: %s", cases[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody_is_at_a_loopback_a_link_a_group_or_another_service),
		cmocka_unit_test(a_place_is_in_a_list_once_and_a_list_is_bounded),
		cmocka_unit_test(
			reached_is_what_has_our_version_and_way_esp_first_and_never_ourselves),
		cmocka_unit_test(a_list_is_read_as_it_is_written),
		cmocka_unit_test(what_is_no_list_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
