#include "dataplane/tables/policy_index.h"

#include <stdlib.h>
#include <string.h>

#include "dataplane/tables/text_key.h"
#include "shared/limits.h"
#include "shared/pattern/pattern_set.h"

/* Up to this many rules reading them all is as quick. */
#define RULES_READ 8

/* What one party may be named by: itself, its domain, each of its groups, or anybody. */
#define KEYS_MAX (3 + LIMIT_IDENTITY_GROUPS)

#define NO_RULE UINT32_MAX

/* The rules of one pair of keys: a chain through `next`, in order of decision. */
struct pair {
	uint64_t hash;
	uint32_t first; /* NO_RULE: an empty place */
	uint32_t last;
};

struct policy_index {
	struct policy_blob *blob;
	size_t length;
	uint64_t serial;
	struct pattern_set *patterns; /* NULL: no rule has any */
	struct pattern_set *screen;   /* NULL: none */
	bool has_limits;
	bool has_caller_groups;
	uint32_t exact_count; /* rules that decide and have no patterns ... */
	uint32_t exact[RULES_READ]; /* ... the first of them, in order */
	uint64_t mask; /* places of `pair` - 1 */
	struct pair *pair;
	uint32_t *next; /* by rule */
};

struct keys {
	unsigned count;
	uint64_t hash[KEYS_MAX];
};

static uint64_t text_key_hash(enum policy_match match, struct slice text)
{
	return text_key_mix(text_hash(text) ^ (uint64_t)match, UINT64_C(0xd6e8feb86659fd93));
}

static uint64_t group_key_hash(uint32_t group)
{
	return text_key_mix(UINT64_C(0xa0761d6478bd642f) ^ group, UINT64_C(0xe7037ed1a0b428db));
}

static uint64_t any_key_hash(void)
{
	return UINT64_C(0x8ebc6af09c88c6e3);
}

/* A caller and a callee are no pair the other way round. */
static uint64_t pair_hash(uint64_t caller, uint64_t callee)
{
	return text_key_mix(caller, callee ^ UINT64_C(0x589965cc75374cc3)) ^ callee;
}

static uint64_t party_hash(const struct policy_blob *blob, const struct policy_party *party)
{
	const char *strings = (const char *)blob + blob->strings_at;

	switch (party->match) {
	case POLICY_MATCH_AOR:
	case POLICY_MATCH_DOMAIN:
		return text_key_hash((enum policy_match)party->match,
				     slice_make(strings + party->text_at, party->text_length));
	case POLICY_MATCH_GROUP:
		return group_key_hash(party->group);
	default:
		return any_key_hash();
	}
}

/* The place of a pair, or the empty one where it goes. */
static struct pair *pair_find(const struct policy_index *index, uint64_t hash)
{
	uint64_t i = hash & index->mask;

	while (index->pair[i].first != NO_RULE && index->pair[i].hash != hash)
		i = (i + 1) & index->mask;
	return &index->pair[i];
}

/* Limits stand apart from what decides: both are looked for, each in its own order. */
static uint64_t limit_key_hash(void)
{
	return UINT64_C(0x2545f4914f6cdd1d);
}

static void rule_add(struct policy_index *index, uint32_t rule)
{
	const struct policy_rule *at = &policy_blob_rules(index->blob)[rule];
	bool is_limit = at->action == POLICY_LIMIT;
	uint64_t hash = pair_hash(party_hash(index->blob, &at->caller),
				  is_limit ? limit_key_hash()
					   : party_hash(index->blob, &at->callee));
	struct pair *pair = pair_find(index, hash);

	index->next[rule] = NO_RULE;
	index->has_limits = index->has_limits || is_limit;
	index->has_caller_groups =
		index->has_caller_groups || at->caller.match == POLICY_MATCH_GROUP;
	if (policy_rule_has_pattern(at))
		return;
	if (!is_limit && index->exact_count++ < RULES_READ)
		index->exact[index->exact_count - 1] = rule;
	if (pair->first == NO_RULE) {
		*pair = (struct pair){.hash = hash, .first = rule, .last = rule};
		return;
	}
	index->next[pair->last] = rule;
	pair->last = rule;
}

static uint32_t exact_count(const struct policy_blob *blob)
{
	const struct policy_rule *rules = policy_blob_rules(blob);
	uint32_t exact = 0;

	for (uint32_t rule = 0; rule < blob->rule_count; rule++)
		exact += !policy_rule_has_pattern(&rules[rule]);
	return exact;
}

/* Rules with patterns have no place: with thousands of them a few exact ones stay in the cache. */
static enum result rules_index(struct policy_index *index)
{
	uint32_t count = index->blob->rule_count, exact = exact_count(index->blob);
	uint64_t places = 16;

	while (places < (uint64_t)exact * 2)
		places *= 2;
	index->mask = places - 1;
	index->pair = malloc(places * sizeof(*index->pair));
	index->next = malloc((count + 1) * sizeof(*index->next));
	if (!index->pair || !index->next)
		return RESULT_MEMORY;
	for (uint64_t i = 0; i < places; i++)
		index->pair[i].first = NO_RULE;
	for (uint32_t rule = 0; rule < count; rule++)
		rule_add(index, rule);
	return RESULT_OK;
}

static enum result patterns_read(struct policy_index *index, unsigned scanners)
{
	const struct policy_blob *blob = index->blob;
	enum result result = RESULT_OK;

	if (blob->patterns_length > 0)
		result = pattern_set_read(policy_blob_patterns(blob), blob->patterns_length,
					  scanners, &index->patterns);
	if (result == RESULT_OK && blob->screen_length > 0)
		result = pattern_set_read(policy_blob_screen(blob), blob->screen_length, scanners,
					  &index->screen);
	return result;
}

enum result policy_index_create(const void *blob, size_t length, unsigned scanners, uint64_t serial,
				struct policy_index **index)
{
	struct policy_index *made = calloc(1, sizeof(*made));
	enum result result = RESULT_MEMORY;

	if (!made)
		return RESULT_MEMORY;
	made->serial = serial;
	made->length = length;
	made->blob = malloc(length > 0 ? length : 1);
	if (made->blob) {
		memcpy(made->blob, blob, length);
		result = policy_blob_validate(made->blob, length);
	}
	if (result == RESULT_OK)
		result = rules_index(made);
	if (result == RESULT_OK)
		result = patterns_read(made, scanners);
	if (result != RESULT_OK) {
		policy_index_destroy(made);
		return result;
	}
	*index = made;
	return RESULT_OK;
}

void policy_index_destroy(struct policy_index *index)
{
	if (!index)
		return;
	pattern_set_destroy(index->patterns);
	pattern_set_destroy(index->screen);
	free(index->blob);
	free(index->pair);
	free(index->next);
	free(index);
}

uint64_t policy_index_generation(const struct policy_index *index)
{
	return index->blob->generation;
}

uint64_t policy_index_serial(const struct policy_index *index)
{
	return index->serial;
}

bool policy_index_is_of(const struct policy_index *index, const void *blob, size_t length)
{
	return index && index->length == length && memcmp(index->blob, blob, length) == 0;
}

bool policy_index_has_patterns(const struct policy_index *index)
{
	return index && index->patterns;
}

bool policy_index_has_caller_groups(const struct policy_index *index)
{
	return index && index->has_caller_groups;
}

static void key_add(struct keys *keys, uint64_t hash)
{
	if (keys->count < KEYS_MAX)
		keys->hash[keys->count++] = hash;
}

/* All that a subject may be named by; of a callee of another domain only what does not tell who. */
static void keys_make(struct keys *keys, const struct policy_subject *subject, bool is_known)
{
	keys->count = 0;
	key_add(keys, any_key_hash());
	key_add(keys, text_key_hash(POLICY_MATCH_DOMAIN, subject->domain));
	if (!is_known)
		return;
	key_add(keys, text_key_hash(POLICY_MATCH_AOR, subject->aor));
	for (size_t i = 0; i < subject->group_count; i++)
		key_add(keys, group_key_hash(subject->group[i]));
}

/* The first rule of a pair that matches, if it comes before best; else best. */
static uint32_t pair_match(const struct policy_index *index, uint64_t hash,
			   const struct policy_question *question, uint32_t best)
{
	const struct policy_rule *rules = policy_blob_rules(index->blob);

	for (uint32_t rule = pair_find(index, hash)->first; rule < best; rule = index->next[rule]) {
		if (policy_rule_is_matched(index->blob, &rules[rule], question))
			return rule;
	}
	return best;
}

/* The best exact rule, where they are so few that all are read. */
static uint32_t few_find(const struct policy_index *index, const struct policy_question *question)
{
	const struct policy_rule *rules = policy_blob_rules(index->blob);

	for (uint32_t i = 0; i < index->exact_count; i++) {
		if (policy_rule_is_matched(index->blob, &rules[index->exact[i]], question))
			return index->exact[i];
	}
	return NO_RULE;
}

/* The best exact rule: of every pair of names that caller and callee go by. */
static uint32_t exact_find(const struct policy_index *index, const struct policy_question *question)
{
	struct keys callers, callees;
	uint32_t best = NO_RULE;

	if (index->exact_count <= RULES_READ)
		return few_find(index, question);
	keys_make(&callers, &question->caller, true);
	keys_make(&callees, &question->callee, question->is_callee_ours);
	for (unsigned i = 0; i < callers.count; i++) {
		for (unsigned j = 0; j < callees.count; j++)
			best = pair_match(index, pair_hash(callers.hash[i], callees.hash[j]),
					  question, best);
	}
	return best;
}

static uint32_t exact_limit_find(const struct policy_index *index,
				 const struct policy_question *question)
{
	struct keys callers;
	uint32_t best = NO_RULE;

	keys_make(&callers, &question->caller, true);
	for (unsigned i = 0; i < callers.count; i++)
		best = pair_match(index, pair_hash(callers.hash[i], limit_key_hash()), question,
				  best);
	return best;
}

/* A search among rules whose patterns were found. */
struct search {
	const struct policy_index *index;
	const struct policy_question *question;
	struct policy_hits *hits; /* what is found is kept here ... */
	bool is_limit;		  /* ... or judged at once */
	uint32_t best;
};

static void rule_judge(struct search *search, uint32_t rule)
{
	const struct policy_rule *at = &policy_blob_rules(search->index->blob)[rule];

	if (rule < search->best && (at->action == POLICY_LIMIT) == search->is_limit &&
	    policy_rule_is_matched(search->index->blob, at, search->question))
		search->best = rule;
}

/* The set is as foreign as the rest of the blob: what it says is a rule must be one. */
static bool rule_found(void *context, uint32_t rule)
{
	struct search *search = context;
	const struct policy_blob *blob = search->index->blob;

	if (rule >= blob->rule_count || !policy_rule_has_pattern(&policy_blob_rules(blob)[rule]))
		return true;
	if (search->hits)
		policy_hits_add(search->hits, rule);
	else
		rule_judge(search, rule);
	return true;
}

void policy_index_look(const struct policy_index *index, struct policy_sight *sight)
{
	struct search search = {.index = index, .hits = &sight->hits};

	sight->hits.count = 0;
	sight->hits.is_whole = true;
	(void)pattern_set_scan(index->patterns, sight->scanner, sight->text, rule_found, &search);
}

/* The first rule with patterns that matches, if it comes before best; else best. */
static uint32_t pattern_find(const struct policy_index *index,
			     const struct policy_question *question,
			     const struct policy_sight *sight, bool is_limit, uint32_t best)
{
	struct search search = {
		.index = index, .question = question, .is_limit = is_limit, .best = best};
	const struct policy_hits *hits = &sight->hits;

	for (unsigned i = 0; i < hits->count; i++)
		rule_judge(&search, hits->rule[i]);
	/* None of those kept, and there are more: each of them is judged where it is found. */
	if (!hits->is_whole && search.best > hits->rule[hits->count - 1])
		(void)pattern_set_scan(index->patterns, sight->scanner, sight->text, rule_found,
				       &search);
	return search.best;
}

struct policy_verdict policy_index_decide(const struct policy_index *index,
					  const struct policy_question *question,
					  const struct policy_sight *sight)
{
	struct policy_verdict verdict = {false, 0};
	const struct policy_rule *rule;
	uint32_t best;

	if (!index)
		return verdict;
	best = exact_find(index, question);
	if (index->patterns)
		best = pattern_find(index, question, sight, false, best);
	if (best == NO_RULE)
		return verdict;
	rule = &policy_blob_rules(index->blob)[best];
	verdict.is_allowed = rule->action == POLICY_ALLOW;
	verdict.rule = rule->id;
	return verdict;
}

const struct policy_rule *policy_index_limit(const struct policy_index *index,
					     const struct policy_question *question,
					     const struct policy_sight *sight)
{
	uint32_t best;

	if (!index || !index->has_limits)
		return NULL;
	best = exact_limit_find(index, question);
	if (index->patterns)
		best = pattern_find(index, question, sight, true, best);
	return best == NO_RULE ? NULL : &policy_blob_rules(index->blob)[best];
}

static bool signature_found(void *context, uint32_t pattern)
{
	bool *is_found = context;

	(void)pattern;
	*is_found = true;
	return false;
}

bool policy_index_is_screened(const struct policy_index *index, unsigned scanner, struct slice text)
{
	bool is_found = false;

	if (index && index->screen)
		(void)pattern_set_scan(index->screen, scanner, text, signature_found, &is_found);
	return is_found;
}
