/* What a user learns of a call's data channel. */
#include <stdarg.h>

#include "terminal/agent/report.h"
#include "terminal/agent/state.h"

static json_t *address_text(const struct sip_address *address)
{
	char text[SIP_ADDRESS_CHARS];
	struct writer w = writer_make(text, sizeof(text));

	sip_address_write_bare(address, &w);
	return json_stringn(w.at, w.len);
}

/* Where the other side is; null while it is looked for. */
static json_t *place_text(const struct tunnel *tunnel)
{
	const struct sip_address place = tunnel_place(tunnel);

	return place.family ? data_channel_place_text(&place) : json_null();
}

static json_t *spi_text(uint32_t spi)
{
	return json_sprintf("%08x", spi);
}

json_t *data_channel_report(const struct agent *agent, unsigned call)
{
	const struct call_channel *channel = &agent->channel.calls[call];
	const struct data_channel *shared = &agent->channel;
	json_t *report, *counters;

	if (!channel->tunnel)
		return NULL;
	report = json_pack("{s:s, s:b, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "interface",
			   shared->tun.name, "confirmed", tunnel_is_confirmed(channel->tunnel),
			   "string", channel->string, "own-ipv6", address_text(&shared->own.ipv6),
			   "own-ipv4", address_text(&shared->own.ipv4), "peer-ipv6",
			   address_text(&channel->peer.ipv6), "peer-ipv4",
			   address_text(&channel->peer.ipv4), "peer", place_text(channel->tunnel),
			   "spi-in", spi_text(tunnel_spi_in(channel->tunnel)), "spi-out",
			   spi_text(tunnel_spi_out(channel->tunnel)));
	counters = json_object();
	for (unsigned i = 0; i < TUNNEL_COUNTER_COUNT; i++)
		json_object_set_new(counters, tunnel_counter_name((enum tunnel_counter)i),
				    json_integer((json_int_t)tunnel_count(channel->tunnel,
									  (enum tunnel_counter)i)));
	json_object_set_new(report, "counters", counters);
	return report;
}

static unsigned number_of(const struct call_channel *channel)
{
	return (unsigned)(channel - channel->agent->channel.calls) + 1;
}

void data_channel_tell(struct call_channel *channel, const char *name, const char *format, ...)
{
	char sentence[DATA_CHANNEL_SENTENCE_CHARS];
	va_list arguments;
	json_t *event;

	va_start(arguments, format);
	vsnprintf(sentence, sizeof(sentence), format, arguments);
	va_end(arguments);
	event = report_event(name, sentence);
	json_object_set_new(event, "call", json_integer(number_of(channel)));
	agent_tell_take(channel->agent, event, NULL);
}

bool data_channel_is_sought(const struct agent *agent, unsigned call)
{
	const struct tunnel *tunnel = agent->channel.calls[call].tunnel;

	return tunnel && !tunnel_is_confirmed(tunnel);
}

/* That a call has none, where the user would have had one. */
static json_t *lack_take(const struct agent *agent, unsigned call, json_t *text)
{
	const char *failure = agent->channel.calls[call].failure;
	const char *why = failure[0] ? failure : data_channel_obstacle(agent);
	json_t *sentence;

	if (agent->settings->channel == CHANNEL_OFF || !why)
		return text;
	sentence = json_sprintf("%s\nno data channel: %s", json_string_value(text), why);
	json_decref(text);
	return sentence;
}

json_t *data_channel_established_take(const struct agent *agent, unsigned call, json_t *text)
{
	return agent->channel.calls[call].tunnel ? data_channel_sentence_take(agent, call, text)
						 : lack_take(agent, call, text);
}

json_t *data_channel_sentence_take(const struct agent *agent, unsigned call, json_t *text)
{
	json_t *report = data_channel_report(agent, call), *sentence;
	const char *place = report ? json_string_value(json_object_get(report, "peer")) : NULL;

	if (!report)
		return text;
	sentence = json_sprintf(
		"%s\ndata channel %s: %s and %s, here %s and %s\n%s%s\ncompare aloud "
		"with the other side: %s",
		json_string_value(text), agent->channel.tun.name,
		json_string_value(json_object_get(report, "peer-ipv6")),
		json_string_value(json_object_get(report, "peer-ipv4")),
		json_string_value(json_object_get(report, "own-ipv6")),
		json_string_value(json_object_get(report, "own-ipv4")),
		place ? "its packets go to " : "the way to the other side is being looked for",
		place ? place : "", agent->channel.calls[call].string);
	json_decref(report);
	json_decref(text);
	return sentence;
}
