#include "tests/unit/registrar/registrar_scene.h"

#include "tests/unit/shared/sip_check.h"

static void sent(void *context, const struct contract_header *message)
{
	struct scene *s = context;

	assert_true(s->sent_count < SCENE_SENT_MAX);
	assert_true(message->length <= sizeof(s->sent[0]));
	assert_int_equal(contract_validate(message, message->length), RESULT_OK);
	memcpy(&s->sent[s->sent_count++], message, message->length);
}

static bool is_legacy(void *context, struct slice subscriber)
{
	const struct scene *s = context;

	return s->is_legacy && slice_is_equal(subscriber, SLICE("user-a@abc.com"));
}

static enum result identity(void *context, struct slice aor, struct contract_identity *out)
{
	(void)context;
	if (!slice_is_equal(aor, SLICE("user-a@abc.com")))
		return RESULT_NOT_FOUND;
	out->kind = CONTRACT_IDENTITY_LOCAL;
	out->group_count = 1;
	out->group[0] = 7;
	return RESULT_OK;
}

static void ended(void *context, const struct contract_sa *sa, const char *reason)
{
	struct scene *s = context;

	assert_int_not_equal(sa->index, 0);
	s->ended++;
	s->reason = reason;
}

static void refused(void *context, const struct contract_sa *sa, unsigned status,
		    const char *reason)
{
	struct scene *s = context;

	assert_int_not_equal(sa->index, 0);
	assert_true(status >= 400);
	s->refused++;
	s->reason = reason;
}

static void released(void *context, uint32_t index, uint8_t generation)
{
	struct scene *s = context;

	assert_int_not_equal(index, 0);
	assert_int_equal(generation, 1);
	s->released++;
}

/* Everybody may use his own name; user-a@abc.com user-a2@abc.com too; user-off@abc.com is off. */
static enum result credential(void *context, struct slice subscriber,
			      struct subscriber_credential *out)
{
	struct scene *s = context;

	if (s->store_result != RESULT_OK)
		return s->store_result;
	memset(out, 0, sizeof(*out));
	out->is_enabled = !slice_is_equal(subscriber, SLICE("user-off@abc.com"));
	out->identity_count = 1;
	memcpy(out->identity[0], subscriber.at, subscriber.len);
	if (slice_is_equal(subscriber, SLICE("user-a@abc.com"))) {
		out->identity_count = 2;
		snprintf(out->identity[1], sizeof(out->identity[1]), "user-a2@abc.com");
	}
	return RESULT_OK;
}

void scene_restart(struct scene *s)
{
	registrar_destroy(s->registrar);
	assert_int_equal(registrar_create(&s->settings, &s->registrar), RESULT_OK);
}

int scene_set_up(void **state)
{
	struct scene *s = calloc(1, sizeof(*s));

	assert_non_null(s);
	s->now_s = 1700000000;
	s->settings = (struct registrar_settings){
		.domains = {SLICE("abc.com")},
		.domain_count = 1,
		.sa_capacity = 256,
		.binding_capacity = 64,
		.expires_min_s = 60,
		.expires_default_s = 3600,
		.expires_max_s = 7200,
		.attach_s = 30,
		.linger_s = 32,
		.hard_packets = 1ull << 33,
		.hard_bytes = 1ull << 41,
		.generation_seed = 41,
		.store = {.credential = credential, .context = s},
		.out = {.send = sent,
			.identity = identity,
			.is_legacy = is_legacy,
			.refused = refused,
			.ended = ended,
			.sa_released = released,
			.context = s},
	};
	scene_restart(s);
	*state = s;
	return 0;
}

int scene_tear_down(void **state)
{
	struct scene *s = *state;

	registrar_destroy(s->registrar);
	free(s);
	return 0;
}

static struct sip_address at_host(unsigned host)
{
	struct sip_address address;
	char text[64];

	snprintf(text, sizeof(text), "[2001:1234::%u]:5060", host);
	assert_int_equal(sip_address_parse_port(text_slice(text), &address), RESULT_OK);
	return address;
}

struct exchange_sa scene_sa(uint32_t index, const char *subscriber, unsigned host)
{
	struct exchange_sa sa = {
		.slot = {.index = index, .generation = 1, .worker = 1},
		.suite = SUITE_AES_128_GCM_16,
		.mode = KEYEXCHANGE_TRANSPORT,
		.level = 3,
		.spi_out = 0x1000 + index,
		.key_in = {1},
		.key_out = {2},
		.inner = at_host(host),
		.outer = at_host(host),
		.soft_s = 2700,
		.hard_s = 36000,
	};

	snprintf(sa.subscriber, sizeof(sa.subscriber), "%s", subscriber);
	return sa;
}

void scene_attach(struct scene *s, const struct exchange_sa *sa)
{
	const struct registrar_way way = {
		.port = 3,
		.local = {.family = 6, .port = 5060, .bytes = {0x20, 0x01, 0x67, 0x89}},
	};

	assert_int_equal(registrar_attach(s->registrar, sa, &way, s->now_s), RESULT_OK);
}

void scene_register(struct scene *s, uint32_t index, const char *aor, unsigned host,
		    const char *instance)
{
	struct exchange_sa sa = scene_sa(index, aor, host);
	char lines[512];

	scene_attach(s, &sa);
	snprintf(lines, sizeof(lines),
		 "Contact: <sip:me@[2001:1234::%u]:5060>;+sip.instance=\"%s\"\r\n", host, instance);
	assert_int_equal(scene_request(s, index, aor, aor, lines), 200);
}

static int write_request(struct scene *s, char *text, size_t cap, const char *from, const char *to,
			 const char *lines)
{
	char order[64] = "";

	s->cseq++;
	if (!strstr(lines, "CSeq: "))
		snprintf(order, sizeof(order), "Call-ID: call-%u\r\nCSeq: %u REGISTER\r\n", s->cseq,
			 s->cseq);
	return snprintf(text, cap,
			"REGISTER sip:abc.com SIP/2.0\r\n"
			"Via: SIP/2.0/UDP [2001:1234::10]:5060;branch=z9hG4bK%u;rport\r\n"
			"Max-Forwards: 70\r\nFrom: <sip:%s>;tag=1\r\nTo: <sip:%s>\r\n"
			"%s%sContent-Length: 0\r\n\r\n",
			s->cseq, from, to, order, lines);
}

unsigned scene_request(struct scene *s, uint32_t index, const char *from, const char *to,
		       const char *lines)
{
	static char text[LIMIT_SIP_MESSAGE_BYTES];
	int len = write_request(s, text, sizeof(text), from, to, lines);
	struct sip_message message;
	struct writer w = writer_make(s->reply, sizeof(s->reply));
	enum result result;

	assert_int_equal(sip_message_parse(text, (size_t)len, &message), SIP_VERDICT_OK);
	result = registrar_receive(s->registrar, &message, index, 1, SLICE("tag"), s->now_s, &w);
	if (result != RESULT_OK)
		return 0;
	s->reply_len = w.len;
	assert_int_equal(sip_message_parse(s->reply, s->reply_len, &s->parsed), SIP_VERDICT_OK);
	return s->parsed.status;
}

unsigned scene_count(const struct scene *s, enum contract_id id)
{
	unsigned count = 0;

	for (unsigned i = 0; i < s->sent_count; i++)
		count += s->sent[i].header.id == id;
	return count;
}

const union scene_sent *scene_last(const struct scene *s, enum contract_id id)
{
	for (unsigned i = s->sent_count; i-- > 0;)
		if (s->sent[i].header.id == id)
			return &s->sent[i];
	fail_msg("nothing of id %u has gone out", id);
	return NULL;
}

void scene_forget(struct scene *s)
{
	s->sent_count = 0;
	s->released = 0;
}

bool scene_reply_has(const struct scene *s, const char *text)
{
	return memmem(s->reply, s->reply_len, text, strlen(text)) != NULL;
}
