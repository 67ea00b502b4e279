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
#define SIP_SKELETON_PREFIX 32 /* bytes of a name with its colon and space */

struct sip_skeleton {
	_Alignas(64) char prefix[SIP_SKELETON_LINES][SIP_SKELETON_PREFIX]; /* "Name: " */
	uint16_t skip[SIP_SKELETON_LINES]; /* length of each; 0 beyond the last */
	uint16_t id[SIP_SKELETON_LINES];   /* enum sip_header */
	uint64_t present;		   /* as struct sip_message has them */
	uint64_t repeated;
	uint8_t first[SIP_HEADER_COUNT];
	uint8_t last[SIP_HEADER_COUNT];
	uint8_t count;	/* lines; 0: nothing is remembered here */
	uint8_t misses; /* heads since that were others */
};

/* One thread's; all zero: nothing is remembered. */
struct sip_skeletons {
	struct sip_skeleton at[SIP_SKELETONS];
};

/* The one that a message with these line ends, of 64 bytes or more, is compared with. */
struct sip_skeleton *sip_skeleton_of(struct sip_skeletons *skeletons,
				     const struct sip_message *message,
				     const struct sip_line_ends *ends);

/*
 * If the head is this one: sets lines, first, last and present of the message, and repeated (a bit
 * for each header that has several lines). The line ends are those of a tight head. Only where
 * sip_vector_is_wide.
 */
bool sip_skeleton_take(struct sip_skeleton *skeleton, const struct sip_line_ends *ends,
		       struct sip_message *message, uint64_t *repeated);

/* Remembers a head that was read otherwise and is not remembered, if it is one to be. */
void sip_skeleton_keep(struct sip_skeleton *skeleton, const struct sip_message *message,
		       uint64_t repeated);

#endif
