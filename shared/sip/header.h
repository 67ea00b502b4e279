/* Header names: the ones something here knows, and how they are found. */
#ifndef SEKISHO_SHARED_SIP_HEADER_H
#define SEKISHO_SHARED_SIP_HEADER_H

#include "shared/slice.h"

/* id, name, compact form or 0 (RFC 3261 7.3.3 and the IANA registry). */
#define SIP_HEADERS(X)                                                                             \
	X(TO, "To", 't')                                                                           \
	X(VIA, "Via", 'v')                                                                         \
	X(FROM, "From", 'f')                                                                       \
	X(CSEQ, "CSeq", 0)                                                                         \
	X(RSEQ, "RSeq", 0)                                                                         \
	X(RACK, "RAck", 0)                                                                         \
	X(DATE, "Date", 0)                                                                         \
	X(PATH, "Path", 0)                                                                         \
	X(ALLOW, "Allow", 0)                                                                       \
	X(EVENT, "Event", 'o')                                                                     \
	X(ROUTE, "Route", 0)                                                                       \
	X(ACCEPT, "Accept", 0)                                                                     \
	X(REASON, "Reason", 0)                                                                     \
	X(SERVER, "Server", 0)                                                                     \
	X(CALL_ID, "Call-ID", 'i')                                                                 \
	X(CONTACT, "Contact", 'm')                                                                 \
	X(EXPIRES, "Expires", 0)                                                                   \
	X(PRIVACY, "Privacy", 0)                                                                   \
	X(REQUIRE, "Require", 0)                                                                   \
	X(SUBJECT, "Subject", 's')                                                                 \
	X(WARNING, "Warning", 0)                                                                   \
	X(IDENTITY, "Identity", 'y')                                                               \
	X(PRIORITY, "Priority", 0)                                                                 \
	X(REFER_TO, "Refer-To", 'r')                                                               \
	X(REPLACES, "Replaces", 0)                                                                 \
	X(DIVERSION, "Diversion", 0)                                                               \
	X(SUPPORTED, "Supported", 'k')                                                             \
	X(TIMESTAMP, "Timestamp", 0)                                                               \
	X(USER_AGENT, "User-Agent", 0)                                                             \
	X(MIN_EXPIRES, "Min-Expires", 0)                                                           \
	X(REFERRED_BY, "Referred-By", 'b')                                                         \
	X(RETRY_AFTER, "Retry-After", 0)                                                           \
	X(UNSUPPORTED, "Unsupported", 0)                                                           \
	X(CONTENT_TYPE, "Content-Type", 'c')                                                       \
	X(MAX_FORWARDS, "Max-Forwards", 0)                                                         \
	X(RECORD_ROUTE, "Record-Route", 0)                                                         \
	X(AUTHORIZATION, "Authorization", 0)                                                       \
	X(PROXY_REQUIRE, "Proxy-Require", 0)                                                       \
	X(SERVICE_ROUTE, "Service-Route", 0)                                                       \
	X(CONTENT_LENGTH, "Content-Length", 'l')                                                   \
	X(ROUTE_SECURITY, "Route-Security", 0)                                                     \
	X(SECURITY_CLIENT, "Security-Client", 0)                                                   \
	X(SECURITY_COOKIE, "Security-Cookie", 0)                                                   \
	X(SECURITY_SERVER, "Security-Server", 0)                                                   \
	X(SECURITY_VERIFY, "Security-Verify", 0)                                                   \
	X(SESSION_EXPIRES, "Session-Expires", 'x')                                                 \
	X(REMOTE_PARTY_ID, "Remote-Party-ID", 0)                                                   \
	X(CONTENT_ENCODING, "Content-Encoding", 'e')                                               \
	X(WWW_AUTHENTICATE, "WWW-Authenticate", 0)                                                 \
	X(GATEWAY_SIGNATURE, "Gateway-Signature", 0)                                               \
	X(PROXY_AUTHENTICATE, "Proxy-Authenticate", 0)                                             \
	X(SUBSCRIPTION_STATE, "Subscription-State", 0)                                             \
	X(AUTHENTICATION_INFO, "Authentication-Info", 0)                                           \
	X(PROXY_AUTHORIZATION, "Proxy-Authorization", 0)                                           \
	X(P_ASSERTED_IDENTITY, "P-Asserted-Identity", 0)                                           \
	X(P_PREFERRED_IDENTITY, "P-Preferred-Identity", 0)

/* There are at most as many: a message holds a bit for each. */
#define SIP_HEADER_ROOM 64

enum sip_header {
	SIP_HEADER_OTHER, /* a legal name that nothing here knows */
#define SIP_HEADER_ENUM(id, name, compact) SIP_HEADER_##id,
	SIP_HEADERS(SIP_HEADER_ENUM)
#undef SIP_HEADER_ENUM
		SIP_HEADER_COUNT,
};

/*
 * By its whole name or compact form, case aside (RFC 3261 7.3.1). A name with a CR in it may be
 * taken for one with a hyphen there: the caller knows that there is none.
 */
enum sip_header sip_header_find(struct slice name);

/* Its long name as the RFCs write it; empty for SIP_HEADER_OTHER. */
struct slice sip_header_name(enum sip_header header);

#endif
