/*
 * Heads that were read before. Messages of one kind by one program have the same names in the same
 * order: the next is compared with what it most likely is, all lines at once, instead of being
 * classified line by line. What is read is the same either way; only how soon differs.
 */
#ifndef SEKISHO_SHARED_SIP_SKELETON_H
#define SEKISHO_SHARED_SIP_SKELETON_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/sip/line_ends.h"
#include "shared/sip/message.h"

#define SIP_SKELETONS	    64 /* kinds remembered at once */
#define SIP_SKELETON_LINES  32 /* of a head that is remembered */
#define SIP_SKELETON_WINDOW 32 /* bytes of a line that are looked at */

/*
 * How a line begins, with what is behind and before its name: the last byte of the value of the
 * line before, CR, LF, name, colon, space, and the first byte of its own value. Each byte there, if
 * greater than `most` taken for that, must be `text`: so a name is itself, what stands beside it
 * more than a space, and the rest anything. Two lines are one register. Behind the last line there
 * may be one of which nothing is looked at.
 */
struct sip_skeleton {
	_Alignas(64) uint8_t text[SIP_SKELETON_LINES][SIP_SKELETON_WINDOW];
	uint8_t most[SIP_SKELETON_LINES][SIP_SKELETON_WINDOW];
	uint32_t seen[SIP_SKELETON_LINES]; /* a bit for each byte of the window that is looked at */
	uint16_t skip[SIP_SKELETON_LINES]; /* from the name to the value; 0 beyond the last line */
	uint16_t id[SIP_SKELETON_LINES];   /* enum sip_header */
	uint8_t first[SIP_HEADER_ROOM];	   /* as struct sip_message has them */
	uint8_t last[SIP_HEADER_ROOM];
	uint64_t present;
	uint64_t repeated;
	uint64_t kind;
	uint8_t count;	/* lines; 0: nothing is remembered here */
	uint8_t misses; /* heads since that were others */
};

/* One thread's; all zero: nothing is remembered. */
struct sip_skeletons {
	struct sip_skeleton at[SIP_SKELETONS];
};

/* What tells most heads from those of another kind: a hash. Of a message of 64 bytes or more. */
uint64_t sip_skeleton_kind(const struct sip_message *message, const struct sip_line_ends *ends);

/* The one of that kind, or the one in whose place it is to be remembered. */
struct sip_skeleton *sip_skeleton_of(struct sip_skeletons *skeletons, uint64_t kind);

/* Where a head is remembered, or is to be, and what it is. */
struct sip_skeleton_found {
	struct sip_skeleton *at;
	uint64_t kind;
	uint64_t repeated; /* a bit for each header that has several lines */
};

/*
 * If the head is the one at found->at: sets lines, first, last and present of the message, and
 * found->repeated. ends are those of sip_line_ends_find_wide, of which it makes certain. Only where
 * sip_vector_is_wide.
 */
bool sip_skeleton_take(const struct sip_line_ends *ends, struct sip_message *message,
		       struct sip_skeleton_found *found);

/* The same, if it is anywhere; it sets found either way. */
bool sip_skeleton_find(struct sip_skeletons *skeletons, const struct sip_line_ends *ends,
		       struct sip_message *message, struct sip_skeleton_found *found);

/* Remembers a head that was read otherwise and is not remembered, if it is one to be. */
void sip_skeleton_keep(const struct sip_skeleton_found *found, const struct sip_message *message);

#endif
