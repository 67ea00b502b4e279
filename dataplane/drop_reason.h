/* The reasons for which a packet goes no further, as numbers, and names; their sentences are drop_sentence.h's. */
#ifndef SEKISHO_DATAPLANE_DROP_REASON_H
#define SEKISHO_DATAPLANE_DROP_REASON_H

enum drop_reason {
	DROP_NONE = 0, /* not dropped */
#define DROP(name, sentence) DROP_##name,
#include "shared/contract/drop_reasons.def"
#undef DROP
	DROP_REASON_COUNT
};

/* The reason's name as in drop_reasons.def; "none" for DROP_NONE, "unknown" out of range. */
const char *drop_reason_name(enum drop_reason reason);

#endif
