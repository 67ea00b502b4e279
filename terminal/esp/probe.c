#include "terminal/esp/probe.h"

#include <string.h>

enum { PROBE_QUESTION, PROBE_ANSWER };

bool probe_answer(const uint8_t *content, size_t len, uint8_t answer[PROBE_BYTES])
{
	if (len < PROBE_BYTES || memcmp(content, PROBE_LABEL, PROBE_LABEL_BYTES) != 0 ||
	    content[PROBE_LABEL_BYTES] != PROBE_QUESTION)
		return false;
	memcpy(answer, content, PROBE_BYTES);
	answer[PROBE_LABEL_BYTES] = PROBE_ANSWER;
	return true;
}
