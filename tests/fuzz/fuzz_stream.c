/*
 * Any bytes as a stream of SIP messages, as TCP and TLS bring it: the first byte says in what
 * portions they come. However they come, the same messages stand in them.
 */
#include <string.h>

#include "shared/sip/stream.h"
#include "tests/fuzz/target.h"

#define FOUND_MAX 512

/* What stood in a stream: messages by where and how long, and how it ended. */
struct finding {
	struct {
		size_t at, len;
	} message[FOUND_MAX];
	size_t count;
	bool is_bad;
};

/* What stands first; `done` bytes are gone already. False: more is needed, or it is over. */
static bool step(struct stream *stream, size_t *done, struct finding *finding)
{
	struct slice message;
	size_t before = stream->len;
	enum stream_verdict verdict = stream_next(stream, &message);

	*done += before - stream->len; /* empty lines go by themselves */
	MUST(stream->len <= before);
	if (verdict == STREAM_PING)
		return true;
	finding->is_bad = verdict == STREAM_BAD;
	if (verdict != STREAM_MESSAGE)
		return false;
	MUST(message.at == stream->bytes && message.len > 0 && message.len <= stream->len);
	if (finding->count < FOUND_MAX) {
		finding->message[finding->count].at = *done;
		finding->message[finding->count].len = message.len;
	}
	finding->count++;
	stream_skip(stream, message.len);
	*done += message.len;
	MUST(stream->len == before - (before - stream->len));
	return true;
}

static void read_in(const uint8_t *data, size_t size, size_t portion, struct finding *finding)
{
	static struct stream stream;
	size_t done = 0, at = 0;

	memset(&stream, 0, sizeof(stream));
	*finding = (struct finding){0};
	while (at < size && !finding->is_bad) {
		size_t room = sizeof(stream.bytes) - stream.len;
		size_t bytes = size - at < portion ? size - at : portion;

		MUST(room > 0); /* a full one that is no message is bad */
		bytes = bytes < room ? bytes : room;
		memcpy(stream.bytes + stream.len, data + at, bytes);
		stream.len += bytes;
		at += bytes;
		while (step(&stream, &done, finding))
			;
	}
	MUST(finding->is_bad || done + stream.len == size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct finding whole, parts;

	if (size < 2 || size > 65536)
		return 0;
	read_in(data + 1, size - 1, sizeof(((struct stream *)0)->bytes), &whole);
	read_in(data + 1, size - 1, data[0] + 1u, &parts);
	MUST(whole.count == parts.count && whole.is_bad == parts.is_bad);
	for (size_t i = 0; i < whole.count && i < FOUND_MAX; i++)
		MUST(whole.message[i].at == parts.message[i].at &&
		     whole.message[i].len == parts.message[i].len);
	return 0;
}
