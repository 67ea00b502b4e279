#include "tests/unit/keyexchange/certified.h"

#include "tests/unit/shared/sip_check.h"

uint64_t certified_now_s(void)
{
	return ISSUED_NOW_S;
}

void certified_start(struct certified *c)
{
	c->scene->settings.certificates.signer = c->gateway;
	c->scene->settings.certificates.trust = c->trust;
	c->scene->settings.certificates_per_second = 1000;
	scene_restart(c->scene);
}

int certified_set_up(void **state)
{
	struct certified *c = calloc(1, sizeof(*c));
	const struct issue_spec gateway = issued_gateway("abc.com");
	const struct issue_spec dave = issued_terminal("sip:" D);

	assert_non_null(c);
	assert_int_equal(scene_set_up(state), 0);
	c->scene = *state;
	issued_make(&c->issued, NULL);
	c->gateway = issued_signer(&c->issued, &gateway);
	c->dave = issued_signer(&c->issued, &dave);
	c->trust = issued_trust(&c->issued, true);
	certified_start(c);
	*state = c;
	return 0;
}

int certified_tear_down(void **state)
{
	struct certified *c = *state;

	*state = c->scene;
	scene_tear_down(state);
	trust_destroy(c->trust);
	signer_destroy(c->dave);
	signer_destroy(c->gateway);
	issued_remove(&c->issued);
	free(c);
	return 0;
}

struct initiator_settings certified_settings(const struct certified *c, const struct signer *signer)
{
	struct initiator_settings settings = scene_terminal(SLICE(D), SLICE(""));

	settings.signer = signer;
	settings.trust = c->trust;
	settings.gateway = certificate_der(signer_certificate(c->gateway));
	settings.now_s = certified_now_s;
	return settings;
}

struct initiator *certified_terminal(const struct certified *c, const struct signer *signer)
{
	const struct initiator_settings settings = certified_settings(c, signer);

	return scene_initiator(&settings);
}

void certified_same_keys(const struct scene *s, const struct initiator *i)
{
	const struct initiator_sa *sa = initiator_established(i);

	assert_non_null(sa);
	assert_int_equal(sa->spi_out, sa_slot_spi(&s->outcome.sa.slot));
	assert_int_equal(sa->spi_in, s->outcome.sa.spi_out);
	assert_memory_equal(sa->key_out, s->outcome.sa.key_in, SUITE_KEY_BYTES);
	assert_memory_equal(sa->key_in, s->outcome.sa.key_out, SUITE_KEY_BYTES);
}

bool certified_holds(struct slice message, const char *text)
{
	return memmem(message.at, message.len, text, strlen(text)) != NULL;
}

/* Takes the signer over: his attachment is refused, for that reason, and told no more than this. */
void certified_refused(struct certified *c, struct signer *signer, const char *reason)
{
	struct scene *s = c->scene;
	struct initiator *i = certified_terminal(c, signer);
	uint32_t used = sa_allocator_used(s->allocator);

	scene_to_message_3(s, i);
	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_REFUSED);
	assert_string_equal(s->outcome.reason, reason);
	assert_int_equal(sa_allocator_used(s->allocator), used);
	/* the same answer for all, whatever the reason */
	assert_memory_equal(s->outcome.reply, "SIP/2.0 403 Forbidden\r\n", 23);
	assert_false(certified_holds(scene_reply(s), "Security"));
	assert_false(certified_holds(scene_reply(s), "Warning"));
	assert_true(certified_holds(scene_reply(s), "Content-Length: 0\r\n\r\n"));
	scene_return(s, i, INITIATOR_REFUSED);
	initiator_destroy(i);
	signer_destroy(signer);
}
