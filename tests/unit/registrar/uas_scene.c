#include "tests/unit/registrar/uas_scene.h"

static void note(void *context, const struct contract_header *message)
{
	struct scene *s = context;
	struct sent *sent = &s->sent[s->sent_count++];
	size_t fixed = message->length;

	assert_true(s->sent_count <= SENT_MAX);
	assert_int_equal(contract_validate(message, message->length), RESULT_OK);
	sent->id = message->id;
	if (message->id == CONTRACT_SIP_SEND || message->id == CONTRACT_SIP_ENTER) {
		fixed = message->id == CONTRACT_SIP_SEND ? sizeof(struct contract_sip_send)
							 : sizeof(struct contract_sip_enter);
		sent->sip_len = message->length - fixed;
		assert_true(sent->sip_len <= sizeof(sent->text));
		memcpy(sent->text, (const char *)message + fixed, sent->sip_len);
	}
	if (fixed <= sizeof(sent->m))
		memcpy(&sent->m, message, fixed);
	if (message->id == CONTRACT_SA_PUT && !s->is_silent)
		uas_sa_answered(s->uas, sent->m.sa.index, sent->m.sa.generation, s->sa_result,
				s->now_ms);
}

static void refused(void *context, const struct contract_sip_received *received, unsigned status,
		    const char *reason)
{
	struct scene *s = context;

	assert_memory_equal(&received->outer_source, &terminal_address, sizeof(terminal_address));
	s->refused = reason;
	s->refused_status = status;
}

static void exchanged(void *context, enum exchange_verdict verdict, const char *who,
		      const struct contract_address *from, const char *reason)
{
	struct scene *s = context;

	assert_memory_equal(from, &terminal_address, sizeof(terminal_address));
	s->verdict = verdict;
	snprintf(s->proved, sizeof(s->proved), "%s", verdict == EXCHANGE_ESTABLISHED ? who : "");
	snprintf(s->reason, sizeof(s->reason), "%s", reason);
}

static enum result credential(void *context, struct slice subscriber,
			      struct subscriber_credential *out)
{
	struct scene *s = context;

	if (!slice_is_equal(subscriber, SLICE(A)))
		return RESULT_NOT_FOUND;
	*out = s->alice;
	return RESULT_OK;
}

static enum result digest_user(void *context, struct slice username, struct digest_user *out)
{
	(void)context;
	if (!slice_is_equal(username, SLICE(A)))
		return RESULT_NOT_FOUND;
	out->identity_count = 1;
	memcpy(out->identity[0], A, sizeof(A));
	return digest_verifier_make(username, SLICE("abc.com"), UAS_PASSWORD, out->verifier);
}

static void unproved(void *context, const char *reason, const struct contract_address *source)
{
	struct scene *s = context;

	assert_int_equal(source->port, 5060);
	s->unproved = reason;
}

static bool is_legacy(void *context, struct slice subscriber)
{
	(void)context, (void)subscriber;
	return false;
}

static enum result identity(void *context, struct slice aor, struct contract_identity *out)
{
	(void)context, (void)aor, (void)out;
	return RESULT_NOT_FOUND;
}

static void released(void *context, uint32_t index, uint8_t generation)
{
	struct scene *s = context;

	assert_int_equal(sa_allocator_release(s->allocator, index, generation, s->now_ms / 1000),
			 RESULT_OK);
}

static void start_gateway(struct scene *s)
{
	struct exchange_settings x = {
		.domains = {SLICE("abc.com")},
		.domain_count = 1,
		.suites = {.suite = {SUITE_AES_128_GCM_16}, .count = 1},
		.soft_s = 2700,
		.hard_s = 3600,
		.cookie_lifetime_ms = 32000,
		.used_cookies = 16,
		.flood_threshold = 100,
		.iterations = 4096,
		.store = {.credential = credential, .context = s},
		.random = random_system(),
	};
	struct registrar_settings r = {
		.domains = {SLICE("abc.com")},
		.domain_count = 1,
		.sa_capacity = 64,
		.binding_capacity = 64,
		.expires_min_s = 60,
		.expires_default_s = 3600,
		.expires_max_s = 7200,
		.attach_s = 30,
		.linger_s = 32,
		.store = x.store,
		.out = {.send = note,
			.identity = identity,
			.is_legacy = is_legacy,
			.sa_released = released,
			.context = s},
	};
	struct uas_settings u = {.send = note,
				 .exchanged = exchanged,
				 .refused = refused,
				 .unproved = unproved,
				 .realm = SLICE("abc.com"),
				 .context = s};

	assert_int_equal(sa_allocator_create(64, 1, 3600, &s->allocator), RESULT_OK);
	x.allocator = s->allocator;
	assert_int_equal(exchange_create(&x, &s->exchange), RESULT_OK);
	assert_int_equal(registrar_create(&r, &s->registrar), RESULT_OK);
	assert_int_equal(digest_create(random_system(), digest_user, s, &s->digest), RESULT_OK);
	u.digest = s->digest;
	u.exchange = s->exchange;
	u.registrar = s->registrar;
	assert_int_equal(uas_create(&u, &s->uas), RESULT_OK);
}

int uas_scene_set_up(void **state)
{
	struct scene *s = calloc(1, sizeof(*s));
	struct initiator_settings t = {
		.domain = SLICE("abc.com"),
		.aor = SLICE(A),
		.password = UAS_PASSWORD,
		.suites = {.suite = {SUITE_AES_128_GCM_16}, .count = 1},
		.random = random_system(),
	};

	assert_non_null(s);
	s->now_ms = 1700000000000;
	s->alice.is_enabled = true;
	s->alice.identity_count = 1;
	memcpy(s->alice.identity[0], A, sizeof(A));
	assert_int_equal(scram_verifier_derive(UAS_PASSWORD, SLICE("0123456789abcdef"), 4096,
					       &s->alice.verifier),
			 RESULT_OK);
	start_gateway(s);
	assert_int_equal(sip_address_parse_port(SLICE("[2001:1234::10]:5060"), &t.address),
			 RESULT_OK);
	assert_int_equal(initiator_create(&t, &s->terminal), RESULT_OK);
	*state = s;
	return 0;
}

int uas_scene_tear_down(void **state)
{
	struct scene *s = *state;

	initiator_destroy(s->terminal);
	uas_destroy(s->uas);
	digest_destroy(s->digest);
	registrar_destroy(s->registrar);
	exchange_destroy(s->exchange);
	sa_allocator_destroy(s->allocator);
	free(s);
	return 0;
}

void hand_up(struct scene *s, struct slice text, uint32_t index, uint8_t generation)
{
	static _Alignas(8) char buffer[sizeof(struct contract_sip_received) + 4096];
	struct contract_sip_received received = {
		.origin = index ? CONTRACT_ORIGIN_SA : CONTRACT_ORIGIN_CLEAR,
		.port = 1,
		.sa_index = index,
		.sa_generation = generation,
		.source = terminal_address,
		.outer_source = terminal_address,
		.destination = gateway_address,
		.sip_length = (uint32_t)text.len,
	};

	s->sent_count = 0;
	s->refused = NULL;
	memcpy(buffer, &received, sizeof(received));
	memcpy(buffer + sizeof(received), text.at, text.len);
	uas_receive(s->uas, (const struct contract_sip_received *)(const void *)buffer, s->now_ms);
}

const struct sent *answer(const struct scene *s)
{
	const struct sent *found = NULL;

	for (unsigned i = 0; i < s->sent_count; i++) {
		if (s->sent[i].id == CONTRACT_SIP_SEND) {
			assert_null(found);
			found = &s->sent[i];
		}
	}
	assert_non_null(found);
	return found;
}

unsigned status_of(const struct sent *sent)
{
	struct sip_message m;

	assert_int_equal(sip_message_parse(sent->text, sent->sip_len, &m), SIP_VERDICT_OK);
	return m.status;
}

enum initiator_event give_terminal(struct scene *s)
{
	const struct sent *a = answer(s);
	enum initiator_event event;

	assert_int_equal(initiator_receive(s->terminal, slice_make(a->text, a->sip_len), &event),
			 RESULT_OK);
	return event;
}

struct contract_sa attach(struct scene *s, uint32_t index, uint8_t generation)
{
	assert_int_equal(initiator_start(s->terminal), RESULT_OK);
	hand_up(s, initiator_message(s->terminal), index, generation);
	assert_int_equal(give_terminal(s), INITIATOR_SEND);
	hand_up(s, initiator_message(s->terminal), index, generation);
	assert_int_equal(s->verdict, EXCHANGE_ESTABLISHED);
	assert_string_equal(s->proved, A);
	/* the SA is there before the answer leaves */
	assert_int_equal(s->sent_count, 2);
	assert_int_equal(s->sent[0].id, CONTRACT_SA_PUT);
	assert_int_equal(s->sent[1].id, CONTRACT_SIP_SEND);
	assert_int_equal(s->sent[1].m.sip.origin,
			 index ? CONTRACT_ORIGIN_SA : CONTRACT_ORIGIN_CLEAR);
	assert_int_equal(s->sent[1].m.sip.sa_index, index);
	assert_int_equal(give_terminal(s), INITIATOR_ESTABLISHED);
	return s->sent[0].m.sa;
}

struct slice request(const char *method, const char *lines)
{
	static char text[2048];
	int len = snprintf(text, sizeof(text),
			   "%s sip:abc.com SIP/2.0\r\n"
			   "Via: SIP/2.0/UDP [2001:1234::10]:5060;branch=z9hG4bKx;rport\r\n"
			   "Max-Forwards: 70\r\nFrom: <sip:" A ">;tag=1\r\nTo: <sip:" A ">\r\n"
			   "Call-ID: c\r\nCSeq: 10 %s\r\n%sContent-Length: 0\r\n\r\n",
			   method, method, lines);

	return slice_make(text, (size_t)len);
}
