/*
 * A compiled policy as it goes from control plane to data plane in a sealed memfd: one header, the
 * rules in order of decision (first match wins), the strings they name. Default is deny.
 */
#ifndef SEKISHO_SHARED_CONTRACT_POLICY_BLOB_H
#define SEKISHO_SHARED_CONTRACT_POLICY_BLOB_H

#include <stddef.h>
#include <stdint.h>

#include "shared/result.h"

#define POLICY_BLOB_MAGIC 0x53504f4cu /* "SPOL" */

enum policy_match {
	POLICY_MATCH_ANY = 1,
	POLICY_MATCH_AOR,    /* text: a canonical AOR */
	POLICY_MATCH_DOMAIN, /* text: a canonical domain */
	POLICY_MATCH_GROUP,  /* number: the group's */
};

enum policy_action { POLICY_ALLOW = 1, POLICY_DENY };

struct policy_party {
	uint8_t match; /* enum policy_match */
	uint8_t pad;
	uint16_t text_length;
	uint32_t text_at; /* offset into the string area */
	uint32_t group;
};

struct policy_rule {
	uint32_t id; /* the store's, what `policy test` names */
	int32_t priority; /* rules stand in descending order of it, then by id */
	uint32_t methods; /* bit 1 << enum sip_method; 0: every method */
	uint8_t action;   /* enum policy_action */
	uint8_t minimum_level; /* callers below it do not match an allow rule */
	uint8_t pad[2];
	struct policy_party caller;
	struct policy_party callee;
};

struct policy_blob {
	uint32_t magic;
	uint32_t rule_count;
	uint64_t generation;
	uint64_t strings_at; /* offset from the blob's start; rules stand right behind the header */
	uint64_t strings_length;
};

/*
 * Is this a whole and sound policy: magic, counts and offsets within length, every rule's enums in
 * range, every text inside the string area, rules in order? RESULT_OK or RESULT_BAD.
 */
enum result policy_blob_validate(const void *at, size_t length) SEKISHO_MUST_USE;

static inline const struct policy_rule *policy_blob_rules(const struct policy_blob *blob)
{
	return (const struct policy_rule *)(blob + 1);
}

#endif
