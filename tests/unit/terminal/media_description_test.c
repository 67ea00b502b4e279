/* Session descriptions read and written anew. */
#include "tests/unit/terminal/cmocka_setup.h"

#include <stdio.h>
#include <string.h>

#include "terminal/media/description.h"

static struct slice text(const char *at)
{
	return slice_make(at, strlen(at));
}

static struct sip_address address(const char *at)
{
	struct sip_address out;

	assert_int_equal(sip_address_parse_port(text(at), &out), RESULT_OK);
	return out;
}

static void assert_becomes(const char *sdp, const struct sip_address *media, const char *expected)
{
	char bytes[2048];
	struct writer w = writer_make(bytes, sizeof(bytes) - 1);
	struct description was;

	assert_int_equal(description_read(text(sdp), &was), RESULT_OK);
	description_write(text(sdp), &was, media, 1, &w);
	assert_false(w.is_full);
	bytes[w.len] = 0;
	assert_string_equal(bytes, expected);
}

static void addresses_and_ports_are_replaced_and_stray_ones_left_out(void **state)
{
	const struct sip_address media[] = {address("[fd73::1]:7000"), address("[fd73::1]:7002")};

	(void)state;
	assert_becomes(
		"v=0\r\no=alice 1 2 IN IP4 192.0.2.1\r\ns=a talk\r\nc=IN IP4 127.0.0.1\r\n"
		"t=0 0\r\na=ice-ufrag:x\r\nm=audio 6000 RTP/AVP 0 8\r\na=rtcp:6001\r\n"
		"a=candidate:1 1 UDP 1 192.0.2.1 6000 typ host\r\na=sendonly\r\n"
		"m=video 6002/2 RTP/SAVPF 96\r\nc=IN IP4 127.0.0.2\r\na=rtpmap:96 VP8/90000\r\n",
		media,
		"v=0\r\no=alice 1 3 IN IP6 fd73::1\r\ns=a talk\r\nc=IN IP6 fd73::1\r\n"
		"t=0 0\r\nm=audio 7000 RTP/AVP 0 8\r\na=sendonly\r\n"
		"m=video 7002 RTP/SAVPF 96\r\nc=IN IP6 fd73::1\r\na=rtpmap:96 VP8/90000\r\n");
}

static void what_is_refused_or_held_or_no_datagrams_stays_so(void **state)
{
	const struct sip_address media[] = {address("127.0.0.1:7000"), address("127.0.0.1:7002")};

	(void)state;
	assert_becomes("v=0\no=- 1 1 IN IP4 192.0.2.1\ns=-\nc=IN IP4 0.0.0.0\nt=0 0\n"
		       "m=audio 0 RTP/AVP 0\nm=message 2855 TCP/MSRP *\n",
		       media,
		       "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 0.0.0.0\r\nt=0 0\r\n"
		       "m=audio 0 RTP/AVP 0\r\nm=message 2855 TCP/MSRP *\r\n");
}

static void a_session_on_hold_holds_media_without_an_address_only(void **state)
{
	const struct sip_address media[] = {address("127.0.0.1:7000"), address("127.0.0.1:7002")};

	(void)state;
	assert_becomes("v=0\r\nc=IN IP4 0.0.0.0\r\nm=audio 5 RTP/AVP 0\r\nc=IN IP4 192.0.2.1\r\n"
		       "m=video 6 RTP/AVP 9\r\n",
		       media,
		       "v=0\r\nc=IN IP4 0.0.0.0\r\nm=audio 7000 RTP/AVP 0\r\n"
		       "c=IN IP4 127.0.0.1\r\nm=video 7002 RTP/AVP 9\r\n");
}

static void each_medium_has_its_own_address_or_the_sessions(void **state)
{
	struct description out;

	(void)state;
	assert_int_equal(description_read(SLICE("v=0\r\nc=IN IP6 2001:db8::1\r\n"
						"m=audio 1 RTP/AVP 0\r\nm=image 2 udptl t38\r\n"
						"c=IN IP6 ::\r\nm=audio 3 TCP/RTP/AVP 0\r\n"),
					  &out),
			 RESULT_OK);
	assert_int_equal(out.count, 3);
	assert_int_equal(out.media[0].address.port, 1);
	assert_int_equal(out.media[0].address.bytes[15], 1);
	assert_true(out.media[0].is_datagrams && !out.media[0].is_held);
	assert_true(out.media[1].is_datagrams && out.media[1].is_held);
	assert_false(out.media[2].is_datagrams);
}

static void what_does_not_parse_is_refused(void **state)
{
	static const char *const bad[] = {
		"m=audio 1 RTP/AVP 0\r\n",			    /* no address */
		"c=IN IP4 host.example\r\nm=audio 1 RTP/AVP 0\r\n", /* a name */
		"c=IN IP6 127.0.0.1\r\nm=audio 1 RTP/AVP 0\r\n",
		"c=IN IP4 224.2.1.1/127\r\nm=audio 1 RTP/AVP 0\r\n",
		"c=ATM NSAP x\r\nm=audio 1 RTP/AVP 0\r\n",
		"c=IN IP4 127.0.0.1\r\nm=audio 65536 RTP/AVP 0\r\n",
		"c=IN IP4 127.0.0.1\r\nm=audio x RTP/AVP 0\r\n",
		"c=IN IP4 127.0.0.1\r\nm=audio\r\n",
		"c=\r\nm=audio 1 RTP/AVP 0\r\n",
	};
	struct description out;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(description_read(text(bad[i]), &out), RESULT_BAD);
	assert_int_equal(description_read(SLICE("c=IN IP4 127.0.0.1\nm=a 1 RTP/AVP 0\n"
						"m=a 1 RTP/AVP 0\nm=a 1 RTP/AVP 0\n"
						"m=a 1 RTP/AVP 0\nm=a 1 RTP/AVP 0\n"),
					  &out),
			 RESULT_SPACE);
	assert_int_equal(description_read(SLICE(""), &out), RESULT_OK);
	assert_int_equal(out.count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_and_ports_are_replaced_and_stray_ones_left_out),
		cmocka_unit_test(what_is_refused_or_held_or_no_datagrams_stays_so),
		cmocka_unit_test(a_session_on_hold_holds_media_without_an_address_only),
		cmocka_unit_test(each_medium_has_its_own_address_or_the_sessions),
		cmocka_unit_test(what_does_not_parse_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
