#include "controlplane/cli/password.h"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "controlplane/digest/response.h"
#include "shared/base64url.h"
#include "shared/keyexchange/random.h"
#include "shared/keyexchange/scram.h"

#define GENERATED_BYTES 16
#define SALT_BYTES	16

enum result password_generate(char out[PASSWORD_BYTES])
{
	const struct random_source random = random_system();
	struct writer w = writer_make(out, PASSWORD_BYTES - 1);
	uint8_t bytes[GENERATED_BYTES];
	enum result result = random_fill(&random, bytes, sizeof(bytes));

	if (result == RESULT_OK) {
		base64url_encode(&w, bytes, sizeof(bytes));
		out[w.len] = '\0';
	}
	OPENSSL_cleanse(bytes, sizeof(bytes));
	return result;
}

enum result password_read(FILE *from, char out[PASSWORD_BYTES])
{
	size_t length = 0;
	int c;

	while ((c = fgetc(from)) != EOF && c != '\n') {
		if (length == PASSWORD_BYTES - 1 || c < ' ' || c == 0x7f) {
			OPENSSL_cleanse(out, PASSWORD_BYTES);
			return RESULT_BAD;
		}
		out[length++] = (char)c;
	}
	out[length] = '\0';
	if (length == 0)
		return c == EOF ? RESULT_IO : RESULT_BAD;
	return RESULT_OK;
}

/* One line from the terminal, its echo off meanwhile. */
static enum result line_ask(FILE *terminal, const char *question, char out[PASSWORD_BYTES])
{
	struct termios old, quiet;
	enum result result;

	fputs(question, terminal);
	fflush(terminal);
	if (tcgetattr(fileno(terminal), &old) != 0)
		return RESULT_IO;
	quiet = old;
	quiet.c_lflag &= ~(tcflag_t)ECHO;
	if (tcsetattr(fileno(terminal), TCSAFLUSH, &quiet) != 0)
		return RESULT_IO;
	result = password_read(terminal, out);
	if (tcsetattr(fileno(terminal), TCSAFLUSH, &old) != 0)
		result = RESULT_IO;
	fputc('\n', terminal);
	return result;
}

enum result password_prompt(const char *whose, char out[PASSWORD_BYTES])
{
	FILE *terminal = fopen("/dev/tty", "r+e");
	char again[PASSWORD_BYTES], question[PASSWORD_BYTES + 64];
	enum result result;

	if (terminal == NULL)
		return RESULT_IO;
	setvbuf(terminal, NULL, _IONBF, 0);
	snprintf(question, sizeof(question), "New password of %.200s: ", whose);
	result = line_ask(terminal, question, out);
	if (result == RESULT_OK)
		result = line_ask(terminal, "Once more: ", again);
	if (result == RESULT_OK && strcmp(out, again) != 0)
		result = RESULT_DENIED;
	OPENSSL_cleanse(again, sizeof(again));
	if (result != RESULT_OK)
		OPENSSL_cleanse(out, PASSWORD_BYTES);
	fclose(terminal);
	return result;
}

static void bytes_add(json_t *request, const char *field, const void *at, size_t length)
{
	char text[BASE64URL_CHARS(64)];
	struct writer w = writer_make(text, sizeof(text));

	base64url_encode(&w, at, length);
	json_object_set_new(request, field, json_stringn(text, w.len));
	OPENSSL_cleanse(text, sizeof(text));
}

enum result password_add_verifier(const char *password, uint32_t iterations, json_t *request)
{
	const struct random_source random = random_system();
	struct scram_verifier verifier;
	uint8_t salt[SALT_BYTES];
	enum result result = random_fill(&random, salt, sizeof(salt));

	if (result == RESULT_OK)
		result = scram_verifier_derive(slice_make(password, strlen(password)),
					       slice_make(salt, sizeof(salt)), iterations,
					       &verifier);
	if (result != RESULT_OK)
		return result;
	bytes_add(request, "salt", verifier.salt, verifier.salt_len);
	bytes_add(request, "stored_key", verifier.stored_key.bytes, SECRET_BYTES);
	bytes_add(request, "server_key", verifier.server_key.bytes, SECRET_BYTES);
	json_object_set_new(request, "iterations", json_integer(verifier.iterations));
	OPENSSL_cleanse(&verifier, sizeof(verifier));
	return RESULT_OK;
}

enum result password_add_digest(const char *password, const char *realm, json_t *request)
{
	const char *id = json_string_value(json_object_get(request, "id"));
	uint8_t digest[DIGEST_BYTES];
	enum result result =
		digest_verifier_make(slice_make(id, strlen(id)), slice_make(realm, strlen(realm)),
				     slice_make(password, strlen(password)), digest);

	if (result != RESULT_OK)
		return result;
	bytes_add(request, "digest", digest, sizeof(digest));
	OPENSSL_cleanse(digest, sizeof(digest));
	return RESULT_OK;
}
