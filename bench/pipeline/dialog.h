/* One call as its two terminals write it: the text of each message of the mix, made step by step
 * from what the gateway let through. */
#ifndef SEKISHO_BENCH_PIPELINE_DIALOG_H
#define SEKISHO_BENCH_PIPELINE_DIALOG_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/slice.h"

enum dialog_message {
	DIALOG_INVITE,
	DIALOG_OK, /* 200 to the INVITE, by the callee */
	DIALOG_ACK,
	DIALOG_MESSAGE, /* out of any dialog */
	DIALOG_BYE,
	DIALOG_MESSAGES,
};

extern const char *const dialog_message_name[DIALOG_MESSAGES];

struct dialog {
	uint32_t caller, callee; /* terminals */
	uint8_t level;		 /* of the links, by their suite */
	char *text[DIALOG_MESSAGES];
	uint16_t length[DIALOG_MESSAGES];
};

/* Who sends it, and who must get it. */
uint32_t dialog_sender(const struct dialog *dialog, enum dialog_message message);
uint32_t dialog_receiver(const struct dialog *dialog, enum dialog_message message);

/*
 * Write this message's text, `bytes` long where that is possible. above: what came out of the
 * gateway before it in this dialog (OK: the INVITE as the callee got it; ACK, BYE: the 200 as the
 * caller got it); not looked at for others. False: above lacks what is needed.
 */
bool dialog_write(struct dialog *dialog, enum dialog_message message, uint8_t family,
		  uint32_t bytes, struct slice above);

/*
 * Is `out` what the gateway must make of the message: the start line, one Via more (or, for a
 * response, less), the series with the gateway's entry on top, Record-Route where it belongs, and
 * nothing of From, To, Call-ID, CSeq and body changed? NULL if so, else a sentence.
 */
const char *dialog_complaint(const struct dialog *dialog, enum dialog_message message,
			     uint8_t family, struct slice out);

void dialog_free(struct dialog *dialog);

#endif
