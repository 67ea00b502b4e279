/* Reads the worked vectors out of docs/protocol.md, for the tests that come to the same. */
#ifndef SEKISHO_TESTS_UNIT_KEYEXCHANGE_VECTORS_H
#define SEKISHO_TESTS_UNIT_KEYEXCHANGE_VECTORS_H

#include <stddef.h>
#include <stdint.h>

#include "shared/slice.h"

struct vectors;

/* The page is named by the build. A test that cannot read it fails. */
struct vectors *vectors_create(void);
void vectors_destroy(struct vectors *vectors);

/* A value, or a fenced block, by its name; the test fails if it is not there. Owned by vectors. */
struct slice vectors_value(struct vectors *vectors, const char *name);
struct slice vectors_block(struct vectors *vectors, const char *name);

/* A head and the sealed body behind it. */
struct slice vectors_message(struct vectors *vectors, const char *head, const char *body);

#endif
