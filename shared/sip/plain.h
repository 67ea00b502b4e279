/*
 * The values that every message has, as nearly all of them are written, read by vectors: a bit for
 * each character that is not a letter, digit, '-', '.' or '_', and then from one of those to the
 * next. What is written otherwise is not judged here: the general functions do that.
 */
#ifndef SEKISHO_SHARED_SIP_PLAIN_H
#define SEKISHO_SHARED_SIP_PLAIN_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/sip/cseq.h"
#include "shared/sip/name_addr.h"
#include "shared/sip/uri.h"
#include "shared/sip/vector.h"
#include "shared/sip/via.h"
#include "shared/slice.h"

/* Bytes read at once. A message must have as many. */
#define SIP_PLAIN_WINDOW 64

/*
 * Each is true and sets out as the general function would, or false, and out holds nothing to rely
 * on. `last` is the last place from which SIP_PLAIN_WINDOW bytes may be read: the message's end
 * less as many. A value must end before the message does, with a byte behind it that is space, CR,
 * ',' or '>'. known, unless NULL, is the host that a Via is likely to have. Only where
 * sip_vector_is_there.
 */
bool sip_plain_via(struct slice text, const char *last, const struct sip_known_host *known,
		   struct sip_via *out);
bool sip_plain_party(struct slice text, const char *last, struct sip_party *out);
bool sip_plain_uri(struct slice text, const char *last, struct sip_uri *out);

/* Is it a Call-ID: one byte or more, none of them space or control (RFC 3261 25.1)? */
bool sip_plain_call_id(struct slice text, const char *last);

/*
 * The same for the shape that most of them have, and only where sip_vector_is_wide: they read
 * nothing beyond the value, so that it may end where it likes. A Via's host must be the known one.
 */
bool sip_plain_via_wide(struct slice text, const struct sip_known_host *known, struct sip_via *out);
bool sip_plain_party_wide(struct slice text, struct sip_party *out);
bool sip_plain_parties_wide(struct slice from, struct slice to, struct sip_party *from_out,
			    struct sip_party *to_out); /* true: both */
bool sip_plain_request_line_wide(struct slice line, struct slice *method, struct slice *version,
				 struct sip_uri *uri);
bool sip_plain_call_id_wide(struct slice text);

/* Is it certainly one entry: something, and no comma in it? Only where sip_vector_is_wide. */
bool sip_plain_is_one_entry_wide(struct slice text);

#endif
