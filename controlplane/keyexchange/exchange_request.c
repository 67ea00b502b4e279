/* What messages 1 and 3 have in common, and how they are answered. */
#include <string.h>

#include "controlplane/keyexchange/answer_tag.h"
#include "controlplane/keyexchange/exchange_state.h"
#include "shared/sip/reply.h"

/* Which of our domains the Request-URI names. */
static bool find_domain(const struct exchange *x, const struct sip_uri *uri, uint8_t *out)
{
	if ((uri->scheme != SIP_SCHEME_SIP && uri->scheme != SIP_SCHEME_SIPS) ||
	    uri->user.len > 0 || uri->port != 0)
		return false;
	for (uint8_t i = 0; i < x->domain_count; i++) {
		if (sip_host_is_equal(uri->host, exchange_domain(x, i))) {
			*out = i;
			return true;
		}
	}
	return false;
}

/* From and To are one name; From has a tag, To has none. */
static bool find_aor(const struct sip_message *m, struct exchange_request *out)
{
	char room[LIMIT_AOR_BYTES];
	struct slice from, to;

	if (m->from.tag.len == 0 || m->to.tag.len > 0 || m->from.uri.user.len == 0 ||
	    sip_uri_aor(&m->from.uri, out->aor, &from) != RESULT_OK ||
	    sip_uri_aor(&m->to.uri, room, &to) != RESULT_OK)
		return false;
	out->aor_len = from.len;
	return slice_is_equal(from, to);
}

bool exchange_is_proved(const struct exchange_input *input)
{
	return input->through.index != 0 || input->is_stream;
}

struct sip_address exchange_seen(const struct exchange_input *input,
				 const struct sip_address *stated)
{
	struct sip_address seen = input->source;

	if (input->is_stream)
		seen.port = stated->port;
	return seen;
}

size_t exchange_longest(const struct exchange_input *input)
{
	return exchange_is_proved(input) ? LIMIT_KEYEXCHANGE_LONG_BYTES
					 : LIMIT_KEYEXCHANGE_MESSAGE_BYTES;
}

const char *exchange_request_check(const struct exchange *x, const struct exchange_input *input,
				   struct exchange_request *out)
{
	const struct sip_message *m = input->message;

	memset(out, 0, sizeof(*out));
	out->source = (struct cookie_source){
		.address = input->source,
		.sa_index = input->through.index,
		.sa_generation = input->through.generation,
	};
	/* each TCP connection has another port */
	if (input->is_stream)
		out->source.address.port = 0;
	/* the transcript is of bytes */
	if (m->base != input->datagram.at || m->len != input->datagram.len)
		return "something stands before or behind the message";
	if (m->via_count != 1)
		return "it has more than one Via";
	if (!find_domain(x, &m->uri, &out->domain))
		return "its Request-URI is no domain of ours";
	return find_aor(m, out) ? NULL
				: "From and To are not one name, or their tags not as a first request has them";
}

enum result exchange_reply(const struct exchange *x, const struct exchange_input *input,
			   const struct exchange_answer *answer, struct exchange_outcome *out)
{
	struct writer w = writer_make(out->reply, sizeof(out->reply));
	struct sip_reply reply = {
		.status = answer->status,
		.source = input->source,
		.extra = answer->extra,
		.body = answer->body,
		.body_to_come = answer->tail.len,
	};
	struct answer_tag tag;
	enum result result = answer_tag_make(&x->persistent, input->message, &tag);

	out->verdict = answer->verdict;
	out->reply_len = 0;
	if (result != RESULT_OK)
		return result;
	reply.to_tag = answer_tag_slice(&tag);
	if (answer->body.len > 0 || answer->tail.len > 0)
		reply.content_type = answer->body_type.len > 0 ? answer->body_type
							       : SLICE(KEYEXCHANGE_SEALED_TYPE);
	result = sip_reply_write(input->message, &reply, &w);
	if (result != RESULT_OK) {
		out->verdict = EXCHANGE_DROPPED_SHORT;
		return RESULT_SPACE;
	}
	if (answer->is_proved || w.len <= input->datagram.len)
		out->reply_len = w.len;
	out->tail = answer->tail;
	return RESULT_OK;
}

enum result exchange_refuse(const struct exchange *x, const struct exchange_input *input,
			    enum exchange_verdict verdict, const char *reason, bool is_proved,
			    struct exchange_outcome *out)
{
	static const uint16_t statuses[EXCHANGE_VERDICT_COUNT] = {
		[EXCHANGE_COOKIE_WRONG] = 401, [EXCHANGE_REFUSED] = 403,
		[EXCHANGE_MALFORMED] = 400,    [EXCHANGE_NO_SUITE] = 488,
		[EXCHANGE_UNAVAILABLE] = 503,  [EXCHANGE_NO_CERTIFICATE] = 488,
	};
	const struct exchange_answer answer = {
		.verdict = verdict,
		.status = statuses[verdict],
		.extra = verdict == EXCHANGE_UNAVAILABLE ? SLICE("Retry-After: 10\r\n") : SLICE(""),
		.is_proved = is_proved || exchange_is_proved(input),
	};
	enum result result = exchange_reply(x, input, &answer, out);

	out->reason = reason;
	return result == RESULT_SPACE ? RESULT_OK : result;
}
