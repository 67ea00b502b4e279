#include "controlplane/keyexchange/exchange.h"

#include <stdlib.h>
#include <string.h>

#include "controlplane/keyexchange/exchange_state.h"

const char *exchange_verdict_text(enum exchange_verdict verdict)
{
	static const char *const texts[EXCHANGE_VERDICT_COUNT] = {
		[EXCHANGE_CHALLENGED] = "challenged",
		[EXCHANGE_COOKIE_ASKED] = "cookie-asked",
		[EXCHANGE_CERTIFICATE_SHOWN] = "certificate-shown",
		[EXCHANGE_ESTABLISHED] = "established",
		[EXCHANGE_REPEATED] = "repeated",
		[EXCHANGE_AWAITED] = "awaited",
		[EXCHANGE_COOKIE_WRONG] = "cookie-wrong",
		[EXCHANGE_REFUSED] = "refused",
		[EXCHANGE_MALFORMED] = "malformed",
		[EXCHANGE_NO_SUITE] = "no-suite",
		[EXCHANGE_NO_CERTIFICATE] = "no-certificate",
		[EXCHANGE_UNAVAILABLE] = "unavailable",
		[EXCHANGE_DROPPED_SHORT] = "dropped-short",
	};

	return verdict < EXCHANGE_VERDICT_COUNT ? texts[verdict] : "unknown";
}

bool subscriber_credential_has(const struct subscriber_credential *credential,
			       struct slice identity)
{
	for (uint8_t i = 0; i < credential->identity_count; i++) {
		const char *at = credential->identity[i];

		if (slice_is_equal(slice_make(at, strnlen(at, LIMIT_AOR_BYTES)), identity))
			return true;
	}
	return false;
}

static bool settings_are_good(const struct exchange_settings *s)
{
	if (s->domain_count == 0 || s->domain_count > EXCHANGE_DOMAINS_MAX ||
	    s->suites.count == 0 || s->suites.count > SUITE_COUNT || s->hard_s == 0 ||
	    s->soft_s > s->hard_s || s->iterations < LIMIT_SCRAM_ITERATIONS_MIN ||
	    s->iterations > LIMIT_SCRAM_ITERATIONS_MAX || !s->store.credential || !s->random.fill ||
	    !s->allocator ||
	    (s->certificates.trust && (!s->certificates.signer || s->certificates_per_second == 0)))
		return false;
	for (size_t i = 0; i < s->domain_count; i++)
		if (s->domains[i].len == 0 || s->domains[i].len > LIMIT_DOMAIN_BYTES)
			return false;
	return true;
}

static void terms_take(struct exchange *x, const struct exchange_settings *s)
{
	x->suites = s->suites;
	x->soft_s = s->soft_s;
	x->soft_packets = s->soft_packets;
	x->soft_bytes = s->soft_bytes;
	x->iterations = s->iterations;
	x->flood.threshold = s->flood_threshold;
}

static void settings_take(struct exchange *x, const struct exchange_settings *s)
{
	for (size_t i = 0; i < s->domain_count; i++) {
		memcpy(x->domains[i], s->domains[i].at, s->domains[i].len);
		x->domain_len[i] = s->domains[i].len;
	}
	x->domain_count = s->domain_count;
	x->hard_s = s->hard_s;
	memcpy(x->persistent.bytes, s->persistent, SECRET_BYTES);
	x->store = s->store;
	x->random = s->random;
	x->allocator = s->allocator;
	x->certificates = s->certificates;
	x->inner_pool = s->inner_pool;
	x->flood = flood_make(s->flood_threshold);
	x->verify = verify_limit_make(s->certificates_per_second);
	terms_take(x, s);
}

enum result exchange_create(const struct exchange_settings *settings, struct exchange **out)
{
	struct exchange *x = calloc(1, sizeof(*x));
	enum result result;
	uint32_t seed;

	if (!x)
		return RESULT_MEMORY;
	result = settings_are_good(settings) ? RESULT_OK : RESULT_BAD;
	if (result == RESULT_OK) {
		settings_take(x, settings);
		result = cookie_jar_create(settings->cookie_lifetime_ms, settings->random, &x->jar);
	}
	if (result == RESULT_OK)
		result = gateway_shares_create(settings->cookie_lifetime_ms, settings->random,
					       &x->shares);
	if (result == RESULT_OK)
		result = used_cookies_create(settings->used_cookies, &x->used);
	if (result == RESULT_OK)
		result = random_fill(&x->random, &seed, sizeof(seed));
	if (result == RESULT_OK)
		result = attach_rate_create(settings->used_cookies, seed, &x->rate);
	if (result == RESULT_OK)
		result = failure_limit_create(&x->failures);
	if (result != RESULT_OK) {
		exchange_destroy(x);
		return result;
	}
	*out = x;
	return RESULT_OK;
}

void exchange_destroy(struct exchange *x)
{
	if (!x)
		return;
	cookie_jar_destroy(x->jar);
	gateway_shares_destroy(x->shares);
	used_cookies_destroy(x->used);
	attach_rate_destroy(x->rate);
	failure_limit_destroy(x->failures);
	secret_wipe_bytes(x, sizeof(*x));
	free(x);
}

enum result exchange_adjust(struct exchange *x, const struct exchange_settings *settings)
{
	if (!settings_are_good(settings))
		return RESULT_BAD;
	terms_take(x, settings);
	return RESULT_OK;
}

void exchange_certificates_set(struct exchange *x, const struct exchange_certificates *certificates)
{
	x->certificates = *certificates;
}

struct slice exchange_domain(const struct exchange *x, uint8_t index)
{
	return slice_make(x->domains[index], x->domain_len[index]);
}

static bool is_sealed(const struct sip_message *m)
{
	return slice_is_equal_nocase(sip_message_value(m, SIP_HEADER_CONTENT_TYPE),
				     SLICE(KEYEXCHANGE_SEALED_TYPE));
}

bool exchange_is_for(const struct sip_message *m)
{
	return m->is_request && m->method == SIP_METHOD_REGISTER &&
	       (sip_message_has(m, SIP_HEADER_SECURITY_CLIENT) || is_sealed(m));
}

enum result exchange_receive(struct exchange *x, const struct exchange_input *input,
			     struct exchange_outcome *out)
{
	memset(out, 0, sizeof(*out));
	out->reason = "";
	if (input->datagram.len > exchange_longest(input)) {
		out->verdict = EXCHANGE_DROPPED_SHORT;
		out->reason = "it is longer than a message of a key exchange may be";
		return RESULT_OK;
	}
	if (is_sealed(input->message))
		return exchange_establish(x, input, out);
	return exchange_challenge(x, input, out);
}

void exchange_settle(struct exchange *x, const uint8_t cookie_id[COOKIE_ID_BYTES], bool is_there)
{
	used_cookies_settle(x->used, cookie_id, is_there);
}

void exchange_tick(struct exchange *x, uint64_t now_ms)
{
	cookie_jar_expire(x->jar, now_ms);
	gateway_shares_expire(x->shares, now_ms);
	(void)used_cookies_make_room(x->used, now_ms);
}
