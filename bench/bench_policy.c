/*
 * What a verdict costs: by exact rules alone, and with thousands of rules that have patterns, found
 * by a scan (a miss) and remembered (a hit). Every verdict is compared with the one that the rules
 * were made for.
 *
 *	bench_policy [--rules N] [--rounds R] [--json]
 */
#include <getopt.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <x86intrin.h>

#include "bench/pipeline/samples.h"
#include "controlplane/policy/expressions.h"
#include "controlplane/policy/pattern.h"
#include "dataplane/rules/policy_cache.h"
#include "dataplane/rules/print_hash.h"
#include "dataplane/tables/text_key.h"
#include "dataplane/tables/policy_index.h"
#include "shared/contract/policy_text.h"

#define QUESTIONS   2048
#define NAME_BYTES  64
#define CACHE	    8192
#define RULES_MOST  20000
#define ROUNDS_MOST 1000

static void must(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "bench_policy: %s\n", what);
	exit(EXIT_FAILURE);
}

static double clock_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* One question, and the verdict that the rules were made for. */
struct asked {
	char caller[NAME_BYTES], callee[NAME_BYTES];
	char text[POLICY_TEXT_BYTES];
	struct policy_question question;
	struct policy_sight sight;
	bool is_allowed;
};

struct bench {
	uint32_t rules, rounds;
	bool is_json;
	struct policy_index *exact, *patterns;
	struct policy_cache *cache;
	struct print_key key;
	struct asked *asked;
	double compile_s;
	size_t set_bytes, verified;
	struct samples by_name, hit, miss;
};

/*
 * Rule n is for n's customers: denied are callers "cN-...", and every third rule callees "dN.x" at
 * another host. Rule 0, the last, lets everybody call everybody.
 */
static void expression_make(uint32_t n, char out[EXPRESSION_BYTES])
{
	char caller[NAME_BYTES], callee[NAME_BYTES];
	struct expression_part part[3] = {
		{EXPRESSION_PATTERN, caller}, {EXPRESSION_ANY, ""}, {EXPRESSION_ANY, ""}};

	snprintf(caller, sizeof(caller), "c%u-[a-z0-9]+@abc\\.com", n);
	snprintf(callee, sizeof(callee), "d%u\\.[a-z]+@host-%u\\.example", n, n % 50);
	if (n % 3 == 0)
		part[1] = (struct expression_part){EXPRESSION_PATTERN, callee};
	must(expression_write(part, out, EXPRESSION_BYTES) == RESULT_OK, "an expression is long");
}

static char *set_make(struct bench *bench, size_t *length)
{
	struct expressions expressions = {0};
	char text[EXPRESSION_BYTES], reason[PATTERN_REASON_BYTES] = "", *bytes = NULL;
	uint32_t place;
	double begin;

	for (uint32_t n = 0; n < bench->rules; n++) {
		expression_make(n, text);
		must(expressions_add(&expressions, text, n) == RESULT_OK, "out of memory");
	}
	begin = clock_s();
	must(expressions_compile(&expressions, &bytes, length, &place, reason, sizeof(reason)) ==
		     RESULT_OK,
	     reason);
	bench->compile_s = clock_s() - begin;
	expressions_free(&expressions);
	return bytes;
}

static void rule_make(struct policy_rule *rule, uint32_t place, uint32_t rules)
{
	*rule = (struct policy_rule){.id = place + 1,
				     .action = POLICY_DENY,
				     .caller.match = POLICY_MATCH_PATTERN,
				     .callee.match = POLICY_MATCH_ANY};
	if (place == rules) {
		rule->action = POLICY_ALLOW;
		rule->caller.match = POLICY_MATCH_ANY;
	} else if (place % 3 == 0) {
		rule->callee.match = POLICY_MATCH_PATTERN;
	}
}

/* All rules with their set, or the last alone. */
static struct policy_index *index_make(uint32_t rules, const char *set, size_t set_length)
{
	size_t rule_bytes = (rules + 1) * sizeof(struct policy_rule);
	size_t length = sizeof(struct policy_blob) + rule_bytes + set_length;
	struct policy_blob *blob = calloc(1, length);
	struct policy_index *index = NULL;

	must(blob != NULL, "out of memory");
	*blob = (struct policy_blob){.magic = POLICY_BLOB_MAGIC,
				     .rule_count = rules + 1,
				     .generation = 1,
				     .strings_at = sizeof(*blob) + rule_bytes,
				     .patterns_length = set_length};
	for (uint32_t place = 0; place <= rules; place++)
		rule_make((struct policy_rule *)(blob + 1) + place, place, rules);
	if (set_length > 0)
		memcpy((char *)blob + blob->strings_at, set, set_length);
	must(policy_index_create(blob, length, 1, 1, &index) == RESULT_OK, "no policy");
	free(blob);
	return index;
}

/* A quarter of the callers are a customer's, half of those call somebody of a third rule's. */
static void asked_make(struct bench *bench, struct asked *asked, uint32_t i)
{
	uint32_t n = (i * 2654435761u) % bench->rules;
	size_t length = 0;

	snprintf(asked->caller, NAME_BYTES, i % 4 == 0 ? "c%u-x%u@abc.com" : "t%u-%u@abc.com", n,
		 i);
	snprintf(asked->callee, NAME_BYTES,
		 i % 8 == 0 ? "d%u.y@host-%u.example" : "u%u@host-%u.example", n, n % 50);
	asked->is_allowed = i % 4 != 0 || (n % 3 == 0 && i % 8 != 0);
	asked->question = (struct policy_question){
		.caller.aor = slice_make(asked->caller, strlen(asked->caller)),
		.caller.domain = slice_make("abc.com", 7),
		.callee.aor = slice_make(asked->callee, strlen(asked->callee)),
		.callee.domain = slice_make("host.example", 12),
		.is_callee_ours = true,
		.method = SIP_METHOD_INVITE,
		.caller_level = 3,
	};
	must(policy_text_write(&asked->question, slice_make("", 0), asked->text, &length) ==
		     RESULT_OK,
	     "no text");
	asked->sight.text = slice_make(asked->text, length);
}

/* What a worker has made ready once: a key of its own and the cache. */
static void cache_make(struct bench *bench)
{
	uint64_t *word = (uint64_t *)(void *)&bench->key;

	for (size_t i = 0; i < sizeof(bench->key) / sizeof(*word); i++)
		word[i] = text_key_mix(i + 1, UINT64_C(0x9e3779b97f4a7c15)); /* any key does */
	must(policy_cache_create(CACHE, &bench->cache) == RESULT_OK, "out of memory");
}

static void bench_make(struct bench *bench)
{
	char *set = set_make(bench, &bench->set_bytes);

	bench->patterns = index_make(bench->rules, set, bench->set_bytes);
	bench->exact = index_make(0, NULL, 0);
	free(set);
	bench->asked = calloc(QUESTIONS, sizeof(*bench->asked));
	must(bench->asked != NULL, "out of memory");
	cache_make(bench);
	for (uint32_t i = 0; i < QUESTIONS; i++)
		asked_make(bench, &bench->asked[i], i);
}

static void verify(struct bench *bench, const struct asked *asked, struct policy_verdict verdict)
{
	must(verdict.is_allowed == asked->is_allowed, "a verdict is wrong");
	bench->verified++;
}

/* As the policy step makes one, here one alone. */
static struct policy_print print_make(const struct bench *bench, const struct asked *asked)
{
	struct policy_print print = {
		.place = text_key_mix(text_hash(asked->question.caller.aor),
				      text_hash(asked->question.callee.aor)),
	};
	struct slice caller = asked->question.caller.aor, callee = asked->question.callee.aor;
	struct print_hash hash;

	print_hash_begin(&hash, &bench->key, caller.len | callee.len << 16);
	print_hash_text(&hash, PRINT_CALLEE_AT, callee, LIMIT_AOR_BYTES);
	print_hash_text(&hash, PRINT_CALLER_AT, caller, LIMIT_AOR_BYTES);
	print_hash_end(&hash, print.half);
	return print;
}

static void question_run(struct bench *bench, struct asked *asked)
{
	struct policy_print print = print_make(bench, asked);
	struct policy_verdict verdict;
	uint64_t begin = __rdtsc();
	bool is_found;

	verdict = policy_index_decide(bench->exact, &asked->question, NULL);
	must(samples_add(&bench->by_name, __rdtsc() - begin) && verdict.is_allowed,
	     "everybody may call everybody");
	begin = __rdtsc();
	policy_index_look(bench->patterns, &asked->sight);
	verdict = policy_index_decide(bench->patterns, &asked->question, &asked->sight);
	must(samples_add(&bench->miss, __rdtsc() - begin), "out of memory");
	verify(bench, asked, verdict);
	policy_cache_keep(bench->cache, &print, 1, &asked->sight.hits);
	memset(&asked->sight.hits, 0, sizeof(asked->sight.hits));
	begin = __rdtsc();
	print = print_make(bench, asked);
	is_found = policy_cache_find(bench->cache, &print, 1, &asked->sight.hits);
	verdict = policy_index_decide(bench->patterns, &asked->question, &asked->sight);
	must(samples_add(&bench->hit, __rdtsc() - begin) && is_found, "it is not remembered");
	verify(bench, asked, verdict);
}

static json_t *report_make(struct bench *bench)
{
	return json_pack("{s:i,s:f,s:I,s:i,s:i,s:i,s:i,s:I}", "rules", (int)bench->rules,
			 "compile_s", bench->compile_s, "set_bytes", (json_int_t)bench->set_bytes,
			 "exact_cycles", (int)samples_quantile(&bench->by_name, 50), "hit_cycles",
			 (int)samples_quantile(&bench->hit, 50), "miss_cycles",
			 (int)samples_quantile(&bench->miss, 50), "miss_cycles_99",
			 (int)samples_quantile(&bench->miss, 99), "verdicts_verified",
			 (json_int_t)bench->verified);
}

static void arguments(struct bench *bench, int argc, char **argv)
{
	static const struct option options[] = {{"rules", 1, NULL, 'n'},
						{"rounds", 1, NULL, 'r'},
						{"json", 0, NULL, 'j'},
						{NULL, 0, NULL, 0}};
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'n')
			bench->rules = (uint32_t)strtoul(optarg, NULL, 10);
		else if (option == 'r')
			bench->rounds = (uint32_t)strtoul(optarg, NULL, 10);
		else if (option == 'j')
			bench->is_json = true;
		else
			must(false, "usage: [--rules N] [--rounds R] [--json]");
	}
	must(bench->rules >= 1 && bench->rules <= RULES_MOST && bench->rounds >= 1 &&
		     bench->rounds <= ROUNDS_MOST,
	     "rules are 1 to 20000, rounds 1 to 1000");
}

int main(int argc, char **argv)
{
	static struct bench bench = {.rules = 1000, .rounds = 10};
	const char *name;
	json_t *report, *value;

	arguments(&bench, argc, argv);
	bench_make(&bench);
	for (uint32_t round = 0; round < bench.rounds; round++)
		for (uint32_t i = 0; i < QUESTIONS; i++)
			question_run(&bench, &bench.asked[i]);
	report = report_make(&bench);
	if (bench.is_json)
		json_dumpf(report, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(4));
	else
		json_object_foreach(report, name, value)
			printf("%-20s %12.6g\n", name, json_number_value(value));
	if (bench.is_json)
		printf("\n");
	json_decref(report);
	policy_index_destroy(bench.exact);
	policy_index_destroy(bench.patterns);
	policy_cache_destroy(bench.cache);
	samples_free(&bench.by_name);
	samples_free(&bench.hit);
	samples_free(&bench.miss);
	free(bench.asked);
	return EXIT_SUCCESS;
}
