#include "dataplane/inbox/complaint.h"

#include <stdio.h>

#include "shared/clock.h"

#define SAID_EVERY_MS 60000

void inbox_complain(struct inbox_complaints *complaints, enum inbox_complaint what)
{
	static const char *const sentences[INBOX_COMPLAINT_COUNT] = {
#define INBOX_COMPLAINT_ROW(name, sentence) [INBOX_COMPLAINT_##name] = (sentence),
		INBOX_COMPLAINTS(INBOX_COMPLAINT_ROW)
#undef INBOX_COMPLAINT_ROW
	};
	uint64_t now_ms = clock_steady_ms(), said_ms = complaints->said_ms[what];

	complaints->count[what]++;
	if (said_ms != 0 && now_ms - said_ms < SAID_EVERY_MS)
		return;
	complaints->said_ms[what] = now_ms;
	fprintf(stderr, "sekisho-dataplane: at the contract socket: %s\n", sentences[what]);
}
