#include "controlplane/policy/expressions.h"

#include <hs/hs_common.h>
#include <hs/hs_compile.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum result expressions_grow(struct expressions *expressions)
{
	uint32_t capacity = expressions->capacity == 0 ? 64 : 2 * expressions->capacity;
	char **text = realloc(expressions->text, capacity * sizeof(*text));
	uint32_t *number;

	if (text == NULL)
		return RESULT_MEMORY;
	expressions->text = text;
	number = realloc(expressions->number, capacity * sizeof(*number));
	if (number == NULL)
		return RESULT_MEMORY;
	expressions->number = number;
	expressions->capacity = capacity;
	return RESULT_OK;
}

enum result expressions_add(struct expressions *expressions, const char *text, uint32_t number)
{
	char *copy;

	if (expressions->count == expressions->capacity &&
	    expressions_grow(expressions) != RESULT_OK)
		return RESULT_MEMORY;
	copy = strdup(text);
	if (copy == NULL)
		return RESULT_MEMORY;
	expressions->text[expressions->count] = copy;
	expressions->number[expressions->count++] = number;
	return RESULT_OK;
}

void expressions_free(struct expressions *expressions)
{
	for (uint32_t i = 0; i < expressions->count; i++)
		free(expressions->text[i]);
	free(expressions->text);
	free(expressions->number);
	*expressions = (struct expressions){0};
}

/* The library's own memory is handed out as ours: free() is for both. */
static enum result database_serialize(const hs_database_t *database, char **bytes, size_t *length)
{
	return hs_serialize_database(database, bytes, length) == HS_SUCCESS ? RESULT_OK
									    : RESULT_MEMORY;
}

static enum result complain(hs_compile_error_t *error, uint32_t count, uint32_t *place,
			    char *reason, size_t size)
{
	if (error == NULL)
		return RESULT_MEMORY;
	*place = error->expression >= 0 ? (uint32_t)error->expression : count;
	snprintf(reason, size, "%s", error->message);
	hs_free_compile_error(error);
	return RESULT_BAD;
}

enum result expressions_compile(const struct expressions *expressions, char **bytes, size_t *length,
				uint32_t *place, char *reason, size_t size)
{
	const unsigned flag = HS_FLAG_SINGLEMATCH |
			      (expressions->is_caseless ? (unsigned)HS_FLAG_CASELESS : 0u);
	unsigned *flags = malloc(expressions->count * sizeof(*flags));
	hs_compile_error_t *error = NULL;
	hs_database_t *database = NULL;
	enum result result;

	if (flags == NULL)
		return RESULT_MEMORY;
	for (uint32_t i = 0; i < expressions->count; i++)
		flags[i] = flag;
	if (hs_compile_multi((const char *const *)expressions->text, flags, expressions->number,
			     expressions->count, HS_MODE_BLOCK, NULL, &database,
			     &error) == HS_SUCCESS)
		result = database_serialize(database, bytes, length);
	else
		result = complain(error, expressions->count, place, reason, size);
	hs_free_database(database);
	free(flags);
	return result;
}
