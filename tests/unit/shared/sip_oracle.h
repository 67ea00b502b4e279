/* The same message through libosip2 and through shared/sip, and in what they differ. */
#ifndef SEKISHO_TESTS_UNIT_SHARED_SIP_ORACLE_H
#define SEKISHO_TESTS_UNIT_SHARED_SIP_ORACLE_H

#include "shared/sip/message.h"
#include "shared/slice.h"

/* What is compared, and the name it has in reports. Only VERDICT unless both accept. */
#define SIP_ORACLE_POINTS(X)                                                                       \
	X(VERDICT, "verdict")                                                                      \
	X(KIND, "kind or method")                                                                  \
	X(STATUS, "status")                                                                        \
	X(URI, "Request-URI")                                                                      \
	X(FROM, "From URI")                                                                        \
	X(FROM_TAG, "From tag")                                                                    \
	X(TO, "To URI")                                                                            \
	X(TO_TAG, "To tag")                                                                        \
	X(CALL_ID, "Call-ID")                                                                      \
	X(CSEQ, "CSeq")                                                                            \
	X(VIA, "top Via")                                                                          \
	X(VIAS, "count of Via")                                                                    \
	X(ROUTES, "count of Route")                                                                \
	X(RECORDS, "count of Record-Route")                                                        \
	X(CONTACTS, "count of Contact")                                                            \
	X(SERIES, "count of Route-Security")

enum {
#define SIP_ORACLE_INDEX(id, name) SIP_ORACLE_INDEX_##id,
	SIP_ORACLE_POINTS(SIP_ORACLE_INDEX)
#undef SIP_ORACLE_INDEX
		SIP_ORACLE_COUNT,
};

enum {
#define SIP_ORACLE_BIT(id, name) SIP_ORACLE_##id = 1 << SIP_ORACLE_INDEX_##id,
	SIP_ORACLE_POINTS(SIP_ORACLE_BIT)
#undef SIP_ORACLE_BIT
};

/* Once, before the first comparison. */
void sip_oracle_prepare(void);

/* Bits of the points in which the two differ; ours is in message. */
unsigned sip_oracle_compare(struct slice bytes, struct sip_message *message);

/* The name of a point by its index. */
const char *sip_oracle_point(unsigned index);

#endif
