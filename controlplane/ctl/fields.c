#include "controlplane/ctl/fields.h"

#include <openssl/crypto.h>
#include <string.h>

#include "controlplane/aor.h"
#include "controlplane/log.h"
#include "shared/base64url.h"

bool field_text(const json_t *request, const char *name, size_t max, const char **out,
		struct ctl_reply *reply)
{
	const json_t *value = json_object_get(request, name);
	size_t length = json_string_length(value);

	if (!json_is_string(value) || length == 0 || length > max ||
	    strlen(json_string_value(value)) != length) {
		ctl_reply_error(reply, "\"%s\" must be a text of 1 to %zu bytes", name, max);
		return false;
	}
	*out = json_string_value(value);
	return true;
}

bool field_text_or(const json_t *request, const char *name, size_t max, const char *otherwise,
		   const char **out, struct ctl_reply *reply)
{
	if (json_object_get(request, name) == NULL) {
		*out = otherwise;
		return true;
	}
	return field_text(request, name, max, out, reply);
}

bool field_aor(const json_t *request, const char *name, char out[LIMIT_AOR_BYTES + 1],
	       struct ctl_reply *reply)
{
	const char *text;

	if (!field_text(request, name, 2 * LIMIT_AOR_BYTES, &text, reply))
		return false;
	if (aor_canonical(text, out) != RESULT_OK) {
		ctl_reply_error(reply, "\"%s\" is no address of record", text);
		return false;
	}
	return true;
}

bool field_number(const json_t *request, const char *name, int64_t min, int64_t max,
		  const int64_t *otherwise, int64_t *out, struct ctl_reply *reply)
{
	const json_t *value = json_object_get(request, name);
	int64_t number = json_integer_value(value);

	if (value == NULL && otherwise != NULL) {
		*out = *otherwise;
		return true;
	}
	if (!json_is_integer(value) || number < min || number > max) {
		ctl_reply_error(reply, "\"%s\" must be a whole number from %lld to %lld", name,
				(long long)min, (long long)max);
		return false;
	}
	*out = number;
	return true;
}

bool field_bytes(const json_t *request, const char *name, uint8_t *out, size_t min,
			size_t max, size_t *length, struct ctl_reply *reply)
{
	const char *text;

	if (!field_text(request, name, BASE64URL_CHARS(max), &text, reply))
		return false;
	if (base64url_decode(slice_make(text, strlen(text)), out, max, length) != RESULT_OK ||
	    *length < min) {
		ctl_reply_error(reply, "\"%s\" must be %zu to %zu bytes in base64url", name, min,
				max);
		return false;
	}
	return true;
}

bool field_verifier(const json_t *request, struct scram_verifier *out, struct ctl_reply *reply)
{
	struct scram_verifier verifier = {0};
	size_t salt, stored, server;
	int64_t iterations;
	bool is_read =
		field_number(request, "iterations", LIMIT_SCRAM_ITERATIONS_MIN,
			     LIMIT_SCRAM_ITERATIONS_MAX, NULL, &iterations, reply) &&
		field_bytes(request, "salt", verifier.salt, 8, SCRAM_SALT_BYTES, &salt, reply) &&
		field_bytes(request, "stored_key", verifier.stored_key.bytes, SECRET_BYTES,
			    SECRET_BYTES, &stored, reply) &&
		field_bytes(request, "server_key", verifier.server_key.bytes, SECRET_BYTES,
			    SECRET_BYTES, &server, reply);

	if (is_read) {
		verifier.iterations = (uint32_t)iterations;
		verifier.salt_len = (uint8_t)salt;
		*out = verifier;
	}
	OPENSSL_cleanse(&verifier, sizeof(verifier));
	return is_read;
}

void reply_store_error(struct store *store, enum result result, const char *missing,
		       const char *there, struct ctl_reply *reply)
{
	switch (result) {
	case RESULT_NOT_FOUND:
		ctl_reply_error(reply, "%s", missing);
		break;
	case RESULT_EXISTS:
		ctl_reply_error(reply, "%s", there);
		break;
	case RESULT_BAD:
		ctl_reply_error(reply, "the store cannot hold this");
		break;
	default:
		ctl_reply_fail(reply, result);
		ctl_reply_error(reply, "%s", store_message(store));
		break;
	}
}
