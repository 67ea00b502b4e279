#include "terminal/channel/path.h"

#include <string.h>

#include "shared/keyexchange/secret.h"

void path_begin(struct path *path, const struct sip_address *address)
{
	*path = (struct path){.address = *address, .random = random_system()};
}

bool path_is_elsewhere(const struct path *path, const struct sip_address *from)
{
	return !place_is_same(from, &path->address);
}

enum result path_ask(struct path *path, const struct sip_address *from, uint64_t now_ms,
		     uint8_t question[CONTROL_PATH_BYTES])
{
	if (path->asked_ms && now_ms - path->asked_ms < PATH_AGAIN_MS)
		return RESULT_NOT_FOUND;
	/* One cookie an address: an answer may be late. */
	if (path->asked.family == 0 || !place_is_same(from, &path->asked)) {
		enum result result = random_fill(&path->random, path->cookie, sizeof(path->cookie));

		if (result != RESULT_OK)
			return result;
		path->asked = *from;
	}
	path->asked_ms = now_ms;
	question[0] = CONTROL_ASK;
	memcpy(question + 1, path->cookie, sizeof(path->cookie));
	return RESULT_OK;
}

enum path_said path_take(struct path *path, const struct sip_address *from, const uint8_t *message,
			 size_t len, uint8_t answer[CONTROL_PATH_BYTES])
{
	if (len != CONTROL_PATH_BYTES)
		return PATH_NOTHING;
	if (message[0] == CONTROL_ASK) {
		answer[0] = CONTROL_HERE;
		memcpy(answer + 1, message + 1, CONTROL_COOKIE_BYTES);
		return PATH_ASKED;
	}
	if (message[0] != CONTROL_HERE || path->asked.family == 0 ||
	    !place_is_same(from, &path->asked) ||
	    !secret_is_equal(message + 1, path->cookie, sizeof(path->cookie)))
		return PATH_NOTHING;
	path->address = path->asked;
	path->asked.family = 0;
	return PATH_FOLLOWED;
}
