/* SIP methods that something here treats on their own. */
#ifndef SEKISHO_SHARED_SIP_METHOD_H
#define SEKISHO_SHARED_SIP_METHOD_H

#include "shared/slice.h"

#define SIP_METHODS(X)                                                                             \
	X(INVITE)                                                                                  \
	X(ACK)                                                                                     \
	X(BYE)                                                                                     \
	X(CANCEL)                                                                                  \
	X(REGISTER)                                                                                \
	X(OPTIONS)                                                                                 \
	X(MESSAGE)                                                                                 \
	X(SUBSCRIBE)                                                                               \
	X(NOTIFY)                                                                                  \
	X(PRACK)                                                                                   \
	X(UPDATE)                                                                                  \
	X(INFO)                                                                                    \
	X(REFER)                                                                                   \
	X(PUBLISH)

enum sip_method {
#define SIP_METHOD_ENUM(name) SIP_METHOD_##name,
	SIP_METHODS(SIP_METHOD_ENUM)
#undef SIP_METHOD_ENUM
		SIP_METHOD_OTHER,
	SIP_METHOD_COUNT,
};

/* By its name, whose case counts (RFC 3261 7.1). */
enum sip_method sip_method_find(struct slice name);

/* Its name; empty for SIP_METHOD_OTHER. */
struct slice sip_method_name(enum sip_method method);

#endif
