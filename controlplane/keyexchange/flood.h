/* Is there a flood of first messages? Above a rate, addresses must prove themselves first. */
#ifndef SEKISHO_CONTROLPLANE_KEYEXCHANGE_FLOOD_H
#define SEKISHO_CONTROLPLANE_KEYEXCHANGE_FLOOD_H

#include <stdbool.h>
#include <stdint.h>

/* A flood is declared over after so long below the threshold: ms. */
#define FLOOD_LINGER_MS 10000

struct flood {
	uint32_t threshold; /* first messages per second; 0: always a flood */
	uint32_t count;	    /* in the second that started at since_ms */
	uint64_t since_ms;
	uint64_t until_ms; /* a flood until then */
};

static inline struct flood flood_make(uint32_t threshold)
{
	return (struct flood){.threshold = threshold};
}

/* Counts one message 1 that came without proof of its address: is it part of a flood? */
bool flood_count(struct flood *flood, uint64_t now_ms);

#endif
