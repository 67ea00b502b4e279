/*
 * Who is asked for by a request without a token, and under what it is remembered what the policy's
 * patterns found for it (policy_cache.h): known before step 6, so that what that will read is near
 * by then.
 */
#ifndef SEKISHO_DATAPLANE_RULES_ASKED_H
#define SEKISHO_DATAPLANE_RULES_ASKED_H

#include "dataplane/rules/packet_rules.h"
#include "dataplane/rules/policy_cache.h"

struct policy_state;

/* An ACK and a CANCEL are judged as their INVITE was, by what was in force then or is now. */
static inline bool asked_is_of_invite(const struct packet_rules *rules)
{
	return rules->message->method == SIP_METHOD_ACK ||
	       rules->message->method == SIP_METHOD_CANCEL;
}

/* The method that the policy judges. */
static inline enum sip_method asked_method(const struct packet_rules *rules)
{
	return asked_is_of_invite(rules) ? SIP_METHOD_INVITE : rules->message->method;
}

/* The host of an AOR, which a URI most likely is as it stands. */
static inline struct slice asked_domain(const struct text_key *aor, const struct sip_uri *uri)
{
	return uri->is_canonical && aor->text.at == uri->user.at ? uri->host
								 : rules_aor_domain(aor->text);
}

/* After from_check: whose domain it is; what is remembered of it is asked for. */
void asked_begin(struct packet_rules *rules, const struct policy_state *state);

/* All that policy_text.h shows to the patterns. */
void asked_print(const struct packet_rules *rules, const struct policy_state *state,
		 struct policy_print *print);

#endif
