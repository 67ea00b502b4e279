/* What a REGISTER asks for (RFC 3261 10.2), read strictly. */
#ifndef SEKISHO_CONTROLPLANE_REGISTRAR_REGISTER_REQUEST_H
#define SEKISHO_CONTROLPLANE_REGISTRAR_REGISTER_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "controlplane/registrar/registrar_state.h"
#include "shared/sip/host.h"
#include "shared/sip/message.h"

/* Contacts that one REGISTER may carry; all are of one terminal. */
#define REGISTER_CONTACTS_MAX 8

enum register_kind {
	REGISTER_QUERY,	     /* no Contact */
	REGISTER_ADD,	     /* or refresh */
	REGISTER_REMOVE,     /* this terminal */
	REGISTER_REMOVE_ALL, /* Contact: * */
};

struct register_request {
	enum register_kind kind;
	char aor[LIMIT_AOR_BYTES];
	size_t aor_len;	      /* canonical, of From and To */
	struct slice contact; /* URI of the Contact with the highest q that is not removed */
	uint32_t expires_s;
	uint16_t q_thousandths;
	char instance[REGISTRAR_INSTANCE_BYTES + 1]; /* without quotes; empty: none given */
	const char *reason; /* of a refusal, for the operator alone: a constant text; else NULL */
};

/*
 * 0, or the status of the refusal: 403 for a From that is not the To or a Contact that is not at
 * inner, 404 for a domain that is not ours, 420 for a Require, 423 for less than the minimum, 400
 * for what does not parse.
 */
SEKISHO_MUST_USE unsigned register_request_parse(const struct registrar *r,
						 const struct sip_message *message,
						 const struct sip_address *inner,
						 struct register_request *out);

#endif
