/*
 * A compiled policy as it goes from control plane to data plane in a sealed memfd: one header, the
 * rules in order of decision (first match wins), the strings they name, and two serialised sets of
 * patterns (pattern_set.h): of the rules that have any, each under its place among the rules, and
 * the signatures by which SIP outside any SA is screened. Behind the rules there may be padding; each
 * further part begins where the one before ends. Default is deny.
 */
#ifndef SEKISHO_SHARED_CONTRACT_POLICY_BLOB_H
#define SEKISHO_SHARED_CONTRACT_POLICY_BLOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/result.h"

#define POLICY_BLOB_MAGIC 0x53504f32u /* "SPO2" */

/* Changes of the time zone's offset that a policy knows ahead: seven years of two. */
#define POLICY_ZONE_CHANGES 16

#define POLICY_DAY_MINUTES 1440

enum policy_match {
	POLICY_MATCH_ANY = 1,
	POLICY_MATCH_AOR,    /* text: a canonical AOR */
	POLICY_MATCH_DOMAIN, /* text: a canonical domain */
	POLICY_MATCH_GROUP,  /* number: the group's */
	POLICY_MATCH_PATTERN, /* what the set of patterns finds for the rule */
};

enum policy_action {
	POLICY_ALLOW = 1,
	POLICY_DENY,
	POLICY_LIMIT, /* decides nothing: how often its callers may ask, whomever */
};

#define POLICY_RULE_METHOD_PATTERN 1u /* flags: the method is matched by the set, too */

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
	/* Callers below it do not match an allow rule, and alone match a deny rule; 0: no matter. */
	uint8_t minimum_level;
	uint8_t flags;
	/* When: days by bit 1 << day, Monday 0; 0: always. From and to in minutes of the day; what
	 * ends at or before its beginning ends on the next day. In the policy's time zone. */
	uint8_t days;
	uint16_t from_minute; /* 0..1439 */
	uint16_t to_minute;   /* 1..1440 */
	/* POLICY_LIMIT alone: so many requests of one caller in so many seconds. */
	uint32_t rate_count;
	uint32_t rate_period_s;
	struct policy_party caller;
	struct policy_party callee;
};

/* From this Unix time on local time is UTC and so many seconds more. */
struct policy_zone {
	int64_t from_s;
	int32_t offset_s;
	uint32_t pad;
};

struct policy_blob {
	uint32_t magic;
	uint32_t rule_count;
	uint64_t generation;
	uint64_t strings_at; /* offset from the blob's start; rules stand right behind the header */
	uint64_t strings_length;
	uint64_t patterns_length; /* 0: no rule has a pattern */
	uint64_t screen_length;	  /* 0: nothing is screened */
	uint32_t zone_count;	  /* 0: UTC */
	uint32_t pad;
	struct policy_zone zone[POLICY_ZONE_CHANGES]; /* in ascending order */
};

/*
 * Is this a whole and sound policy: magic, counts and offsets within length, every rule's enums in
 * range, every text inside the string area, rules in order, patterns there if and only if a rule
 * has any? What is inside the sets of patterns is for pattern_set_read(). RESULT_OK or RESULT_BAD.
 */
enum result policy_blob_validate(const void *at, size_t length) SEKISHO_MUST_USE;

static inline const struct policy_rule *policy_blob_rules(const struct policy_blob *blob)
{
	return (const struct policy_rule *)(blob + 1);
}

/* Is the set of patterns asked for this rule? */
static inline bool policy_rule_has_pattern(const struct policy_rule *rule)
{
	return rule->caller.match == POLICY_MATCH_PATTERN ||
	       rule->callee.match == POLICY_MATCH_PATTERN ||
	       (rule->flags & POLICY_RULE_METHOD_PATTERN) != 0;
}

/* The two serialised sets: where they begin. */
static inline const char *policy_blob_patterns(const struct policy_blob *blob)
{
	return (const char *)blob + blob->strings_at + blob->strings_length;
}

static inline const char *policy_blob_screen(const struct policy_blob *blob)
{
	return policy_blob_patterns(blob) + blob->patterns_length;
}

#endif
