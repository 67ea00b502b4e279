/* The mistakes found in one configuration file, kept with their places and told in order. */
#ifndef SEKISHO_SHARED_CONFIG_MISTAKES_H
#define SEKISHO_SHARED_CONFIG_MISTAKES_H

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#define MISTAKE_TEXT_BYTES 256

/* Line and column count from 1; column in bytes. */
struct mistake {
	size_t line;
	size_t column;
	size_t order;
	char text[MISTAKE_TEXT_BYTES];
};

struct mistakes {
	struct mistake *at;
	size_t count;
	size_t capacity; /* what is found beyond is only counted */
};

/* Note one; the text is cut if it is longer than MISTAKE_TEXT_BYTES. */
void mistakes_note(struct mistakes *mistakes, size_t line, size_t column, const char *format,
		   va_list arguments);

/*
 * Tell all of them in the order of their places, each as "path:line:column: text", the source line
 * and a mark under the column. source is the whole file.
 */
void mistakes_tell(struct mistakes *mistakes, const char *path, const char *source, size_t length,
		   FILE *report);

#endif
