/*
 * Bytes of a local client: as a TCP stream that is cut into messages, in pieces parted by NUL, and
 * as a session description that is written with other addresses.
 */
#include <stdlib.h>
#include <string.h>

#include "shared/sip/stream.h"
#include "terminal/media/description.h"
#include "tests/fuzz/target.h"

static void cut(const uint8_t *data, size_t size)
{
	static struct stream stream;
	struct slice message;

	memset(&stream, 0, sizeof(stream));
	for (size_t i = 0; i < size; i++) {
		enum stream_verdict verdict;

		if (data[i] != 0)
			stream.bytes[stream.len++] = (char)data[i];
		if (data[i] != 0 && i + 1 < size && stream.len < sizeof(stream.bytes))
			continue;
		while ((verdict = stream_next(&stream, &message)) == STREAM_MESSAGE ||
		       verdict == STREAM_PING) {
			if (verdict == STREAM_PING)
				continue;
			MUST(message.len > 4 && message.len <= stream.len);
			stream_skip(&stream, message.len);
		}
		if (verdict == STREAM_BAD)
			return;
		/* What waits for more leaves room for it. */
		MUST(stream.len < sizeof(stream.bytes));
	}
}

/* What was written anew says the addresses it was given, and of the same media. */
static void rewrite(const uint8_t *data, size_t size)
{
	static char out[4 * LIMIT_SIP_MESSAGE_BYTES];
	struct writer w = writer_make(out, sizeof(out));
	struct slice sdp =
		slice_make(data, size < LIMIT_SIP_MESSAGE_BYTES ? size : LIMIT_SIP_MESSAGE_BYTES);
	struct description was, is;
	struct sip_address media[DESCRIPTION_MEDIA];

	if (description_read(sdp, &was) != RESULT_OK || was.count == 0)
		return;
	for (unsigned i = 0; i < DESCRIPTION_MEDIA; i++)
		media[i] = (struct sip_address){.family = 6,
						.port = (uint16_t)(7000 + 2 * i),
						.bytes = {0xfd, 0x73, [15] = 1}};
	description_write(sdp, &was, media, size & 3, &w);
	MUST(!w.is_full);
	MUST(description_read(slice_make(w.at, w.len), &is) == RESULT_OK);
	MUST(is.count == was.count);
	for (unsigned i = 0; i < is.count; i++) {
		MUST(is.media[i].is_held == was.media[i].is_held);
		MUST(is.media[i].is_held ||
		     sip_address_is_same_host(&is.media[i].address, &media[i]));
		MUST(!was.media[i].is_datagrams || was.media[i].address.port == 0 ||
		     is.media[i].address.port == media[i].port);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cut(data, size);
	rewrite(data, size);
	return 0;
}
