/* Are two messages, parsed from the same bytes, the same? For the parser with and without vectors.
 */
#ifndef SEKISHO_TESTS_UNIT_SHARED_SIP_SAME_H
#define SEKISHO_TESTS_UNIT_SHARED_SIP_SAME_H

#include "shared/sip/head.h"
#include "shared/sip/skeleton.h"

/* An empty slice may stand anywhere. */
static inline bool slice_is_same(struct slice a, struct slice b)
{
	return a.len == b.len && (a.len == 0 || a.at == b.at);
}

/* What is told of a URI besides its parts. */
static inline bool is_told_right(const struct sip_uri *uri)
{
	char text[LIMIT_SIP_MESSAGE_BYTES];
	struct writer w = writer_make(text, sizeof(text));

	if (!uri->is_canonical)
		return true;
	return sip_uri_canonical_aor(uri, &w) == RESULT_OK &&
	       slice_is_equal(slice_make(text, w.len),
			      slice_make(uri->user.at, uri->user.len + 1 + uri->host.len));
}

static inline bool uri_is_same(const struct sip_uri *a, const struct sip_uri *b)
{
	return is_told_right(a) && a->scheme == b->scheme && a->has_password == b->has_password &&
	       a->port == b->port && slice_is_same(a->text, b->text) &&
	       slice_is_same(a->user, b->user) && slice_is_same(a->password, b->password) &&
	       slice_is_same(a->host, b->host) && slice_is_same(a->params, b->params) &&
	       slice_is_same(a->headers, b->headers);
}

static inline bool party_is_same(const struct sip_party *a, const struct sip_party *b)
{
	return uri_is_same(&a->uri, &b->uri) && slice_is_same(a->tag, b->tag) &&
	       slice_is_same(a->display, b->display);
}

static inline bool via_is_same(const struct sip_via *a, const struct sip_via *b)
{
	return slice_is_same(a->text, b->text) && slice_is_same(a->protocol, b->protocol) &&
	       slice_is_same(a->transport, b->transport) && slice_is_same(a->sent_by, b->sent_by) &&
	       slice_is_same(a->host, b->host) &&
	       memcmp(&a->address, &b->address, sizeof(a->address)) == 0 &&
	       slice_is_same(a->branch, b->branch) && slice_is_same(a->received, b->received) &&
	       slice_is_same(a->rport, b->rport) && slice_is_same(a->rport_text, b->rport_text) &&
	       slice_is_same(a->sk, b->sk) && a->port == b->port && a->has_rport == b->has_rport;
}

/* Lines, and where each header has its first and last. */
static inline bool lines_are_same(const struct sip_message *a, const struct sip_message *b)
{
	if (a->line_count != b->line_count || a->present != b->present || a->body != b->body)
		return false;
	for (unsigned i = 0; i < a->line_count; i++) {
		const struct sip_line *x = &a->lines[i], *y = &b->lines[i];

		if (x->start != y->start || x->value != y->value || x->value_len != y->value_len ||
		    x->end != y->end || x->id != y->id || x->flags != y->flags)
			return false;
	}
	for (unsigned id = 0; id < SIP_HEADER_COUNT; id++) {
		if ((a->present >> id & 1) != 0 &&
		    (a->first[id] != b->first[id] || a->last[id] != b->last[id]))
			return false;
	}
	return true;
}

/* What holds after any verdict but SIP_VERDICT_DROP. */
static inline const char *kept_difference(const struct sip_message *a, const struct sip_message *b)
{
	if (a->base != b->base || a->len != b->len || a->is_request != b->is_request ||
	    a->has_bare != b->has_bare)
		return "length, kind or bare line ends";
	if (!lines_are_same(a, b))
		return "lines";
	if (!via_is_same(&a->via, &b->via) || a->via_count != b->via_count)
		return "Via";
	if (a->has_from != b->has_from || (a->has_from && !party_is_same(&a->from, &b->from)))
		return "From";
	if (a->has_to != b->has_to || (a->has_to && !party_is_same(&a->to, &b->to)))
		return "To";
	return NULL;
}

/* What holds after SIP_VERDICT_OK. */
static inline const char *rest_difference(const struct sip_message *a, const struct sip_message *b)
{
	if (a->is_request ? !uri_is_same(&a->uri, &b->uri)
			  : a->status != b->status || !slice_is_same(a->reason, b->reason))
		return "Request-URI or status";
	if (a->method != b->method || !slice_is_same(a->method_name, b->method_name) ||
	    !slice_is_same(a->version, b->version))
		return "method or version";
	if (!slice_is_same(a->call_id, b->call_id))
		return "Call-ID";
	if (a->cseq.number != b->cseq.number || a->cseq.method != b->cseq.method ||
	    !slice_is_same(a->cseq.method_name, b->cseq.method_name))
		return "CSeq";
	if (a->has_max_forwards != b->has_max_forwards ||
	    a->has_content_length != b->has_content_length ||
	    (a->has_max_forwards && a->max_forwards != b->max_forwards))
		return "Max-Forwards or Content-Length";
	return NULL;
}

/* What a second reading, or one by other means, says otherwise than the scalar one; NULL: nothing.
 */
static inline const char *sip_reading_difference(const struct sip_message *read,
						 enum sip_verdict verdict,
						 const struct sip_message *scalar,
						 enum sip_verdict scalar_verdict)
{
	const char *difference;

	if (scalar_verdict != verdict)
		return "verdict";
	if (read->fault != scalar->fault)
		return "fault";
	if (verdict == SIP_VERDICT_DROP)
		return NULL;
	difference = kept_difference(read, scalar);
	if (difference != NULL || verdict != SIP_VERDICT_OK)
		return difference;
	return rest_difference(read, scalar);
}

/* The address that a Via begins with, whatever stands behind it: known as a sender's is. */
static inline void via_address_find(const char *at, size_t len, struct sip_address *address,
				    struct sip_known_host *known)
{
	static const char start[] = "SIP/2.0/UDP [";
	const char *host = memmem(at, len, start, sizeof(start) - 1), *past;
	struct slice text;

	if (host == NULL)
		return;
	host += sizeof(start) - 2;
	past = memchr(host, ']', (size_t)(at + len - host));
	if (past == NULL || past - host >= 64)
		return;
	text = slice_make(host, (size_t)(past + 1 - host));
	if (sip_address_parse(text, address) == RESULT_OK)
		*known = (struct sip_known_host){text, address};
}

/*
 * Parses without vectors, with them, and with the host that stands in the Via known and the heads
 * of all messages before remembered, twice so that it is one of them; NULL: the same, else what is
 * not.
 */
static inline const char *sip_parse_difference(const char *at, size_t len)
{
	static struct sip_message by_vectors, scalar;
	static struct sip_skeletons skeletons;
	struct sip_address address = {0};
	struct sip_expected expected = {.skeletons = &skeletons};
	enum sip_verdict plain = sip_message_parse_scalar(at, len, &scalar), verdict;
	const char *difference;

	via_address_find(at, len, &address, &expected.host);
	if (plain == SIP_VERDICT_OK && scalar.via.host.len <= 64) {
		address = scalar.via.address;
		expected.host = (struct sip_known_host){scalar.via.host, &address};
	}
	address.port = 5060; /* which no Via's has */
	verdict = sip_message_parse(at, len, &by_vectors);
	difference = sip_reading_difference(&by_vectors, verdict, &scalar, plain);
	for (unsigned i = 0; difference == NULL && i < 2; i++) {
		memset(&by_vectors, 0xa5, sizeof(by_vectors));
		verdict = sip_message_parse_expecting(at, len, &expected, &by_vectors);
		difference = sip_reading_difference(&by_vectors, verdict, &scalar, plain);
	}
	return difference;
}

#endif
