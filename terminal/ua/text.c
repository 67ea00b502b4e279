#include "terminal/ua/text.h"

#include <stdlib.h>

enum result text_set(struct text *text, struct slice what)
{
	char *copy = NULL;

	if (what.len) {
		copy = malloc(what.len);
		if (!copy)
			return RESULT_MEMORY;
		memcpy(copy, what.at, what.len);
	}
	free(text->at);
	*text = (struct text){copy, what.len};
	return RESULT_OK;
}

void text_clear(struct text *text)
{
	free(text->at);
	*text = (struct text){0};
}
