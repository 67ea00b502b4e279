/* CSeq: a number and a method (RFC 3261 20.16). */
#ifndef SEKISHO_SHARED_SIP_CSEQ_H
#define SEKISHO_SHARED_SIP_CSEQ_H

#include <stdint.h>

#include "shared/result.h"
#include "shared/sip/method.h"
#include "shared/slice.h"

struct sip_cseq {
	uint32_t number; /* below 2^31 (RFC 3261 8.1.1.5) */
	enum sip_method method;
	struct slice method_name;
};

/* RESULT_BAD if it is anything but digits, space and a method. */
SEKISHO_MUST_USE enum result sip_cseq_parse(struct slice text, struct sip_cseq *out);

#endif
