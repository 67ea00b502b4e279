/*
 * The generator's own pauses, and what they spoil: while it is off its core nothing is sent or received,
 * then what was due meanwhile goes out at once and stands in line, and so does what comes behind it. All
 * of that counts as latency; these say of which messages it is the generator's doing.
 */
#ifndef SEKISHO_BENCH_LOADGEN_PAUSES_H
#define SEKISHO_BENCH_LOADGEN_PAUSES_H

#include <stdbool.h>
#include <stdint.h>

/* From one look at the clock to the next pass some ten microseconds; after this long it was away. */
#define PAUSE_US 200

/* So many frames may be under way at any time: what a turn sends. */
#define PAUSES_UNDER_WAY 32

struct pauses {
	uint64_t limit_tsc; /* PAUSE_US */
	uint64_t last_tsc;  /* when it last looked; 0: never */
	uint64_t clean_tsc; /* what was due before this may be spoiled */
	int64_t under_way;  /* frames, before the pause */
	bool is_spoiled;    /* the pause is over, and not yet what it caused */
};

/* The generator looks at the clock. Returns how long it was away since it last did; 0: it was not. */
uint64_t pauses_look(struct pauses *pauses, uint64_t now_tsc);

/*
 * A turn ends with so many frames under way. What a pause spoiled is over once everything that is due has
 * been sent and no more is under way than before it.
 */
void pauses_end(struct pauses *pauses, uint64_t now_tsc, int64_t under_way, bool is_on_schedule);

/* Has no pause anything to do with one that was due then and is here now? */
static inline bool pauses_spared(const struct pauses *pauses, uint64_t due_tsc)
{
	return !pauses->is_spoiled && due_tsc >= pauses->clean_tsc;
}

#endif
