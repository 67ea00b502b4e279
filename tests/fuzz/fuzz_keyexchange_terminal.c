/* Any bytes as an answer to a terminal: nothing but the gateway's proof makes an SA. */
#include <string.h>

#include "shared/keyexchange/initiator.h"
#include "shared/limits.h"
#include "tests/fuzz/target.h"

static enum result fill(void *context, void *out, size_t len)
{
	uint8_t *next = context;

	memset(out, ++*next, len);
	return RESULT_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t next = 0;
	struct initiator_settings settings = {
		.domain = SLICE("abc.com"),
		.aor = SLICE("user-a@abc.com"),
		.password = SLICE("x"),
		.address = {.family = 6, .port = 5060, .bytes = {0x20, 0x01, [15] = 1}},
		.suites = {.suite = {SUITE_AES_128_GCM_16}, .count = 1},
		.random = {.fill = fill, .context = &next},
	};
	struct initiator *i;
	enum initiator_event event;

	MUST(initiator_create(&settings, &i) == RESULT_OK);
	MUST(initiator_start(i) == RESULT_OK);
	for (unsigned n = 0; n < 2; n++) {
		enum result result =
			initiator_receive(i, slice_make((const char *)data, size), &event);

		MUST(result != RESULT_OK || event != INITIATOR_ESTABLISHED);
		MUST(initiator_established(i) == NULL);
		MUST(initiator_message(i).len <= LIMIT_KEYEXCHANGE_MESSAGE_BYTES);
	}
	initiator_destroy(i);
	return 0;
}
