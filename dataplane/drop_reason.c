#include "dataplane/drop_reason.h"

#include <stddef.h>

static const char *const names[DROP_REASON_COUNT] = {
	[DROP_NONE] = "none",
#define DROP(name, sentence) [DROP_##name] = #name,
#include "shared/contract/drop_reasons.def"
#undef DROP
};

const char *drop_reason_name(enum drop_reason reason)
{
	return (size_t)reason < DROP_REASON_COUNT ? names[reason] : "unknown";
}
