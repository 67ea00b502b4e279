/* What a Record-Route token proves of a request: that it is of the dialog, and by which side. */
#ifndef SEKISHO_DATAPLANE_RULES_DIALOG_TOKEN_H
#define SEKISHO_DATAPLANE_RULES_DIALOG_TOKEN_H

#include "dataplane/rules/packet_rules.h"

/*
 * Works out for up to RULES_TOGETHER requests whether their tokens hold, as far as can be known
 * before the side that sent is: those without one are left alone.
 */
void rules_tokens_prove(struct packet_rules *const rules[], unsigned count);

/* Does this token, of whichever entry, hold for the request as sent by that side? */
bool dialog_token_holds(const struct packet_rules *rules, const struct token *token,
			bool is_caller);

/*
 * Which side sent the request, by the token of its topmost entry: RESULT_OK, whatever leg it came
 * from; RESULT_NOT_FOUND: it is no request of the recorded dialog, or of one that is too old.
 */
enum result dialog_token_side(struct packet_rules *rules, bool *is_caller) SEKISHO_MUST_USE;

#endif
