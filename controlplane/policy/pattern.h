/*
 * Patterns as operators write them, and the expressions that Hyperscan compiles of them. A pattern
 * is always of a whole name: "~user-[0-9]+@abc\.com" is no pattern of x-user-1@abc.com.evil. "^" in
 * front and "$" behind may stand there and change nothing.
 *
 * It is bounded in what compiling it can cost: in length, in the places a name can be at in it
 * (repeats counted out), and in what it may say: characters, classes, ".", "|", "?", "*", "+",
 * "{n,m}", "(...)", "(?:...)", "(?i)" and the escapes that stand for one character of a class.
 */
#ifndef SEKISHO_CONTROLPLANE_POLICY_PATTERN_H
#define SEKISHO_CONTROLPLANE_POLICY_PATTERN_H

#include <stddef.h>

#include "shared/contract/policy_text.h"
#include "shared/result.h"

#define PATTERN_BYTES	 200 /* longest pattern, without its "~" */
#define PATTERN_PLACES	 512 /* of one pattern, repeats counted out */
#define PATTERN_REPEATS	 64  /* the largest number of a repeat */
#define PATTERN_DEPTH	 8   /* parentheses within each other */
#define PATTERN_RULES	 20000 /* rules with patterns in one policy */
#define PATTERN_REASON_BYTES 160

/* What is wrong with a pattern, and where: at which of its bytes, from 0. */
struct pattern_fault {
	size_t position;
	char reason[PATTERN_REASON_BYTES];
};

/* Is it a pattern that may be in a rule, as it stands behind the "~"? Hyperscan is asked, too.
 * RESULT_BAD: *fault says why not; RESULT_MEMORY. */
enum result pattern_check(const char *pattern, struct pattern_fault *fault) SEKISHO_MUST_USE;

/* The same of a signature, which may stand anywhere in a message, and in no other way be empty. */
enum result pattern_check_screen(const char *pattern, struct pattern_fault *fault) SEKISHO_MUST_USE;

/* Where a pattern begins and ends but for the "^" in front and the "$" behind. */
void pattern_bare(const char *pattern, size_t *start, size_t *end);

/* What of the text of a request a rule's patterns and exact names stand for. */
enum expression_kind {
	EXPRESSION_ANY,	   /* whatever stands there */
	EXPRESSION_NAME,   /* exactly this */
	EXPRESSION_DOMAIN, /* any user at this */
	EXPRESSION_PATTERN,
};

struct expression_part {
	enum expression_kind kind;
	const char *text;
};

/* Names are written with up to four characters for each of theirs. */
#define EXPRESSION_BYTES (3 * (4 * LIMIT_AOR_BYTES + 32))

/*
 * The expression of a rule: caller, callee, method. One of them is a pattern that passed
 * pattern_check(). RESULT_OK or RESULT_SPACE.
 */
enum result expression_write(const struct expression_part part[3], char *out,
			     size_t size) SEKISHO_MUST_USE;

#endif
