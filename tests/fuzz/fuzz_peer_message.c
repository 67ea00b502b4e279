/*
 * Any bytes as what another gateway says over TLS: frames, and messages in them. What is
 * understood, written again, is understood as the same.
 */
#include <event2/buffer.h>
#include <string.h>

#include "controlplane/peers/frame.h"
#include "controlplane/peers/peer_message.h"
#include "tests/fuzz/target.h"

static void message_check(const char *at, size_t len)
{
	struct peer_message message, again;
	size_t length = 0;
	char *text;

	memset(&message, 0x5a, sizeof(message));
	if (peer_message_decode(at, len, &message) != RESULT_OK)
		return;
	MUST(message.type >= PEER_HELLO && message.type <= PEER_WANT);
	MUST(message.spi_count <= PEER_MESSAGE_WORKERS);
	MUST(memchr(message.domain, 0, sizeof(message.domain)) != NULL);
	text = peer_message_encode(&message, &length);
	MUST(text != NULL && length > 0 && length <= FRAME_BYTES_MAX);
	memset(&again, 0xa5, sizeof(again));
	MUST(peer_message_decode(text, length, &again) == RESULT_OK);
	MUST(again.type == message.type && again.epoch == message.epoch &&
	     again.gateway == message.gateway && again.workers == message.workers &&
	     again.suite == message.suite && again.spi_count == message.spi_count);
	MUST(strcmp(again.domain, message.domain) == 0);
	MUST(memcmp(again.share, message.share, sizeof(message.share)) == 0);
	MUST(memcmp(again.nonce, message.nonce, sizeof(message.nonce)) == 0);
	for (uint32_t i = 0; i < message.spi_count; i++)
		MUST(again.spi[i] == message.spi[i] && message.spi[i] >= 256);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct evbuffer *input = evbuffer_new();
	enum result result;
	const char *at;
	size_t len;

	message_check((const char *)data, size); /* as if framed */
	MUST(input != NULL && evbuffer_add(input, data, size) == 0);
	while ((result = frame_view(input, &at, &len)) == RESULT_OK) {
		MUST(len > 0 && len <= FRAME_BYTES_MAX);
		message_check(at, len);
		frame_drop(input, len);
	}
	MUST(result == RESULT_MORE || result == RESULT_BAD);
	evbuffer_free(input);
	return 0;
}
