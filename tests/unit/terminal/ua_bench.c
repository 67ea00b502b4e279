#include "tests/unit/terminal/ua_bench.h"

static void keep_sent(void *context, const struct flow *flow, struct slice message)
{
	struct bench *bench = context;

	if (flow_is_local(flow)) {
		assert_true(bench->rung_count < BENCH_SENT);
		bench->rung[bench->rung_count++] = strndup(message.at, message.len);
		return;
	}

	assert_true(bench->sent_count < BENCH_SENT);
	bench->sent[bench->sent_count++] = strndup(message.at, message.len);
}

static void copy(char *out, size_t size, struct slice text)
{
	snprintf(out, size, "%.*s", (int)text.len, text.at ? text.at : "");
}

static void keep_told(void *context, const struct ua_event *event)
{
	struct bench *bench = context;
	struct bench_told *told = &bench->told[bench->told_count++];

	assert_true(bench->told_count <= BENCH_TOLD);
	told->kind = event->kind;
	told->status = event->status;
	told->is_by_us = event->is_by_us;
	copy(told->reason, sizeof(told->reason), event->reason);
	copy(told->party, sizeof(told->party), event->party);
	copy(told->text, sizeof(told->text), event->text);
}

static struct sip_address address(const char *text)
{
	struct sip_address out;

	assert_int_equal(sip_address_parse_port(slice_make(text, strlen(text)), &out), RESULT_OK);
	return out;
}

void bench_make_with(struct bench *bench, bool is_user_b, const struct series_policy *policy,
		     bool is_refusing, bool is_auto_answering)
{
	struct ua_settings settings = {
		.aor = is_user_b ? SLICE("user-b@xyz.com") : SLICE("user-a@abc.com"),
		.domain = is_user_b ? SLICE("xyz.com") : SLICE("abc.com"),
		.instance = SLICE("urn:uuid:00000000-0000-8000-8000-000000000001"),
		.policy = *policy,
		.is_refusing = is_refusing,
		.is_auto_answering = is_auto_answering,
		.longest_call_ms = BENCH_LONGEST_CALL_MS,
	};
	struct series_link link = {
		.own = address(is_user_b ? "[2001:cdef::10]:5060" : "[2001:1234::10]:5060"),
		.gateway = address(is_user_b ? "[2001:abcd::5060]:5060" : "[2001:6789::5060]:5060"),
		.level = 3,
		.host = address(is_user_b ? "[2001:cdef::10]:5060" : "[2001:1234::10]:5060"),
	};
	struct ua_port port = {bench, keep_sent, keep_told};

	memset(bench, 0, sizeof(*bench));
	bench->now_ms = 1000000;
	assert_int_equal(ua_create(&settings, &port, &bench->ua), RESULT_OK);
	ua_link_set(bench->ua, &link);
}

void bench_make(struct bench *bench, bool is_user_b, bool is_auto_answering)
{
	const struct series_policy policy = {SERIES_TRUST_SERIES, 3};

	bench_make_with(bench, is_user_b, &policy, true, is_auto_answering);
}

void bench_forget(struct bench *bench)
{
	for (unsigned i = 0; i < bench->sent_count; i++)
		free(bench->sent[i]);
	for (unsigned i = 0; i < bench->rung_count; i++)
		free(bench->rung[i]);
	bench->sent_count = bench->rung_count = 0;
	bench->told_count = 0;
}

void bench_end(struct bench *bench)
{
	bench_forget(bench);
	ua_destroy(bench->ua);
}

void bench_hear(struct bench *bench, const char *text)
{
	size_t len = 0;
	char *message = malloc(2 * strlen(text) + 1);

	assert_non_null(message);
	for (; *text; text++) {
		if (*text == '\n')
			message[len++] = '\r';
		message[len++] = *text;
	}
	ua_receive(bench->ua, bench->now_ms, slice_make(message, len));
	free(message);
}

const char *bench_last(const struct bench *bench)
{
	assert_true(bench->sent_count > 0);
	return bench->sent[bench->sent_count - 1];
}

void bench_pass(struct bench *bench, uint64_t ms)
{
	uint64_t end = bench->now_ms + ms;

	while (ua_deadline(bench->ua) <= end) {
		uint64_t deadline = ua_deadline(bench->ua);

		assert_true(deadline >= bench->now_ms);
		bench->now_ms = deadline;
		ua_tick(bench->ua, deadline);
	}
	bench->now_ms = end;
	ua_tick(bench->ua, end);
}

void assert_has_line(const char *message, const char *line)
{
	char whole[1024];

	snprintf(whole, sizeof(whole), "\r\n%s\r\n", line);
	/* The start line has no line end before it. */
	if (strstr(message, whole) || (strncmp(message, line, strlen(line)) == 0 &&
				       strncmp(message + strlen(line), "\r\n", 2) == 0))
		return;
	fail_msg("no line \"%s\" in:\n%s", line, message);
}

void assert_lacks(const char *message, const char *text)
{
	if (strstr(message, text))
		fail_msg("\"%s\" stands in:\n%s", text, message);
}

void assert_lines(const char *message, const char *header, const char *const *values,
		  unsigned count)
{
	char start[64];
	const char *at = message;

	snprintf(start, sizeof(start), "\r\n%s: ", header);
	for (unsigned i = 0; i < count; i++) {
		at = strstr(at, start);
		assert_non_null(at);
		at += strlen(start);
		if (strncmp(at, values[i], strlen(values[i])) != 0 ||
		    strncmp(at + strlen(values[i]), "\r\n", 2) != 0)
			fail_msg("line %u of %s is not \"%s\" in:\n%s", i, header, values[i],
				 message);
		at -= 1;
	}
	if (strstr(at + 1, start))
		fail_msg("more than %u lines of %s in:\n%s", count, header, message);
}

void between(const char *message, const char *before, const char *end, char *out, size_t size)
{
	const char *at = strstr(message, before);
	size_t len;

	assert_non_null(at);
	at += strlen(before);
	len = strcspn(at, end);
	assert_true(len < size);
	memcpy(out, at, len);
	out[len] = 0;
}

void assert_told(const struct bench *bench, unsigned index, enum ua_event_kind kind,
		 unsigned status)
{
	assert_true(index < bench->told_count);
	assert_string_equal(ua_event_name(bench->told[index].kind).at, ua_event_name(kind).at);
	assert_int_equal(bench->told[index].status, status);
}

enum ua_call_state bench_call_state(const struct ua *ua, unsigned number)
{
	struct ua_call_view view;

	return ua_call_view(ua, number, &view) ? view.state : UA_CALL_NONE;
}
