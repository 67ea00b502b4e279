/* The SAs of a tunnel, before, during and after its keys are renewed. */
#include "terminal/channel/tunnel_state.h"

uint32_t tunnel_spi_in(const struct tunnel *tunnel)
{
	return esp_inbound_spi(tunnel->next_in ? tunnel->next_in : tunnel->in);
}

uint32_t tunnel_spi_out(const struct tunnel *tunnel)
{
	return esp_outbound_spi(tunnel->next_out ? tunnel->next_out : tunnel->out);
}

struct esp_inbound *tunnel_find_in(const struct tunnel *tunnel, uint32_t spi)
{
	struct esp_inbound *const sas[] = {tunnel->in, tunnel->next_in, tunnel->old_in};

	for (unsigned i = 0; i < 3; i++)
		if (sas[i] && esp_inbound_spi(sas[i]) == spi)
			return sas[i];
	return NULL;
}

bool tunnel_has_spi(const struct tunnel *tunnel, uint32_t spi)
{
	return tunnel_find_in(tunnel, spi) != NULL;
}

bool tunnel_is_settled(const struct tunnel *tunnel)
{
	return tunnel_is_confirmed(tunnel) && !tunnel->next_in && !tunnel->old_in;
}

/* Both SAs, or neither. The caller sends on his at once, the callee when he has heard him. */
static enum result install(struct tunnel *tunnel, const struct renewal_sas *sas)
{
	struct esp_outbound *out;
	enum result result = esp_outbound_create(tunnel->suite, sas->spi_out, sas->key_out, &out);

	if (result != RESULT_OK)
		return result;
	result = esp_inbound_create(tunnel->suite, sas->spi_in, sas->key_in, &tunnel->next_in);
	if (result != RESULT_OK) {
		esp_outbound_destroy(out);
		return result;
	}
	if (tunnel->renewal.is_caller) {
		esp_outbound_destroy(tunnel->out);
		tunnel->out = out;
	} else {
		tunnel->next_out = out;
	}
	tunnel->counters[TUNNEL_RENEWALS]++;
	tunnel->port.renewed(tunnel->port.context, sas);
	return RESULT_OK;
}

void tunnel_settle(struct tunnel *tunnel, uint64_t now_ms)
{
	tunnel->old_in = tunnel->in;
	tunnel->old_ms = now_ms + TUNNEL_OLD_MS;
	tunnel->in = tunnel->next_in;
	tunnel->next_in = NULL;
	if (tunnel->next_out) {
		esp_outbound_destroy(tunnel->out);
		tunnel->out = tunnel->next_out;
		tunnel->next_out = NULL;
		tunnel_say_dummy(tunnel, now_ms); /* the caller is to know, too */
	}
}

void tunnel_take_renewal(struct tunnel *tunnel, uint64_t now_ms, const struct esp_opened *opened)
{
	struct renewal_message answer;
	struct renewal_sas sas;
	enum result result;

	result = renewal_take(&tunnel->renewal, opened->payload, opened->len,
			      tunnel_is_settled(tunnel), now_ms, &sas, &answer);
	if (result == RESULT_OK) {
		/* Without memory for them the next packets are lost, and the channel is. */
		result = install(tunnel, &sas);
		secret_wipe_bytes(&sas, sizeof(sas));
	} else if (result != RESULT_NOT_FOUND) {
		tunnel->counters[TUNNEL_DROP_MALFORMED]++;
	}
	if (answer.len)
		tunnel_say(tunnel, now_ms, &tunnel->path.address, ESP_NEXT_OWN, answer.bytes,
			   answer.len);
	else if (result == RESULT_OK)
		tunnel_say_dummy(tunnel, now_ms); /* under the new keys */
}

void tunnel_tend_keys(struct tunnel *tunnel, uint64_t now_ms)
{
	uint64_t sent = esp_outbound_packets(tunnel->out);
	uint64_t received = esp_inbound_packets(tunnel->in);
	struct renewal_message message;

	if (tunnel->old_in && now_ms >= tunnel->old_ms) {
		esp_inbound_destroy(tunnel->old_in);
		tunnel->old_in = NULL;
	}
	if (tunnel_is_settled(tunnel) &&
	    renewal_say(&tunnel->renewal, sent > received ? sent : received, now_ms, &message) ==
		    RESULT_OK &&
	    message.len)
		tunnel_say(tunnel, now_ms, &tunnel->path.address, ESP_NEXT_OWN, message.bytes,
			   message.len);
}
