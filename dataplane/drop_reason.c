#include "dataplane/drop_reason.h"

#include <stddef.h>

static const struct {
	const char *name;
	const char *sentence;
} reasons[DROP_REASON_COUNT] = {
	[DROP_NONE] = {"none", ""},
#define DROP(name_, sentence_) [DROP_##name_] = {#name_, sentence_},
#include "dataplane/drop_reasons.def"
#undef DROP
};

const char *drop_reason_name(enum drop_reason reason)
{
	return (size_t)reason < DROP_REASON_COUNT ? reasons[reason].name : "unknown";
}

const char *drop_reason_sentence(enum drop_reason reason)
{
	return (size_t)reason < DROP_REASON_COUNT ? reasons[reason].sentence : "";
}
