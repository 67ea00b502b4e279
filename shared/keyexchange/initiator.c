#include "shared/keyexchange/initiator.h"

#include <stdlib.h>
#include <string.h>

#include "shared/base64url.h"
#include "shared/keyexchange/initiator_state.h"

/* Random bytes of a Call-ID, tag or branch. */
#define ID_BYTES 15

static enum result make_id(const struct initiator *i, struct slice prefix, char *out, size_t *len)
{
	struct writer w = writer_make(out, INITIATOR_ID_CHARS);
	uint8_t bytes[ID_BYTES];
	enum result result = random_fill(&i->random, bytes, sizeof(bytes));

	writer_slice(&w, prefix);
	base64url_encode(&w, bytes, sizeof(bytes));
	*len = w.len;
	return result;
}

enum result initiator_renew_branch(struct initiator *i)
{
	return make_id(i, SLICE("z9hG4bK"), i->branch, &i->branch_len);
}

static bool copy(struct slice from, char *to, size_t cap, size_t *len)
{
	if (from.len > cap)
		return false;
	if (from.len > 0)
		memcpy(to, from.at, from.len);
	*len = from.len;
	return true;
}

static bool is_aor_sayable(struct slice aor)
{
	char buffer[LIMIT_AOR_BYTES + 4];
	struct writer w = writer_make(buffer, sizeof(buffer));
	struct sip_uri uri;
	struct slice text;

	WRITER_LITERAL(&w, "sip:");
	writer_slice(&w, aor);
	return writer_finish(&w, &text) == RESULT_OK && sip_uri_parse(text, &uri) == RESULT_OK &&
	       uri.user.len > 0 && uri.params.len == 0 && uri.headers.len == 0;
}

bool initiator_is_stream(const struct initiator *i)
{
	return i->has_long_certificates && !i->is_inside;
}

enum result initiator_lengthen(struct initiator *i)
{
	char *message;

	i->has_long_certificates = true;
	if (i->message != i->datagram)
		return RESULT_OK;
	message = malloc(LIMIT_KEYEXCHANGE_LONG_BYTES);
	if (!message)
		return RESULT_MEMORY;
	i->message = message;
	i->message_cap = LIMIT_KEYEXCHANGE_LONG_BYTES;
	return RESULT_OK;
}

/* CAs that come along make a message 3 that no datagram holds. */
static bool has_chain(const struct signer *signer)
{
	const struct certificate *own = signer ? signer_certificate(signer) : NULL;

	return own && certificate_chain(own).len > certificate_der(own).len;
}

static bool is_domain_sayable(struct slice domain)
{
	const char *end = domain.at + domain.len;
	struct slice host;

	return domain.len > 0 && sip_host_scan(domain.at, end, &host) == end;
}

static bool take_settings(struct initiator *i, const struct initiator_settings *s)
{
	i->address = s->address;
	i->wants_encap = s->wants_encap;
	i->suites = s->suites;
	i->random = s->random;
	i->signer = s->signer;
	i->trust = s->trust;
	i->now_s = s->now_s;
	i->reason = "";
	return is_aor_sayable(s->aor) && is_domain_sayable(s->domain) && s->suites.count > 0 &&
	       s->address.family != 0 && s->address.port != 0 &&
	       (s->signer ? s->trust != NULL : s->password.len > 0) && (!s->trust || s->now_s) &&
	       copy(s->domain, i->domain, sizeof(i->domain), &i->domain_len) &&
	       copy(s->aor, i->aor, sizeof(i->aor), &i->aor_len) &&
	       copy(s->subscriber, i->subscriber, sizeof(i->subscriber), &i->subscriber_len) &&
	       copy(s->password, i->password, sizeof(i->password), &i->password_len);
}

enum result initiator_create(const struct initiator_settings *settings, struct initiator **out)
{
	struct initiator *i = calloc(1, sizeof(*i));
	enum result result;

	if (!i)
		return RESULT_MEMORY;
	i->message = i->datagram;
	i->message_cap = sizeof(i->datagram);
	result = take_settings(i, settings) ? RESULT_OK : RESULT_BAD;
	if (result == RESULT_OK && has_chain(settings->signer))
		result = initiator_lengthen(i);
	if (result == RESULT_OK && settings->gateway.len > 0)
		result = certificate_parse(settings->gateway, &i->gateway);
	if (result == RESULT_OK)
		result = make_id(i, SLICE(""), i->call_id, &i->call_id_len);
	if (result == RESULT_OK)
		result = make_id(i, SLICE(""), i->from_tag, &i->from_tag_len);
	if (result != RESULT_OK) {
		initiator_destroy(i);
		return result;
	}
	*out = i;
	return RESULT_OK;
}

static void forget_exchange(struct initiator *i)
{
	x25519_destroy(i->own);
	i->own = NULL;
	i->step = INITIATOR_IDLE;
	i->cookie_len = 0;
	i->message_len = 0;
	i->flood_answers = 0;
	i->status = 0;
	i->reason = "";
	secret_wipe(&i->prk);
	secret_wipe_bytes(&i->sa, sizeof(i->sa));
}

void initiator_destroy(struct initiator *i)
{
	if (!i)
		return;
	forget_exchange(i);
	certificate_destroy(i->gateway);
	if (i->message != i->datagram)
		free(i->message);
	secret_wipe_bytes(i, sizeof(*i));
	free(i);
}

void initiator_inside_set(struct initiator *i, bool is_inside)
{
	i->is_inside = is_inside;
}

const char *initiator_reason(const struct initiator *i)
{
	return i->reason;
}

void initiator_keys_put(struct initiator *i, struct slice salt, uint32_t iterations,
			const struct scram_keys *keys)
{
	if (salt.len > SCRAM_SALT_BYTES)
		return;
	i->derived_for.iterations = iterations;
	i->derived_for.salt_len = (uint8_t)salt.len;
	memcpy(i->derived_for.salt, salt.at, salt.len);
	i->derived = *keys;
}

void initiator_address_set(struct initiator *i, const struct sip_address *address)
{
	i->address = *address;
}

enum result initiator_start(struct initiator *i)
{
	enum result result;

	forget_exchange(i);
	i->cseq++;
	result = x25519_generate(&i->random, &i->own);
	if (result == RESULT_OK)
		result = random_fill(&i->random, i->ni, sizeof(i->ni));
	if (result == RESULT_OK)
		result = initiator_renew_branch(i);
	if (result == RESULT_OK)
		result = initiator_write_1(i);
	if (result == RESULT_OK)
		i->step = INITIATOR_AWAITS_2;
	return result;
}

struct slice initiator_message(const struct initiator *i)
{
	return slice_make(i->message, i->message_len);
}

/* Does it answer what was sent last (RFC 3261 17.1.3), and finally? */
static bool is_answer(const struct initiator *i, const struct sip_message *m)
{
	return !m->is_request && m->status >= 200 && m->via_count == 1 &&
	       m->cseq.method == SIP_METHOD_REGISTER && m->cseq.number == i->cseq &&
	       slice_is_equal(m->via.branch, slice_make(i->branch, i->branch_len)) &&
	       slice_is_equal(m->call_id, initiator_call_id(i)) &&
	       slice_is_equal(m->from.tag, initiator_from_tag(i));
}

/* It may have been too long to be shown in a datagram. */
static bool lacks_certificate(const struct initiator *i)
{
	return i->trust && !i->gateway && !i->is_inside && !i->has_long_certificates;
}

enum result initiator_begin_long(struct initiator *i, enum initiator_event *event)
{
	enum result result = initiator_lengthen(i);

	i->step = INITIATOR_IDLE;
	*event = INITIATOR_RESTART;
	return result;
}

static enum result judge(struct initiator *i, struct slice datagram, const struct sip_message *m,
			 enum initiator_event *event)
{
	if (i->step == INITIATOR_AWAITS_2 && m->status == 401)
		return initiator_judge_2(i, datagram, m, event);
	if (i->step == INITIATOR_AWAITS_4 && m->status == 200)
		return initiator_judge_4(i, datagram, m, event);
	if (i->step == INITIATOR_AWAITS_4 && m->status == 401)
		*event = INITIATOR_RESTART;
	else if (i->step == INITIATOR_AWAITS_2 && m->status == 488 && lacks_certificate(i))
		return initiator_begin_long(i, event);
	else
		*event = m->status == 403 ? INITIATOR_REFUSED : INITIATOR_FAILED;
	i->step = INITIATOR_IDLE;
	return RESULT_OK;
}

enum result initiator_receive(struct initiator *i, struct slice datagram,
			      enum initiator_event *event)
{
	struct sip_message response;
	enum result result;

	*event = INITIATOR_IGNORED;
	if (i->step != INITIATOR_AWAITS_2 && i->step != INITIATOR_AWAITS_4)
		return RESULT_OK;
	if (sip_message_parse(datagram.at, datagram.len, &response) != SIP_VERDICT_OK ||
	    !is_answer(i, &response))
		return RESULT_OK;
	result = judge(i, datagram, &response, event);
	if (result == RESULT_OK)
		i->status = response.status;
	return result;
}

const struct initiator_sa *initiator_established(const struct initiator *i)
{
	return i->step == INITIATOR_DONE ? &i->sa : NULL;
}

unsigned initiator_status(const struct initiator *i)
{
	return i->status;
}

struct slice initiator_call_id(const struct initiator *i)
{
	return slice_make(i->call_id, i->call_id_len);
}

struct slice initiator_from_tag(const struct initiator *i)
{
	return slice_make(i->from_tag, i->from_tag_len);
}

uint32_t initiator_cseq_next(struct initiator *i)
{
	return ++i->cseq;
}
