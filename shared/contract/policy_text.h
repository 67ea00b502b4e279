/*
 * What a policy's patterns are looked for in: caller, callee and method of one request as one text,
 *
 *	\1 user-a@abc.com \2 user-b@xyz.com \3 INVITE \4
 *
 * without the blanks. Names and methods hold no control characters, so that each of the four marks
 * stands there exactly once; every expression begins and ends with the marks around its field
 * (controlplane/policy/pattern.h): no pattern of one field can take from another.
 */
#ifndef SEKISHO_SHARED_CONTRACT_POLICY_TEXT_H
#define SEKISHO_SHARED_CONTRACT_POLICY_TEXT_H

#include "shared/contract/policy_decide.h"
#include "shared/limits.h"
#include "shared/result.h"
#include "shared/slice.h"

#define POLICY_MARK_CALLER "\1"
#define POLICY_MARK_CALLEE "\2"
#define POLICY_MARK_METHOD "\3"
#define POLICY_MARK_END    "\4"

#define POLICY_TEXT_BYTES (2 * LIMIT_AOR_BYTES + LIMIT_SIP_METHOD_BYTES + 4)

/*
 * The text of a question; method_name is the method's own, used where it is none that we know. Of a
 * callee of another domain only "@domain" stands in it: who he is, is for his own gateway.
 * RESULT_OK; RESULT_BAD: a control character in a name, or a name longer than any may be.
 */
enum result policy_text_write(const struct policy_question *question, struct slice method_name,
			      char out[POLICY_TEXT_BYTES], size_t *length) SEKISHO_MUST_USE;

#endif
