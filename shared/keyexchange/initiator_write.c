/* Messages 1 and 3 (docs/protocol.md 1.1, 1.3). */
#include <string.h>

#include "shared/keyexchange/initiator_state.h"
#include "shared/keyexchange/seal.h"
#include "shared/keyexchange/statement.h"
#include "shared/keyexchange/transcript.h"

#define PADDING_NAME SLICE("Security-Padding: ")

struct slice initiator_subscriber(const struct initiator *i)
{
	if (i->subscriber_len > 0)
		return slice_make(i->subscriber, i->subscriber_len);
	return slice_make(i->aor, i->aor_len);
}

struct scram_auth initiator_auth(const struct initiator *i)
{
	return (struct scram_auth){
		.client_first_bare = slice_make(i->client_first_bare, i->client_first_bare_len),
		.server_first = slice_make(i->server_first, i->server_first_len),
		.client_final_bare = slice_make(i->client_final_bare, i->client_final_bare_len),
	};
}

/* The AOR, which nobody outside an SA learns from who comes by certificate. */
static void write_aor(const struct initiator *i, struct writer *w)
{
	if (!i->signer || i->is_inside) {
		writer_bytes(w, i->aor, i->aor_len);
		return;
	}
	WRITER_LITERAL(w, KEYEXCHANGE_ANONYMOUS "@");
	writer_bytes(w, i->domain, i->domain_len);
}

/* What messages 1 and 3 have in common: request line to CSeq. */
static void write_head(const struct initiator *i, struct writer *w)
{
	WRITER_LITERAL(w, "REGISTER sip:");
	writer_bytes(w, i->domain, i->domain_len);
	WRITER_LITERAL(w, " SIP/2.0\r\nVia: SIP/2.0/");
	writer_slice(w, initiator_is_stream(i) ? SLICE("TCP ") : SLICE("UDP "));
	sip_address_write(&i->address, w);
	WRITER_LITERAL(w, ";branch=");
	writer_bytes(w, i->branch, i->branch_len);
	WRITER_LITERAL(w, ";rport\r\nMax-Forwards: 70\r\nFrom: <sip:");
	write_aor(i, w);
	WRITER_LITERAL(w, ">;tag=");
	writer_bytes(w, i->from_tag, i->from_tag_len);
	WRITER_LITERAL(w, "\r\nTo: <sip:");
	write_aor(i, w);
	WRITER_LITERAL(w, ">\r\nCall-ID: ");
	writer_bytes(w, i->call_id, i->call_id_len);
	WRITER_LITERAL(w, "\r\nCSeq: ");
	writer_u32(w, i->cseq);
	WRITER_LITERAL(w, " REGISTER\r\n");
}

static void write_cookie(const struct initiator *i, struct writer *w)
{
	WRITER_LITERAL(w, "Security-Cookie: ");
	writer_bytes(w, i->cookie, i->cookie_len);
	WRITER_LITERAL(w, "\r\n");
}

static void write_security(struct initiator *i, struct writer *w)
{
	struct security_client client = {
		.suites = i->suites,
		.address = i->address,
		.wants_encap = i->wants_encap,
		.is_by_certificate = i->signer != NULL,
		.wants_proof = i->trust != NULL,
		.knows_gateway = i->gateway != NULL,
	};

	memcpy(client.share, x25519_share(i->own), X25519_SHARE_BYTES);
	memcpy(client.nonce, i->ni, sizeof(i->ni));
	if (i->gateway)
		memcpy(client.gateway, certificate_hash(i->gateway), KDF_HASH_BYTES);
	WRITER_LITERAL(w, "Security-Client: ");
	security_client_write(w, &client);
	WRITER_LITERAL(w, "\r\n");
}

static void write_authorization(struct initiator *i, struct writer *w)
{
	char first[SCRAM_MESSAGE_BYTES];
	struct writer scram = writer_make(first, sizeof(first));
	const size_t gs2_len = sizeof(SCRAM_GS2_HEADER) - 1;

	scram_client_first_write(&scram, initiator_subscriber(i), i->ni);
	i->client_first_bare_len = scram.len - gs2_len;
	memcpy(i->client_first_bare, first + gs2_len, i->client_first_bare_len);

	WRITER_LITERAL(w, "Authorization: ");
	scram_authorization_write(w, slice_make(first, scram.len));
	WRITER_LITERAL(w, "\r\n");
}

/* A line that makes the whole message so long, if it is shorter and there is room for one. */
static void write_padding(struct writer *w, size_t to_come, size_t whole)
{
	size_t without = w->len + PADDING_NAME.len + 2 + to_come;

	if (w->len + to_come >= LIMIT_KEYEXCHANGE_FIRST_BYTES && without >= whole)
		return;
	writer_slice(w, PADDING_NAME);
	writer_char(w, '0');
	for (size_t len = without + 1; len < whole; len++)
		writer_char(w, '0');
	WRITER_LITERAL(w, "\r\n");
}

enum result initiator_write_1(struct initiator *i)
{
	static const char last[] = "Content-Length: 0\r\n\r\n";
	struct writer w = writer_make(i->message, i->message_cap);
	struct slice text;

	write_head(i, &w);
	write_security(i, &w);
	if (!i->signer)
		write_authorization(i, &w);
	if (i->cookie_len > 0)
		write_cookie(i, &w);
	else if (!initiator_is_stream(i))
		/* a gateway that signs has more to say, and says no more than it heard */
		write_padding(&w, sizeof(last) - 1,
			      i->trust ? LIMIT_KEYEXCHANGE_MESSAGE_BYTES
				       : LIMIT_KEYEXCHANGE_FIRST_BYTES);
	WRITER_LITERAL(&w, last);
	i->message_len = w.len;
	return writer_finish(&w, &text);
}

/* The plaintext of message 3 by certificate. */
static enum result make_signed_plaintext(struct initiator *i, struct writer *w)
{
	const struct certificate *own = signer_certificate(i->signer);
	struct sealed_certificate sealed = {.spi = i->spi, .certificate = certificate_chain(own)};
	const struct statement statement =
		statement_of_terminal(i->h12, certificate_hash(own), i->spi);
	enum result result = signer_sign(i->signer, statement_slice(&statement), sealed.signature);

	sealed_certificate_write(w, &sealed);
	return result;
}

/* The plaintext of message 3 by password; also what AuthMessage lacked, and the gateway's
 * signature. */
static enum result make_plaintext(struct initiator *i, struct writer *w)
{
	char final[SCRAM_MESSAGE_BYTES];
	struct writer scram = writer_make(final, sizeof(final));
	uint8_t proof[KDF_HASH_BYTES];
	struct scram_auth auth;
	enum result result;

	scram_client_final_write_bare(&scram, i->h12, i->ni, i->server.nonce);
	memcpy(i->client_final_bare, final, scram.len);
	i->client_final_bare_len = scram.len;
	auth = initiator_auth(i);
	result = scram_proof_make(&i->derived, &auth, proof);
	if (result == RESULT_OK)
		result = scram_signature_make(&i->derived.server_key, &auth, i->signature);
	scram_client_final_write_proof(&scram, proof);
	sealed_request_write(w, &(struct sealed_request){
					.scram = slice_make(final, scram.len),
					.spi = i->spi,
				});
	secret_wipe_bytes(proof, sizeof(proof));
	secret_wipe_bytes(final, sizeof(final));
	return result;
}

/* Seals plain behind the head that w holds. */
static enum result seal_body(struct initiator *i, struct writer *w, struct slice plain)
{
	uint8_t sealed[KEYEXCHANGE_SEALED_LONG_BYTES + SEAL_TAG_BYTES];
	struct secret k3;
	struct slice text;
	enum result result = schedule_k3(&i->prk, i->h12, &k3);

	if (result == RESULT_OK)
		result = writer_finish(w, &text);
	if (result == RESULT_OK)
		result = seal_close(&k3, seal_nonce_zero, text, plain, sealed);
	secret_wipe(&k3);
	if (result != RESULT_OK)
		return result;
	writer_bytes(w, sealed, plain.len + SEAL_TAG_BYTES);
	return writer_finish(w, &text);
}

enum result initiator_write_3(struct initiator *i)
{
	const size_t most = i->message_cap == sizeof(i->datagram) ? KEYEXCHANGE_SEALED_BYTES
								   : KEYEXCHANGE_SEALED_LONG_BYTES;
	char buffer[KEYEXCHANGE_SEALED_LONG_BYTES];
	struct writer plain = writer_make(buffer, most);
	struct writer w = writer_make(i->message, i->message_cap);
	enum result result =
		i->signer ? make_signed_plaintext(i, &plain) : make_plaintext(i, &plain);
	struct slice text;

	write_head(i, &w);
	write_cookie(i, &w);
	WRITER_LITERAL(&w, "Content-Type: " KEYEXCHANGE_SEALED_TYPE "\r\nContent-Length: ");
	writer_u32(&w, (uint32_t)(plain.len + SEAL_TAG_BYTES));
	WRITER_LITERAL(&w, "\r\n\r\n");
	if (result == RESULT_OK)
		result = writer_finish(&plain, &text);
	if (result == RESULT_OK)
		result = seal_body(i, &w, text);
	secret_wipe_bytes(buffer, plain.len);
	i->message_len = w.len;
	if (result == RESULT_OK)
		result = transcript_h123(i->h12, initiator_message(i), i->h123);
	return result;
}
