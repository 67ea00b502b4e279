#include "shared/keyexchange/random.h"

#include <limits.h>

#include <openssl/rand.h>

static enum result fill_from_system(void *context, void *out, size_t len)
{
	(void)context;
	if (len > INT_MAX)
		return RESULT_IO;
	return RAND_priv_bytes(out, (int)len) == 1 ? RESULT_OK : RESULT_IO;
}

struct random_source random_system(void)
{
	return (struct random_source){.fill = fill_from_system};
}

enum result random_fill(const struct random_source *source, void *out, size_t len)
{
	return source->fill(source->context, out, len);
}
