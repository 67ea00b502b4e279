#include "controlplane/peers/frame.h"

#include <arpa/inet.h>
#include <event2/buffer.h>
#include <stdint.h>

#define PREFIX_BYTES 4

enum result frame_view(struct evbuffer *input, const char **at, size_t *length)
{
	uint32_t prefix;

	if (evbuffer_copyout(input, &prefix, PREFIX_BYTES) != PREFIX_BYTES)
		return RESULT_MORE;
	size_t wanted = ntohl(prefix);

	if (wanted == 0 || wanted > FRAME_BYTES_MAX)
		return RESULT_BAD;
	if (evbuffer_get_length(input) < PREFIX_BYTES + wanted)
		return RESULT_MORE;
	const unsigned char *whole = evbuffer_pullup(input, (ssize_t)(PREFIX_BYTES + wanted));

	if (!whole)
		return RESULT_MEMORY;
	*at = (const char *)whole + PREFIX_BYTES;
	*length = wanted;
	return RESULT_OK;
}

void frame_drop(struct evbuffer *input, size_t length)
{
	evbuffer_drain(input, PREFIX_BYTES + length);
}

enum result frame_add(struct evbuffer *output, const char *at, size_t length)
{
	if (length == 0 || length > FRAME_BYTES_MAX)
		return RESULT_BAD;
	uint32_t prefix = htonl((uint32_t)length);

	if (evbuffer_add(output, &prefix, PREFIX_BYTES) != 0 ||
	    evbuffer_add(output, at, length) != 0)
		return RESULT_MEMORY;
	return RESULT_OK;
}
