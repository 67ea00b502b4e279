#include "bench/pipeline/must.h"

#include <stdio.h>
#include <stdlib.h>

void bench_must(bool is_done, const char *what)
{
	if (is_done)
		return;
	fprintf(stderr, "bench: %s\n", what);
	exit(1);
}
