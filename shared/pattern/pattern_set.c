#include "shared/pattern/pattern_set.h"

#include <hs/hs_common.h>
#include <hs/hs_runtime.h>
#include <stdlib.h>

struct pattern_set {
	hs_database_t *database;
	unsigned scanners;
	hs_scratch_t *scratch[];
};

static enum result scratch_make(struct pattern_set *set)
{
	if (hs_alloc_scratch(set->database, &set->scratch[0]) != HS_SUCCESS)
		return RESULT_MEMORY;
	for (unsigned i = 1; i < set->scanners; i++)
		if (hs_clone_scratch(set->scratch[0], &set->scratch[i]) != HS_SUCCESS)
			return RESULT_MEMORY;
	return RESULT_OK;
}

enum result pattern_set_read(const char *at, size_t length, unsigned scanners,
			     struct pattern_set **set)
{
	struct pattern_set *made;
	enum result result;
	hs_error_t error;

	if (scanners == 0)
		return RESULT_BAD;
	made = calloc(1, sizeof(*made) + scanners * sizeof(made->scratch[0]));
	if (made == NULL)
		return RESULT_MEMORY;
	made->scanners = scanners;
	error = hs_deserialize_database(at, length, &made->database);
	if (error == HS_SUCCESS)
		result = scratch_make(made);
	else
		result = error == HS_NOMEM ? RESULT_MEMORY : RESULT_BAD;
	if (result != RESULT_OK) {
		pattern_set_destroy(made);
		return result;
	}
	*set = made;
	return RESULT_OK;
}

void pattern_set_destroy(struct pattern_set *set)
{
	if (set == NULL)
		return;
	for (unsigned i = 0; i < set->scanners; i++)
		hs_free_scratch(set->scratch[i]);
	hs_free_database(set->database);
	free(set);
}

size_t pattern_set_bytes(const struct pattern_set *set)
{
	size_t bytes = 0;

	return hs_database_size(set->database, &bytes) == HS_SUCCESS ? bytes : 0;
}

size_t pattern_set_scratch_bytes(const struct pattern_set *set)
{
	size_t bytes = 0;

	return hs_scratch_size(set->scratch[0], &bytes) == HS_SUCCESS ? bytes : 0;
}

struct finding {
	pattern_found *found;
	void *context;
};

static int match_take(unsigned id, unsigned long long from, unsigned long long to, unsigned flags,
		      void *context)
{
	struct finding *finding = context;

	(void)from, (void)to, (void)flags;
	return !finding->found(finding->context, id);
}

bool pattern_set_scan(const struct pattern_set *set, unsigned scanner, struct slice text,
		      pattern_found *found, void *context)
{
	struct finding finding = {found, context};
	hs_error_t error;

	if (scanner >= set->scanners || text.len > UINT32_MAX)
		return false;
	error = hs_scan(set->database, text.at, (unsigned)text.len, 0, set->scratch[scanner],
			match_take, &finding);
	return error == HS_SUCCESS || error == HS_SCAN_TERMINATED;
}
