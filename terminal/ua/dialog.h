/* A dialog (RFC 3261 12): two tags, two URIs, a target, and the route between. */
#ifndef SEKISHO_TERMINAL_UA_DIALOG_H
#define SEKISHO_TERMINAL_UA_DIALOG_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/result.h"
#include "shared/sip/message.h"
#include "shared/writer.h"
#include "terminal/ua/request.h"
#include "terminal/ua/text.h"

/* All zero is none. */
struct dialog {
	struct text call_id;
	struct text local_uri, local_tag;
	struct text remote_uri, remote_tag;
	struct text target;	 /* the other's Contact */
	struct text route_lines; /* "Route: ..." lines, nearest node first */
	uint32_t local_cseq;	 /* the last number we used */
	uint32_t cseq_shift;	 /* our numbers run ahead of those of who is carried by so much */
	uint32_t remote_cseq;	 /* the last that the other used, 0 before the first */
	bool is_caller;
};

/* The Route lines of the caller: Record-Route of the response backwards (12.1.2). */
void dialog_write_caller_routes(const struct sip_message *response, struct writer *w);
/* Of the callee: Record-Route of the request in its order (12.1.1). */
void dialog_write_callee_routes(const struct sip_message *request, struct writer *w);

/*
 * The target from a message's Contact: RESULT_BAD, and the old one stays, if there is none that
 * could be a Request-URI (8.1.1.1).
 */
SEKISHO_MUST_USE enum result dialog_take_target(struct dialog *dialog,
						const struct sip_message *message);

/*
 * The caller's dialog from a 2xx; RESULT_BAD if it lacks a To tag or a Contact to send to,
 * RESULT_MEMORY, RESULT_SPACE. dialog_clear in any case afterwards.
 */
SEKISHO_MUST_USE enum result dialog_from_response(struct dialog *dialog,
						  const struct sip_message *response);
/* The callee's from an INVITE, local_tag being what our responses say. */
SEKISHO_MUST_USE enum result dialog_from_request(struct dialog *dialog,
						 const struct sip_message *request,
						 struct slice local_tag);
void dialog_clear(struct dialog *dialog);

static inline bool dialog_is_live(const struct dialog *dialog)
{
	return dialog->call_id.len != 0;
}

/* Is a request of the other side within the dialog? */
bool dialog_has_request(const struct dialog *dialog, const struct sip_message *request);

/* Is a response one to a request of ours within it? */
bool dialog_has_response(const struct dialog *dialog, const struct sip_message *response);

/* Fills what the dialog knows of a request within it; cseq is the number to use. */
void dialog_fill(const struct dialog *dialog, struct slice method, uint32_t cseq,
		 struct request *out);

#endif
