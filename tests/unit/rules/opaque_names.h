/* Opaque values of messages by the names that expectations give them: "<name>" stands for one
 * value, and no two names are one value. */
#ifndef SEKISHO_TESTS_UNIT_RULES_OPAQUE_NAMES_H
#define SEKISHO_TESTS_UNIT_RULES_OPAQUE_NAMES_H

#include <stdbool.h>
#include <stddef.h>

#include "shared/slice.h"

#define OPAQUE_NAMES	   64
#define OPAQUE_NAME_CHARS  32
#define OPAQUE_VALUE_CHARS 160

struct opaque_names {
	unsigned count;
	char name[OPAQUE_NAMES][OPAQUE_NAME_CHARS];
	char value[OPAQUE_NAMES][OPAQUE_VALUE_CHARS];
};

/* NULL: the name has no value yet. */
const char *opaque_value(const struct opaque_names *names, const char *name, size_t length);

/* The name may get another value now, and must: the old one stays taken. */
void opaque_forget(struct opaque_names *names, const char *name);

/* Does a line read as expected? Opaque values met first are learnt. */
bool opaque_line_is_equal(struct opaque_names *names, struct slice expected, struct slice line);

/* The opaque values of a text put in; one that is not known yet is chosen. Lines end in CRLF. */
size_t opaque_fill(struct opaque_names *names, const char *text, char *out);

#endif
