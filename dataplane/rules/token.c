#include "dataplane/rules/token.h"

#include <string.h>

#define LABEL	    SLICE("token")
#define BIT(method) (1u << SIP_METHOD_##method)

enum token_method token_method_of(enum sip_method method)
{
	switch (method) {
	case SIP_METHOD_INVITE:
		return TOKEN_INVITE;
	case SIP_METHOD_SUBSCRIBE:
		return TOKEN_SUBSCRIBE;
	case SIP_METHOD_REFER:
		return TOKEN_REFER;
	default:
		return TOKEN_NONE;
	}
}

bool token_admits(const struct token *token, enum sip_method method)
{
	static const uint32_t in_call = BIT(INVITE) | BIT(ACK) | BIT(CANCEL) | BIT(BYE) |
					BIT(PRACK) | BIT(UPDATE) | BIT(INFO) | BIT(OPTIONS) |
					BIT(MESSAGE) | BIT(REFER) | BIT(NOTIFY);
	static const uint32_t in_subscription =
		BIT(SUBSCRIBE) | BIT(NOTIFY) | BIT(REFER) | BIT(OPTIONS);
	uint32_t admitted = token->method == TOKEN_INVITE ? in_call : in_subscription;

	return (admitted >> method & 1) != 0;
}

void token_make(struct token *token, const struct rotating_key *key, enum token_method method,
		uint64_t now_s, const struct leg *caller, const struct leg *callee)
{
	uint32_t issued = __builtin_bswap32((uint32_t)now_s);
	uint8_t *at = token->bytes;

	*at++ = key->id;
	memcpy(at, &issued, sizeof(issued));
	at += sizeof(issued);
	*at++ = (uint8_t)method;
	at = leg_write(caller, at);
	at = leg_write(callee, at);
	token->length = (uint8_t)(at - token->bytes + TOKEN_MAC_BYTES);
}

void token_proof_begin(const struct token *token, const struct rotating_key *key,
		       const struct token_dialog *dialog, struct keyed_hash *hash)
{
	struct slice head = slice_make(token->bytes, token->length - (size_t)TOKEN_MAC_BYTES);
	size_t size = 6 * KEYED_HASH_FIELD_HEAD + LABEL.len + head.len + dialog->call_id.len +
		      dialog->tag.len + dialog->caller.len + dialog->callee.len;
	uint8_t *at = keyed_hash_open(hash, &key->hash, size);

	at = keyed_hash_put_field(hash, at, LABEL);
	at = keyed_hash_put_field(hash, at, head);
	at = keyed_hash_put_field(hash, at, dialog->call_id);
	at = keyed_hash_put_field(hash, at, dialog->tag);
	at = keyed_hash_put_field(hash, at, dialog->caller);
	at = keyed_hash_put_field(hash, at, dialog->callee);
	keyed_hash_close(hash, at);
}

void token_seal(struct token *token, const struct keyed_hash *hash)
{
	memcpy(token->bytes + token->length - TOKEN_MAC_BYTES, hash->result, TOKEN_MAC_BYTES);
}

void token_write(const struct token *token, struct writer *w)
{
	base64url_encode(w, token->bytes, token->length);
}

enum result token_read(struct slice text, struct token *out)
{
	size_t length, at = 6;
	uint32_t issued;

	if (base64url_decode(text, out->bytes, sizeof(out->bytes), &length) != RESULT_OK ||
	    length < at)
		return RESULT_BAD;
	out->length = (uint8_t)length;
	out->key_id = out->bytes[0];
	memcpy(&issued, out->bytes + 1, sizeof(issued));
	out->issued_s = __builtin_bswap32(issued);
	out->method = out->bytes[5];
	if (out->method < TOKEN_INVITE || out->method > TOKEN_REFER)
		return RESULT_BAD;
	if (leg_read(out->bytes + at, length - at, &out->caller) != RESULT_OK)
		return RESULT_BAD;
	at += out->caller.length;
	if (leg_read(out->bytes + at, length - at, &out->callee) != RESULT_OK)
		return RESULT_BAD;
	at += out->callee.length;
	return length - at == TOKEN_MAC_BYTES ? RESULT_OK : RESULT_BAD;
}

bool token_is_proven(const struct token *token, const struct keyed_hash *hash)
{
	return keyed_hash_mac_is_equal(hash->result,
				       token->bytes + token->length - TOKEN_MAC_BYTES);
}

enum result token_verify(const struct rotating_key *key, const struct token *token,
			 const struct token_dialog *dialog)
{
	struct keyed_hash hash, *one = &hash;

	token_proof_begin(token, key, dialog, &hash);
	keyed_hash_finish(&one, 1);
	return token_is_proven(token, &hash) ? RESULT_OK : RESULT_DENIED;
}
