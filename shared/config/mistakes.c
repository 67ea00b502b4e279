#include "shared/config/mistakes.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* More of a source line is not shown. */
#define SHOWN_BYTES 160

void mistakes_note(struct mistakes *mistakes, size_t line, size_t column, const char *format,
		   va_list arguments)
{
	struct mistake *mistake;

	if (mistakes->count < mistakes->capacity) {
		mistake = &mistakes->at[mistakes->count];
		mistake->line = line;
		mistake->column = column;
		mistake->order = mistakes->count;
		vsnprintf(mistake->text, sizeof(mistake->text), format, arguments);
	}
	mistakes->count++;
}

static int mistake_compare(const void *a, const void *b)
{
	const struct mistake *x = a, *y = b;

	if (x->line != y->line)
		return x->line < y->line ? -1 : 1;
	if (x->column != y->column)
		return x->column < y->column ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

/*
 * A password has no business in a configuration (of a connection string, say); where one stands all the
 * same it is not repeated. Where its text begins; length if there is none.
 */
static size_t secret_find(const char *line, size_t length)
{
	static const char word[] = "password=";

	for (size_t i = 0; i + sizeof(word) - 1 <= length; i++)
		if (strncasecmp(line + i, word, sizeof(word) - 1) == 0)
			return i + sizeof(word) - 1;
	return length;
}

static char shown_char(char c, bool is_secret)
{
	if (is_secret)
		return '*';
	return (unsigned char)c < ' ' ? ' ' : c;
}

static void source_line_show(const struct mistake *mistake, const char *source, size_t length,
			     FILE *report)
{
	const char *end = source + length, *at = source;
	size_t shown;

	for (size_t line = 1; line < mistake->line; line++) {
		at = memchr(at, '\n', (size_t)(end - at));
		if (at == NULL)
			return;
		at++;
	}
	for (shown = 0; at + shown < end && at[shown] != '\n' && shown < SHOWN_BYTES; shown++)
		;
	fputs("    ", report);
	for (size_t i = 0, secret = secret_find(at, shown); i < shown; i++)
		fputc(shown_char(at[i], i >= secret), report);
	fprintf(report, "\n    %*s^\n", (int)mistake->column - 1, "");
}

void mistakes_tell(struct mistakes *mistakes, const char *path, const char *source, size_t length,
		   FILE *report)
{
	size_t kept = mistakes->count < mistakes->capacity ? mistakes->count : mistakes->capacity;

	qsort(mistakes->at, kept, sizeof(*mistakes->at), mistake_compare);
	for (size_t i = 0; i < kept; i++) {
		const struct mistake *mistake = &mistakes->at[i];

		fprintf(report, "%s:%zu:%zu: %s\n", path, mistake->line, mistake->column,
			mistake->text);
		if (mistake->column <= SHOWN_BYTES)
			source_line_show(mistake, source, length, report);
	}
	if (mistakes->count > kept)
		fprintf(report, "%s: and %zu more mistakes\n", path, mistakes->count - kept);
}
