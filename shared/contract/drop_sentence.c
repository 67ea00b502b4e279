#include "shared/contract/drop_sentence.h"

#include <stddef.h>
#include <string.h>

static const struct {
	const char *name, *sentence;
} reasons[] = {
#define DROP(name_, sentence_) {#name_, sentence_},
#include "shared/contract/drop_reasons.def"
#undef DROP
};

const char *drop_sentence(const char *name)
{
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (strcmp(reasons[i].name, name) == 0)
			return reasons[i].sentence;
	return "";
}
