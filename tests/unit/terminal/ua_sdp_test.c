#include "tests/unit/terminal/cmocka_setup.h"

#include "terminal/ua/sdp.h"

static void session_names_our_address_in_its_family(void **state)
{
	static const struct {
		const char *address, *sdp;
	} cases[] = {
		{"[2001:1234::10]:5060",
		 "v=0\r\no=- 1 1 IN IP6 2001:1234::10\r\ns=-\r\nc=IN IP6 2001:1234::10\r\n"
		 "t=0 0\r\nm=audio 9 RTP/AVP 0\r\na=inactive\r\n"},
		{"192.0.2.1:5060",
		 "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\n"
		 "t=0 0\r\nm=audio 9 RTP/AVP 0\r\na=inactive\r\n"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sip_address address;
		char sdp[256];
		struct writer w = writer_make(sdp, sizeof(sdp));

		assert_int_equal(
			sip_address_parse_port(
				slice_make(cases[i].address, strlen(cases[i].address)), &address),
			RESULT_OK);
		sdp_write(&address, slice_make(NULL, 0), &w);
		assert_true(slice_is_equal(slice_make(w.at, w.len),
					   slice_make(cases[i].sdp, strlen(cases[i].sdp))));
	}
}

static void assert_edited(const char *sdp, const char *lines, const char *expected)
{
	char bytes[512];
	struct writer w = writer_make(bytes, sizeof(bytes) - 1);

	sdp_edit(slice_make(sdp, strlen(sdp)), slice_make(lines, strlen(lines)), &w);
	bytes[w.len] = 0;
	assert_string_equal(bytes, expected);
}

static void lines_of_the_channel_are_put_among_the_sessions_and_others_taken_out(void **state)
{
	(void)state;
	assert_edited("v=0\r\na=sekisho-channel:theirs\r\nt=0 0\r\nm=audio 1 RTP/AVP 0\r\n"
		      "a=sekisho-channel:later\r\na=sendrecv\r\nm=video 2 RTP/AVP 9\r\n",
		      "a=ours\r\n",
		      "v=0\r\nt=0 0\r\na=ours\r\nm=audio 1 RTP/AVP 0\r\na=sendrecv\r\n"
		      "m=video 2 RTP/AVP 9\r\n");
	assert_edited("v=0\r\nt=0 0\r\n", "a=ours\r\n", "v=0\r\nt=0 0\r\na=ours\r\n");
	assert_edited("v=0\nm=audio 1 RTP/AVP 0", "", "v=0\nm=audio 1 RTP/AVP 0");
	assert_edited("", "", "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			lines_of_the_channel_are_put_among_the_sessions_and_others_taken_out),
		cmocka_unit_test(session_names_our_address_in_its_family),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
