#include <openssl/rand.h>
#include <stdlib.h>

#include "shared/base64url.h"
#include "terminal/ua/state.h"

struct slice ua_token(char out[UA_TOKEN_CHARS])
{
	uint8_t random[UA_TOKEN_CHARS / 4 * 3];
	struct writer w = writer_make(out, UA_TOKEN_CHARS);

	/* Without randomness a tag could be foreseen: nothing may go on. */
	if (RAND_bytes(random, sizeof(random)) != 1)
		abort();
	base64url_encode(&w, random, sizeof(random));
	return slice_make(out, UA_TOKEN_CHARS);
}
