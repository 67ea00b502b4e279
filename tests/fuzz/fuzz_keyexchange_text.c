/* Any bytes as each text of the key exchange: what is taken survives being written, and once
 * written is taken again as the same. The first byte says which text it is. */
#include <string.h>

#include "controlplane/keyexchange/cookie_text.h"
#include "shared/keyexchange/messages.h"
#include "shared/keyexchange/scram_messages.h"
#include "shared/keyexchange/transcript.h"
#include "tests/fuzz/target.h"

static const uint8_t ni[SCHEDULE_NONCE_BYTES] = {1}, ng[SCHEDULE_NONCE_BYTES] = {2};
static const uint8_t h12[KDF_HASH_BYTES] = {3};

static void client_check(struct slice text)
{
	struct security_client client, again;
	const char *fault;
	char buffer[1024];
	struct writer w = writer_make(buffer, sizeof(buffer));

	if (security_client_parse(text, &client, &fault) != RESULT_OK)
		return;
	security_client_write(&w, &client);
	/* suites we do not know are left out; without one we know there is nothing to say again */
	if (client.suites.count == 0)
		return;
	MUST(security_client_parse(slice_make(buffer, w.len), &again, &fault) == RESULT_OK);
	MUST(memcmp(&client, &again, sizeof(client)) == 0);
}

static void server_check(struct slice text)
{
	struct security_server server, again;
	uint8_t n4[SCHEDULE_NONCE_BYTES];
	char buffer[1024];
	struct writer w = writer_make(buffer, sizeof(buffer));

	(void)!security_nonce_parse(text, n4);
	if (security_server_parse(text, &server) != RESULT_OK)
		return;
	security_server_write(&w, &server);
	MUST(security_server_parse(slice_make(buffer, w.len), &again) == RESULT_OK);
	MUST(memcmp(&server, &again, sizeof(server)) == 0);
}

static void data_check(struct slice text)
{
	char decoded[256], written[512];
	struct slice scram, again;
	struct writer w = writer_make(written, sizeof(written));

	if (scram_data_parse(text, decoded, sizeof(decoded), &scram) != RESULT_OK)
		return;
	MUST(scram.len <= sizeof(decoded));
	scram_authorization_write(&w, scram);
	MUST(!w.is_full);
	char second[256];
	MUST(scram_data_parse(slice_make(written, w.len), second, sizeof(second), &again) ==
	     RESULT_OK);
	MUST(slice_is_equal(scram, again));
}

static void client_first_check(struct slice text)
{
	struct scram_client_first first;
	char written[SCRAM_MESSAGE_BYTES];
	struct writer w = writer_make(written, sizeof(written));

	if (scram_client_first_parse(text, &first) != RESULT_OK)
		return;
	scram_client_first_write(&w, slice_make(first.subscriber, first.subscriber_len), first.ni);
	MUST(slice_is_equal(slice_make(written, w.len), text));
}

static void server_first_check(struct slice text)
{
	struct scram_server_first first;
	char written[SCRAM_MESSAGE_BYTES];
	struct writer w = writer_make(written, sizeof(written));

	if (scram_server_first_parse(text, ni, &first) != RESULT_OK)
		return;
	MUST(first.iterations >= LIMIT_SCRAM_ITERATIONS_MIN &&
	     first.iterations <= LIMIT_SCRAM_ITERATIONS_MAX);
	scram_server_first_write(&w, ni, &first);
	MUST(slice_is_equal(slice_make(written, w.len), text));
}

static void client_final_check(struct slice text)
{
	struct scram_client_final final;
	char written[SCRAM_MESSAGE_BYTES];
	struct writer w = writer_make(written, sizeof(written));

	if (scram_client_final_parse(text, h12, ni, ng, &final) != RESULT_OK)
		return;
	scram_client_final_write_bare(&w, h12, ni, ng);
	scram_client_final_write_proof(&w, final.proof);
	MUST(slice_is_equal(slice_make(written, w.len), text));
}

static void request_check(struct slice text)
{
	struct sealed_request request;
	char written[4096];
	struct writer w = writer_make(written, sizeof(written));

	if (text.len > 2048 || sealed_request_parse(text, &request) != RESULT_OK)
		return;
	MUST(request.spi >= KEYEXCHANGE_SPI_MIN);
	sealed_request_write(&w, &request);
	/* but for the case of the SPI's digits */
	MUST(slice_is_equal_nocase(slice_make(written, w.len), text));
}

static void reply_check(struct slice text)
{
	struct sealed_reply reply, again;
	char written[4096];
	struct writer w = writer_make(written, sizeof(written));

	if (text.len > 2048 || sealed_reply_parse(text, &reply) != RESULT_OK)
		return;
	sealed_reply_write(&w, &reply);
	MUST(sealed_reply_parse(slice_make(written, w.len), &again) == RESULT_OK);
	MUST(slice_is_equal(reply.scram, again.scram) &&
	     slice_is_equal(reply.gateway, again.gateway));
	MUST(reply.spi == again.spi && reply.hard_s == again.hard_s && reply.bytes == again.bytes);
	MUST(memcmp(&reply.inner, &again.inner, sizeof(reply.inner)) == 0);
}

static void cookie_check(struct slice bytes)
{
	struct cookie_text text;
	char written[COOKIE_TEXT_BYTES];
	struct writer w = writer_make(written, sizeof(written));
	struct cookie_text again;

	if (cookie_text_parse(bytes, &text) != RESULT_OK)
		return;
	cookie_text_write(&w, &text);
	MUST(cookie_text_parse(slice_make(written, w.len), &again) == RESULT_OK);
	MUST(memcmp(&text, &again, sizeof(text)) == 0);
}

static void transcript_check(struct slice message)
{
	struct slice line;
	uint8_t hash[KDF_HASH_BYTES];
	enum result result = transcript_find_cookie_line(message, &line);

	MUST((transcript_h12(SLICE("1"), message, hash) == RESULT_BAD) == (result == RESULT_BAD));
	if (result == RESULT_OK)
		MUST(line.at >= message.at && line.at + line.len <= message.at + message.len &&
		     line.at[line.len - 1] == '\n');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const checks[])(struct slice) = {
		client_check,	    server_check,	data_check,    client_first_check,
		server_first_check, client_final_check, request_check, reply_check,
		cookie_check,	    transcript_check,
	};
	const size_t count = sizeof(checks) / sizeof(checks[0]);

	if (size > 0)
		checks[data[0] % count](slice_make(data + 1, size - 1));
	return 0;
}
