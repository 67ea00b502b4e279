#include <ctype.h>
#include <string.h>

#include "controlplane/policy/pattern.h"
#include "shared/writer.h"

/* The mark before each field, and the one behind the last. */
static const char *const marks[] = {"\\x01", "\\x02", "\\x03", "\\x04"};

static void text_write(struct writer *w, const char *text)
{
	writer_bytes(w, text, strlen(text));
}

/* A name as a pattern of itself. */
static void quoted_write(struct writer *w, const char *text)
{
	for (; *text != '\0'; text++) {
		if (isalnum((unsigned char)*text)) {
			writer_char(w, *text);
			continue;
		}
		WRITER_LITERAL(w, "\\x");
		writer_hex(w, text, 1);
	}
}

static void pattern_write(struct writer *w, const char *pattern)
{
	size_t start, end;

	pattern_bare(pattern, &start, &end);
	text_write(w, "(?:");
	writer_bytes(w, pattern + start, end - start);
	text_write(w, ")");
}

static void part_write(struct writer *w, const struct expression_part *part)
{
	switch (part->kind) {
	case EXPRESSION_ANY:
		text_write(w, "[^\\x01-\\x04]*");
		break;
	case EXPRESSION_NAME:
		quoted_write(w, part->text);
		break;
	case EXPRESSION_DOMAIN:
		text_write(w, "[^\\x01-\\x04]*@");
		quoted_write(w, part->text);
		text_write(w, "(?::[0-9]+)?"); /* a port, which is none of the domain */
		break;
	case EXPRESSION_PATTERN:
		pattern_write(w, part->text);
		break;
	}
}

enum result expression_write(const struct expression_part part[3], char *out, size_t size)
{
	struct writer w = writer_make(out, size - 1);
	int first = 0, last = 2;

	/* What may be anything need not be looked at, where nothing before or behind it is. */
	while (first < last && part[first].kind == EXPRESSION_ANY)
		first++;
	while (last > first && part[last].kind == EXPRESSION_ANY)
		last--;
	for (int i = first; i <= last; i++) {
		text_write(&w, marks[i]);
		part_write(&w, &part[i]);
	}
	text_write(&w, marks[last + 1]);
	if (w.is_full)
		return RESULT_SPACE;
	out[w.len] = '\0';
	return RESULT_OK;
}
