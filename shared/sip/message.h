/* A SIP message taken apart: slices and offsets into its bytes, nothing copied. */
#ifndef SEKISHO_SHARED_SIP_MESSAGE_H
#define SEKISHO_SHARED_SIP_MESSAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/limits.h"
#include "shared/sip/cseq.h"
#include "shared/sip/fault.h"
#include "shared/sip/header.h"
#include "shared/sip/lines.h"
#include "shared/sip/method.h"
#include "shared/sip/name_addr.h"
#include "shared/sip/uri.h"
#include "shared/sip/via.h"
#include "shared/slice.h"

enum sip_verdict {
	SIP_VERDICT_OK,
	SIP_VERDICT_REFUSE, /* a request that gets sip_fault_status(fault): its Via can be trusted
			     */
	SIP_VERDICT_DROP,   /* no answer: a response, an ACK, or nobody to answer */
};

/*
 * About 5 KB, most of it lines that are never touched. After SIP_VERDICT_OK everything holds.
 * After SIP_VERDICT_REFUSE base, len, via, lines, first, last and present hold, from and to only
 * if has_from, has_to: enough for sip_reply_write. After SIP_VERDICT_DROP only fault.
 */
struct sip_message {
	const char *base; /* the first byte after leading CRLFs; all offsets count from here */
	uint16_t len;	  /* bytes that count: what follows Content-Length is cut off */
	uint16_t body;	  /* offset of the body, at most len */
	enum sip_fault fault;
	bool is_request;
	bool has_from; /* from is set */
	bool has_to;   /* to is set */
	bool has_max_forwards;
	bool has_content_length;
	bool has_bare;		/* a bare CR or LF stands in the head: only when refused for it */
	uint8_t max_forwards;	/* if has_max_forwards */
	uint8_t via_count;	/* entries of all Via lines */
	uint16_t status;	/* of a response */
	enum sip_method method; /* of a request; of a response what CSeq says */
	struct slice method_name;
	struct slice version; /* as written: it leaves as it came */
	struct slice reason;  /* of a response */
	struct sip_uri uri;   /* Request-URI of a request; uri.text is it as written */
	struct sip_via via;   /* the top one */
	struct sip_party from;
	struct sip_party to;
	struct slice call_id;
	struct sip_cseq cseq;

	uint64_t present;		/* a bit for each enum sip_header that has a line */
	uint8_t first[SIP_HEADER_ROOM]; /* index of its first line, if present */
	uint8_t last[SIP_HEADER_ROOM];	/* and of its last */
	uint16_t line_count;
	struct sip_line lines[LIMIT_SIP_HEADER_LINES];
};

/*
 * Parses len bytes of a datagram (or of a stream, cut by the caller at Content-Length): the
 * whole of step 1 of the request rules and the framing rules, for any bytes whatever. The
 * bytes must outlive out.
 */
SEKISHO_MUST_USE enum sip_verdict sip_message_parse(const char *at, size_t len,
						    struct sip_message *out);

struct sip_skeletons;

/* What is likely to be found. */
struct sip_expected {
	struct sip_known_host host;	 /* in the top Via */
	struct sip_skeletons *skeletons; /* heads read before (skeleton.h), or NULL */
};

/* Do these bytes look like a response, for what is likely? */
static inline bool sip_message_is_response(struct slice bytes)
{
	return bytes.len > 3 && memcmp(bytes.at, "SIP/", 4) == 0;
}

/* The same, faster where it is. */
SEKISHO_MUST_USE enum sip_verdict sip_message_parse_expecting(const char *at, size_t len,
							      const struct sip_expected *expected,
							      struct sip_message *out);

/*
 * What a proxy refuses in a request that parses: SIP_FAULT_URI_SCHEME (416; emergency URNs of
 * RFC 5031 pass), SIP_FAULT_PROXY_REQUIRE (420), else SIP_FAULT_NONE.
 */
enum sip_fault sip_message_proxy_fault(const struct sip_message *message);

static inline bool sip_message_has(const struct sip_message *message, enum sip_header header)
{
	return (message->present >> header & 1) != 0;
}

/* The value of line i without space at its ends, folds left in. */
static inline struct slice sip_message_line_value(const struct sip_message *message, unsigned i)
{
	return slice_make(message->base + message->lines[i].value, message->lines[i].value_len);
}

/* Line i as it stands, CRLF included. */
static inline struct slice sip_message_line(const struct sip_message *message, unsigned i)
{
	return slice_make(message->base + message->lines[i].start,
			  (size_t)message->lines[i].end - message->lines[i].start);
}

/* The name of line i as written. */
struct slice sip_message_line_name(const struct sip_message *message, unsigned i);

/* The first line's value of a header; length 0 if it has none. */
struct slice sip_message_value(const struct sip_message *message, enum sip_header header);

static inline struct slice sip_message_body(const struct sip_message *message)
{
	return slice_make(message->base + message->body, (size_t)message->len - message->body);
}

/* Offset of a byte that a slice of the message starts with. */
static inline uint16_t sip_message_offset(const struct sip_message *message, const char *at)
{
	return (uint16_t)(at - message->base);
}

#endif
