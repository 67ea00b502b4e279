/* Header parameters: ";name=value" after a Via, a name-addr, a Route-Security entry. */
#ifndef SEKISHO_SHARED_SIP_PARAMS_H
#define SEKISHO_SHARED_SIP_PARAMS_H

#include "shared/result.h"
#include "shared/slice.h"

/* One parameter (RFC 3261 25.1, generic-param), whitespace around ";" and "=" left out. */
struct sip_param {
	struct slice name;
	struct slice value; /* as written, quotes included; empty if there is none */
	struct slice text;  /* from the name's first byte to the value's last */
};

/* A place in a run of parameters, which starts at its first ";" or the space before it. */
struct sip_params {
	const char *at;
	const char *end;
};

static inline struct sip_params sip_params_begin(struct slice params)
{
	return (struct sip_params){params.at, params.at + params.len};
}

/*
 * The next parameter: RESULT_OK, RESULT_NOT_FOUND at the end, RESULT_BAD where the grammar
 * breaks (an empty parameter, an "=" without value, an open quote, anything but ";" between
 * two). After RESULT_BAD do not go on.
 */
SEKISHO_MUST_USE enum result sip_params_next(struct sip_params *params, struct sip_param *out);

#endif
