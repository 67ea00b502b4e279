/*
 * The secure signalling channel as the agent has it: taken into use with its limits and timers, and
 * dropped. (The data channel is in data_channel.c.)
 */
#include <openssl/crypto.h>

#include "terminal/agent/state.h"

void agent_log_key(struct agent *agent, uint32_t spi, const uint8_t *key,
		   const struct sip_address *to, enum suite suite)
{
	const struct suite_properties *properties = suite_find(suite);
	char line[4 * SUITE_KEY_BYTES];
	struct writer w = writer_make(line, sizeof(line));

	if (!agent->key_log)
		return;
	writer_hex(&w, key, suite_key_bytes(properties));
	writer_char(&w, ' ');
	sip_address_write_bare(to, &w);
	fprintf(agent->key_log, "%08x %.*s %.*s\n", spi, (int)w.len, w.at,
		(int)properties->name.len, properties->name.at);
	fflush(agent->key_log);
	OPENSSL_cleanse(line, sizeof(line));
}

enum result channel_install(struct agent *agent)
{
	const struct initiator_sa *sa = initiator_established(agent->initiator);
	enum result result;

	agent->link.gateway = *attach_gateway(&agent->attach);
	result = link_install(&agent->link, sa, agent->now_ms);
	if (result != RESULT_OK)
		return result;
	agent_log_key(agent, sa->spi_out, sa->key_out, &agent->link.gateway, sa->suite);
	agent_log_key(agent, sa->spi_in, sa->key_in, &agent->link.own, sa->suite);
	agent->limits = *sa;
	OPENSSL_cleanse(agent->limits.key_in, sizeof(agent->limits.key_in));
	OPENSSL_cleanse(agent->limits.key_out, sizeof(agent->limits.key_out));
	agent->series = (struct series_link){agent->link.own, agent->link.gateway, sa->level, agent->own};
	ua_link_set(agent->ua, &agent->series);
	agent->rekey_ms = agent->now_ms + (uint64_t)sa->soft_s * 1000;
	agent->hard_ms = agent->now_ms + (uint64_t)sa->hard_s * 1000;
	agent->keep_alive_ms = agent->now_ms + agent->settings->keep_alive_ms;
	return RESULT_OK;
}

void channel_drop(struct agent *agent)
{
	link_down(&agent->link);
	ua_attached_set(agent->ua, false);
	agent->refresh_ms = agent->keep_alive_ms = TIMER_NEVER;
	agent->rekey_ms = agent->hard_ms = TIMER_NEVER;
}
