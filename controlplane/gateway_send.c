#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "controlplane/gateway_state.h"
#include "shared/sip/host.h"
#include "shared/writer.h"

/* A terminal's SA on its way to the data plane, which may refuse it. */
struct sa_sent {
	struct gateway *gateway;
	uint32_t index;
	uint8_t generation;
};

static void key_line_write(struct writer *w, uint32_t spi, const uint8_t *key, uint8_t suite,
			   const struct contract_address *destination)
{
	const struct suite_properties *properties = suite_find(suite);
	struct sip_address address = {.family = destination->family};
	char spi_text[9];

	if (properties == NULL)
		return;
	memcpy(address.bytes, destination->bytes, sizeof(address.bytes));
	snprintf(spi_text, sizeof(spi_text), "%08x", spi);
	writer_bytes(w, spi_text, 8);
	writer_char(w, ' ');
	writer_hex(w, key, suite_key_bytes(properties));
	writer_char(w, ' ');
	sip_address_write_bare(&address, w);
	writer_char(w, ' ');
	writer_slice(w, properties->name);
	writer_char(w, '\n');
}

/* For tests alone, and only where an operator has asked for it: "SPI KEY DESTINATION SUITE". */
static void key_log_write(const struct gateway *gateway, const struct contract_sa *sa)
{
	char lines[1024];
	struct writer w = writer_make(lines, sizeof(lines));
	ssize_t written = 0;

	if (gateway->key_log_fd < 0)
		return;
	if ((sa->directions & CONTRACT_SA_IN) != 0)
		key_line_write(&w, (uint32_t)sa->generation << LIMIT_SA_INDEX_BITS | sa->index,
			       sa->key_in, sa->suite, &sa->outer_local);
	if ((sa->directions & CONTRACT_SA_OUT) != 0)
		key_line_write(&w, sa->spi_out, sa->key_out, sa->suite, &sa->outer_remote);
	written = write(gateway->key_log_fd, lines, w.len);
	if (written != (ssize_t)w.len)
		log_say("the key log cannot be written");
	OPENSSL_cleanse(lines, sizeof(lines));
}

static void sa_judged(struct gateway *gateway, uint32_t index, uint8_t generation,
		      enum result result)
{
	if (gateway->parts.uas != NULL)
		uas_sa_answered(gateway->parts.uas, index, generation, result, gateway_now_ms());
	/* RESULT_IO: the data plane is away, and is told again when it is back. */
	if (result == RESULT_OK || result == RESULT_IO || gateway->parts.registrar == NULL)
		return;
	if (log_limit_admit(&gateway->sa_limit, gateway_now_ms(), "sentences about refused SAs"))
		log_say("the data plane does not take SA %u (%d): its terminal has to attach anew",
			index, (int)result);
	registrar_sa_gone(gateway->parts.registrar, index, generation, gateway_now_s());
}

static void sa_answered(void *arg, enum result result)
{
	struct sa_sent *sent = arg;

	sa_judged(sent->gateway, sent->index, sent->generation, result);
	free(sent);
}

void gateway_send_sa(struct gateway *gateway, const struct contract_sa *sa, peers_done *done,
		     void *arg)
{
	key_log_write(gateway, sa);
	contract_client_send(gateway->contract, &sa->header, done, arg);
}

/* The registrar knows what is registered here; where else a name is, and who is to hear, we do. */
static void identity_send(struct gateway *gateway, const struct contract_header *message)
{
	struct contract_identity identity = *(const struct contract_identity *)message;
	struct slice aor = slice_make(identity.aor, strlen(identity.aor));

	if (identity.binding_index == 0)
		identity.sibling = gateway_sibling_of(gateway, aor);
	gateway_location_note(gateway, aor, identity.binding_index != 0);
	contract_client_send(gateway->contract, &identity.header, NULL, NULL);
}

void gateway_send(void *ctx, const struct contract_header *message)
{
	const struct contract_sa *sa = (const struct contract_sa *)message;
	struct gateway *gateway = ctx;
	struct sa_sent *sent;

	if (message->id == CONTRACT_IDENTITY_PUT) {
		identity_send(gateway, message);
		return;
	}
	if (message->id != CONTRACT_SA_PUT) {
		contract_client_send(gateway->contract, message, NULL, NULL);
		return;
	}
	key_log_write(gateway, sa);
	sent = malloc(sizeof(*sent));
	if (sent == NULL) {
		sa_judged(gateway, sa->index, sa->generation, RESULT_MEMORY);
		return;
	}
	*sent = (struct sa_sent){gateway, sa->index, sa->generation};
	contract_client_send(gateway->contract, message, sa_answered, sent);
}

void gateway_sa_delete(struct gateway *gateway, uint32_t index, uint8_t generation)
{
	struct contract_sa_ref ref = {.index = index, .generation = generation};

	contract_header_set(&ref.header, CONTRACT_SA_DELETE, sizeof(ref), 0);
	contract_client_send(gateway->contract, &ref.header, NULL, NULL);
}
