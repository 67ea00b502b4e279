#include "tests/unit/keyexchange/exchange_scene.h"

#include "tests/unit/shared/sip_check.h"

static enum result credential(void *context, struct slice subscriber,
			      struct subscriber_credential *out)
{
	struct scene *s = context;

	s->store_reads++;
	if (s->store_result != RESULT_OK)
		return s->store_result;
	if (slice_is_equal(subscriber, SLICE("user-a@abc.com")))
		*out = s->alice;
	else if (slice_is_equal(subscriber, SLICE("carol")))
		*out = s->carol;
	else if (slice_is_equal(subscriber, SLICE("user-d@abc.com")))
		*out = s->dave;
	else
		return RESULT_NOT_FOUND;
	return RESULT_OK;
}

static void fill_credential(struct subscriber_credential *c, const char *identity)
{
	assert_int_equal(scram_verifier_derive(SCENE_PASSWORD, SLICE("0123456789abcdef"), 4096,
					       &c->verifier),
			 RESULT_OK);
	c->is_enabled = true;
	c->identity_count = 1;
	snprintf(c->identity[0], sizeof(c->identity[0]), "%s", identity);
}

void scene_restart(struct scene *s)
{
	static const struct inner_prefix prefixes[2] = {
		{{.family = 6, .bytes = {0xfd, 0, 0, 1}}, 126}};

	exchange_destroy(s->gateway);
	sa_allocator_destroy(s->allocator);
	inner_pool_destroy(s->pool);
	assert_int_equal(sa_allocator_create(1024, 2, 3600, &s->allocator), RESULT_OK);
	assert_int_equal(inner_pool_create(prefixes, 1024, &s->pool), RESULT_OK);
	s->settings.allocator = s->allocator;
	s->settings.inner_pool = s->pool;
	assert_int_equal(exchange_create(&s->settings, &s->gateway), RESULT_OK);
}

int scene_set_up(void **state)
{
	struct scene *s = calloc(1, sizeof(*s));

	assert_non_null(s);
	fill_credential(&s->alice, "user-a@abc.com");
	snprintf(s->alice.identity[1], sizeof(s->alice.identity[1]), "user-a2@abc.com");
	s->alice.identity_count = 2;
	fill_credential(&s->carol, "user-c@abc.com");
	fill_credential(&s->dave, "user-d@abc.com");
	s->dave.is_by_certificate = true;
	s->now_ms = 1700000000000;
	s->settings = (struct exchange_settings){
		.domains = {SLICE("abc.com"), SLICE("example.net")},
		.domain_count = 2,
		.suites = {.suite = {SUITE_AES_128_GCM_16, SUITE_AES_256_GCM_16,
				     SUITE_NULL_HMAC_SHA_256_128},
			   .count = 3},
		.soft_s = 2700,
		.hard_s = 3600,
		.soft_packets = 1ull << 32,
		.soft_bytes = 1ull << 40,
		.cookie_lifetime_ms = 32000,
		.used_cookies = 64,
		.flood_threshold = 1000,
		.iterations = 4096,
		.persistent = {1, 2, 3},
		.store = {.credential = credential, .context = s},
		.random = random_system(),
	};
	assert_int_equal(sip_address_parse_port(SLICE("[2001:1234::10]:5060"), &s->source),
			 RESULT_OK);
	scene_restart(s);
	*state = s;
	return 0;
}

int scene_tear_down(void **state)
{
	struct scene *s = *state;

	exchange_destroy(s->gateway);
	sa_allocator_destroy(s->allocator);
	inner_pool_destroy(s->pool);
	free(s);
	return 0;
}

struct initiator_settings scene_terminal(struct slice aor, struct slice password)
{
	struct initiator_settings settings = {
		.domain = SLICE("abc.com"),
		.aor = aor,
		.password = password,
		.suites = {.suite = {SUITE_AES_128_GCM_16, SUITE_AES_256_GCM_16}, .count = 2},
		.random = random_system(),
	};

	assert_int_equal(sip_address_parse_port(SLICE("[2001:1234::10]:5060"), &settings.address),
			 RESULT_OK);
	return settings;
}

struct initiator *scene_initiator(const struct initiator_settings *settings)
{
	struct initiator *i;

	assert_int_equal(initiator_create(settings, &i), RESULT_OK);
	assert_int_equal(initiator_start(i), RESULT_OK);
	return i;
}

struct initiator *scene_started(struct slice aor, struct slice password)
{
	struct initiator_settings settings = scene_terminal(aor, password);

	return scene_initiator(&settings);
}

enum exchange_verdict scene_give(struct scene *s, struct slice datagram)
{
	struct sip_message message;
	struct exchange_input input = {
		.message = &message,
		.source = s->source,
		.is_stream = s->is_stream,
		.through = s->through,
		.now_ms = s->now_ms,
	};

	if (s->is_stream)
		input.source.port = ++s->source.port;
	assert_true(datagram.len <= sizeof(s->sent));
	memmove(s->sent, datagram.at, datagram.len);
	s->sent_len = datagram.len;
	input.datagram = slice_make(s->sent, s->sent_len);
	assert_int_equal(sip_message_parse(s->sent, s->sent_len, &message), SIP_VERDICT_OK);
	assert_true(exchange_is_for(&message));
	assert_int_equal(exchange_receive(s->gateway, &input, &s->outcome), RESULT_OK);
	if (s->outcome.verdict == EXCHANGE_ESTABLISHED && !s->is_unsettled)
		exchange_settle(s->gateway, s->outcome.cookie_id, true);
	return s->outcome.verdict;
}

struct slice scene_reply(struct scene *s)
{
	struct writer w = writer_make(s->whole, sizeof(s->whole));

	writer_bytes(&w, s->outcome.reply, s->outcome.reply_len);
	writer_slice(&w, s->outcome.tail);
	assert_false(w.is_full);
	return slice_make(w.at, w.len);
}

void scene_return(struct scene *s, struct initiator *i, enum initiator_event want)
{
	enum initiator_event event;

	assert_int_equal(initiator_receive(i, scene_reply(s), &event), RESULT_OK);
	assert_int_equal(event, want);
}

void scene_to_message_3(struct scene *s, struct initiator *i)
{
	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_CHALLENGED);
	scene_return(s, i, INITIATOR_SEND);
}

struct slice scene_changed(struct slice text, const char *from, const char *to)
{
	static char buffer[4096];
	const char *at = memmem(text.at, text.len, from, strlen(from));
	size_t before;

	assert_non_null(at);
	assert_true(text.len + strlen(to) <= sizeof(buffer));
	before = (size_t)(at - text.at);
	memmove(buffer, text.at, before);
	memcpy(buffer + before, to, strlen(to));
	memcpy(buffer + before + strlen(to), at + strlen(from), text.len - before - strlen(from));
	return slice_make(buffer, text.len - strlen(from) + strlen(to));
}

unsigned scene_status(const struct scene *s)
{
	struct sip_message message;

	if (s->outcome.reply_len == 0)
		return 0;
	assert_int_equal(sip_message_parse(s->outcome.reply, s->outcome.reply_len, &message),
			 SIP_VERDICT_OK);
	return message.status;
}
