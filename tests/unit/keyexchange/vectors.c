#include "tests/unit/keyexchange/vectors.h"

#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define PAGE_BYTES  (1024 * 1024)
#define ARENA_BYTES (64 * 1024)

struct vectors {
	char *page;
	char *arena; /* what was handed out */
	size_t used;
};

struct vectors *vectors_create(void)
{
	struct vectors *v = calloc(1, sizeof(*v));
	FILE *file = fopen(PROTOCOL_PAGE, "r");
	size_t len;

	assert_non_null(v);
	assert_non_null(file);
	v->page = malloc(PAGE_BYTES);
	v->arena = malloc(ARENA_BYTES);
	assert_non_null(v->page);
	assert_non_null(v->arena);
	len = fread(v->page, 1, PAGE_BYTES - 1, file);
	v->page[len] = '\0';
	fclose(file);
	return v;
}

void vectors_destroy(struct vectors *v)
{
	free(v->page);
	free(v->arena);
	free(v);
}

static void put(struct vectors *v, char c)
{
	assert_true(v->used < ARENA_BYTES);
	v->arena[v->used++] = c;
}

/* The place after a line that starts with prefix. */
static const char *find_line(const struct vectors *v, const char *prefix)
{
	const char *at = v->page;
	size_t len = strlen(prefix);

	while (strncmp(at, prefix, len) != 0) {
		at = strchr(at, '\n');
		if (!at)
			fail_msg("docs/protocol.md has no line that starts with '%s'", prefix);
		at++;
	}
	return at + len;
}

struct slice vectors_value(struct vectors *v, const char *name)
{
	char prefix[64];
	size_t start = v->used;
	const char *at;

	snprintf(prefix, sizeof(prefix), "%-16s = ", name);
	at = find_line(v, prefix);
	for (;;) {
		while (isxdigit((unsigned char)at[0])) {
			char digits[3] = {at[0], at[1], '\0'};

			put(v, (char)strtoul(digits, NULL, 16));
			at += 2;
		}
		if (at[0] != '\n' || at[1] != ' ')
			break;
		at += 1 + strspn(at + 1, " ");
	}
	return slice_make(v->arena + start, v->used - start);
}

struct slice vectors_block(struct vectors *v, const char *name)
{
	char prefix[64];
	size_t start = v->used;
	const char *at;

	snprintf(prefix, sizeof(prefix), "```%s\n", name);
	at = find_line(v, prefix);
	for (; strncmp(at, "```", 3) != 0; at++) {
		for (; *at != '\n' && !(at[0] == '\\' && at[1] == '\n'); at++)
			put(v, *at);
		if (*at == '\\') {
			at++;
			continue;
		}
		put(v, '\r');
		put(v, '\n');
	}
	return slice_make(v->arena + start, v->used - start);
}

struct slice vectors_message(struct vectors *v, const char *head, const char *body)
{
	struct slice first = vectors_block(v, head);
	struct slice second = vectors_value(v, body);

	assert_ptr_equal(first.at + first.len, second.at);
	return slice_make(first.at, first.len + second.len);
}
