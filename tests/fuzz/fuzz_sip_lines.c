/* Any bytes through both line scans: the vector one says what the scalar one says. */
#include <string.h>

#include "shared/sip/lines_scan.h"
#include "tests/fuzz/target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct sip_line plain_lines[LIMIT_SIP_HEADER_LINES];
	static struct sip_line lines[LIMIT_SIP_HEADER_LINES];
	struct sip_lines plain, found;

	if (size > LIMIT_SIP_MESSAGE_BYTES)
		return 0;
	sip_lines_scan_scalar((const char *)data, size, plain_lines, &plain);
	sip_lines_scan((const char *)data, size, lines, &found);
	MUST(found.start_line_len == plain.start_line_len && found.body == plain.body);
	MUST(found.count == plain.count && found.has_end == plain.has_end);
	MUST(found.has_bare == plain.has_bare && found.has_too_many == plain.has_too_many);
	for (unsigned i = 0; i < plain.count; i++) {
		MUST(lines[i].start == plain_lines[i].start && lines[i].end == plain_lines[i].end);
		MUST(lines[i].value == plain_lines[i].value);
		MUST(lines[i].flags == plain_lines[i].flags);
	}
	return 0;
}
