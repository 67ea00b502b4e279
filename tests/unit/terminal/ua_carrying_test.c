/* What of a message's lines and body passes the agent, and what never does. */
#include "tests/unit/terminal/phone_bench.h"

#include "terminal/ua/body.h"
#include "terminal/ua/carrying.h"

static void parse(const char *text, struct sip_message *out)
{
	static char kept[4096];

	snprintf(kept, sizeof(kept), "%s", text);
	assert_int_equal(sip_message_parse(kept, strlen(kept), out), SIP_VERDICT_OK);
}

#define HEAD                                                                                       \
	"INVITE sip:b@x SIP/2.0\r\nVia: SIP/2.0/UDP x;branch=z9hG4bK1\r\n"                         \
	"From: <sip:a@x>;tag=1\r\nTo: <sip:b@x>\r\nCall-ID: c\r\nCSeq: 1 INVITE\r\n"

static void lines_of_the_leg_stay_and_the_others_pass_as_they_are(void **state)
{
	char bytes[2048];
	struct writer w = writer_make(bytes, sizeof(bytes));
	struct sip_message message;

	(void)state;
	parse(HEAD "Route: <sip:r>\r\nRecord-Route: <sip:r>\r\nMax-Forwards: 7\r\n"
		   "Contact: <sip:a@x>\r\nRoute-Security: [::1];level=3\r\nProxy-Require: x\r\n"
		   "P-Asserted-Identity: <sip:z@x>\r\nP-Preferred-Identity: <sip:z@x>\r\n"
		   "Remote-Party-ID: <sip:z@x>\r\nAuthorization: Digest x\r\n"
		   "Sekisho-Path: forged\r\nsekisho-fault: forged\r\n"
		   "s: a compact\r\n fold\r\nX-Unknown: 1\r\nSupported: 100rel, timer\r\n"
		   "Content-Disposition: session\r\nContent-Type: text/plain\r\nl: 0\r\n\r\n",
	      &message);
	carry_lines(&message, &w);
	bytes[w.len] = 0;
	assert_string_equal(bytes, "s: a compact\r\n fold\r\nX-Unknown: 1\r\n"
				   "Supported: 100rel, timer\r\nContent-Disposition: session\r\n");
}

static void the_contact_of_a_redirection_passes(void **state)
{
	char bytes[256];
	struct writer w = writer_make(bytes, sizeof(bytes));
	struct sip_message message;

	(void)state;
	parse("SIP/2.0 302 Moved\r\nVia: SIP/2.0/UDP x;branch=z9hG4bK1\r\nFrom: <sip:a@x>;tag=1\r\n"
	      "To: <sip:b@x>;tag=2\r\nCall-ID: c\r\nCSeq: 1 INVITE\r\nm: <sip:c@x>\r\n"
	      "Content-Length: 0\r\n\r\n",
	      &message);
	carry_lines(&message, &w);
	bytes[w.len] = 0;
	assert_string_equal(bytes, "m: <sip:c@x>\r\n");
}

struct media_seen {
	unsigned calls;
	bool is_refusing;
};

static bool carry_media(void *context, unsigned call, enum ua_way way, unsigned family,
			struct slice sdp, struct writer *out)
{
	struct media_seen *seen = context;

	(void)sdp;
	assert_int_equal(call, 1);
	assert_int_equal(way, UA_OUTWARD);
	assert_int_equal(family, 4);
	seen->calls++;
	WRITER_LITERAL(out, "rewritten");
	return !seen->is_refusing;
}

static bool is_astray(void *context, unsigned call)
{
	(void)context;
	(void)call;
	return false;
}

static void ended(void *context, unsigned call)
{
	(void)context;
	(void)call;
}

/* Body and headers of a message as the other side gets them, of a call of a client's. */
static bool carried(struct bench *bench, struct media_seen *seen, const char *text,
		    struct body *body)
{
	struct ua_media media = {seen, carry_media, is_astray, ended};
	struct call *call = &bench->ua->calls[1];
	struct sip_message message;
	bool is_good;

	call->user = CALL_PHONE;
	call->phone.peer.family = 4;
	ua_media_set(bench->ua, &media);
	parse(text, &message);
	is_good = body_carry(bench->ua, call, UA_OUTWARD, &message, SLICE("a=line\r\n"), body);
	ua_media_set(bench->ua, NULL);
	return is_good;
}

static void only_a_description_in_clear_is_touched(void **state)
{
	static const struct {
		const char *lines, *body, *becomes;
	} cases[] = {
		{"Content-Type: application/sdp\r\nContent-Length: 5\r\n", "v=0\r\n", "rewritten"},
		{"c: Application/SDP;charset=utf-8\r\nContent-Length: 5\r\n", "v=0\r\n",
		 "rewritten"},
		{"Content-Type: application/pkcs7-mime\r\nContent-Length: 5\r\n", "v=0\r\n",
		 "v=0\r\n"},
		{"Content-Type: multipart/signed;boundary=x\r\nContent-Length: 5\r\n", "--x\r\n",
		 "--x\r\n"},
		{"Content-Type: application/sdp\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n",
		 "v=0\r\n", "v=0\r\n"},
		{"Content-Type: application/sdpx\r\nContent-Length: 5\r\n", "v=0\r\n", "v=0\r\n"},
		{"Content-Length: 0\r\n", "", ""},
	};
	struct bench bench;
	struct body body;
	struct media_seen seen = {0};
	char text[1024];

	(void)state;
	phone_bench_make(&bench, false);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(text, sizeof(text), HEAD "%s\r\n%s", cases[i].lines, cases[i].body);
		assert_true(carried(&bench, &seen, text, &body));
		assert_int_equal(body.bytes.len, strlen(cases[i].becomes));
		if (body.bytes.len)
			assert_memory_equal(body.bytes.at, cases[i].becomes, body.bytes.len);
	}
	assert_int_equal(seen.calls, 2);
	seen.is_refusing = true;
	snprintf(text, sizeof(text), HEAD "%s\r\n%s", cases[0].lines, cases[0].body);
	assert_false(carried(&bench, &seen, text, &body));
	bench_end(&bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_of_the_leg_stay_and_the_others_pass_as_they_are),
		cmocka_unit_test(the_contact_of_a_redirection_passes),
		cmocka_unit_test(only_a_description_in_clear_is_touched),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
