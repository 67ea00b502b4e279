#include "bench/loadgen/pauses.h"

uint64_t pauses_look(struct pauses *pauses, uint64_t now_tsc)
{
	uint64_t passed = pauses->last_tsc ? now_tsc - pauses->last_tsc : 0;

	pauses->last_tsc = now_tsc;
	if (passed <= pauses->limit_tsc)
		return 0;
	pauses->is_spoiled = true;
	return passed;
}

void pauses_end(struct pauses *pauses, uint64_t now_tsc, int64_t under_way, bool is_on_schedule)
{
	if (!pauses->is_spoiled) {
		pauses->under_way = under_way > PAUSES_UNDER_WAY ? under_way : PAUSES_UNDER_WAY;
	} else if (is_on_schedule && under_way <= pauses->under_way) {
		pauses->is_spoiled = false;
		pauses->clean_tsc = now_tsc;
	}
}
