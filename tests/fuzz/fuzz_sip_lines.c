/* Any bytes through the parser with vectors and without: both say the same of all of them. */
#include <stdio.h>

#include "tests/fuzz/target.h"
#include "tests/unit/shared/sip_same.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *difference = sip_parse_difference((const char *)data, size);

	if (difference != NULL)
		(void)fprintf(stderr, "they differ: %s\n", difference);
	MUST(difference == NULL);
	return 0;
}
