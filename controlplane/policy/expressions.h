/* Expressions, each with its number, compiled by Hyperscan to what pattern_set_read() reads. */
#ifndef SEKISHO_CONTROLPLANE_POLICY_EXPRESSIONS_H
#define SEKISHO_CONTROLPLANE_POLICY_EXPRESSIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/result.h"

/* A list that grows; all zero: empty. */
struct expressions {
	char **text;
	uint32_t *number;
	uint32_t count, capacity;
	bool is_caseless;
};

/* Copies text. RESULT_OK or RESULT_MEMORY. */
enum result expressions_add(struct expressions *expressions, const char *text,
			    uint32_t number) SEKISHO_MUST_USE;
void expressions_free(struct expressions *expressions);

/*
 * The serialised set, the caller's to free; at least one expression. RESULT_BAD: *place is the
 * place of the one to blame, or count if it is none's fault, and reason says why; RESULT_MEMORY.
 */
enum result expressions_compile(const struct expressions *expressions, char **bytes,
				size_t *length, uint32_t *place, char *reason,
				size_t size) SEKISHO_MUST_USE;

#endif
