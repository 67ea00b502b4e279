/*
 * How an operator writes the parts of a policy rule, and how they are shown again:
 *
 *	any            everybody
 *	user@host      exactly this AOR
 *	@domain        every AOR of this domain
 *	group:NAME     every member of this group
 *	~PATTERN       everybody whose whole name the pattern matches (pattern.h)
 *	INVITE,MESSAGE the methods; "any" or nothing: every method
 *	~PATTERN       as a method: every one whose whole name it matches
 */
#ifndef SEKISHO_CONTROLPLANE_POLICY_RULE_TEXT_H
#define SEKISHO_CONTROLPLANE_POLICY_RULE_TEXT_H

#include "controlplane/store/store.h"

#define RULE_PARTY_TEXT_BYTES (LIMIT_AOR_BYTES + 8)

/* RESULT_BAD: not one of the forms above. What a pattern is worth is for pattern_check(). */
SEKISHO_MUST_USE enum result rule_party_parse(const char *text, struct store_party *party);

/* The pattern in a method's text; NULL: it is none. */
static inline const char *rule_method_pattern(const char *text)
{
	return text[0] == '~' ? text + 1 : NULL;
}

void rule_party_show(const struct store_party *party, char out[RULE_PARTY_TEXT_BYTES]);

/* A group's name: letters, digits, "-", "_" and ".", 1 to STORE_GROUP_NAME_BYTES of them. */
bool rule_group_name_is_good(const char *name);

/*
 * Bits as in struct policy_rule; 0 for every method. ACK, CANCEL and REGISTER are none of a
 * policy's and unknown methods have no bit of their own ("OTHER" is all of them): RESULT_BAD.
 */
SEKISHO_MUST_USE enum result rule_methods_parse(const char *text, uint32_t *methods);

/* The canonical text of such bits; empty for 0. */
void rule_methods_show(uint32_t methods, char out[STORE_METHODS_BYTES + 1]);

#endif
