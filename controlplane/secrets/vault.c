#include "controlplane/secrets/vault.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "shared/hex.h"
#include "shared/keyexchange/seal.h"
#include "shared/keyexchange/secret_file.h"

#define PATH_BYTES 1200

static enum result complain(enum result result, const char *path, const char *what, char *message,
			    size_t size)
{
	snprintf(message, size, "the file %s %s", path, what);
	return result;
}

/* All of a file that is ours alone, at most size bytes. */
static enum result file_read(const char *path, void *out, size_t size, size_t *length,
			     char *message, size_t message_size)
{
	int fd;
	enum result result = secret_file_open(path, &fd, message, message_size);
	ssize_t got;

	if (result != RESULT_OK)
		return result;
	got = read(fd, out, size);
	if (got < 0)
		result = complain(RESULT_IO, path, strerror(errno), message, message_size);
	else
		*length = (size_t)got;
	close(fd);
	return result;
}

/* A new key, written whole under another name first: there is never half a key. */
static enum result key_make(const char *path, struct secret *key)
{
	char fresh[PATH_BYTES + 8];
	int fd;

	snprintf(fresh, sizeof(fresh), "%s.new", path);
	if (RAND_bytes(key->bytes, SECRET_BYTES) != 1)
		return RESULT_IO;
	fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return RESULT_IO;
	if (write(fd, key->bytes, SECRET_BYTES) != SECRET_BYTES || fsync(fd) != 0 ||
	    link(fresh, path) != 0) {
		close(fd);
		unlink(fresh);
		return RESULT_IO;
	}
	close(fd);
	unlink(fresh);
	return RESULT_OK;
}

enum result vault_open(const char *folder, struct secret *key, char *message, size_t size)
{
	uint8_t bytes[SECRET_BYTES + 1];
	char path[PATH_BYTES];
	enum result result;
	size_t length = 0;

	snprintf(path, sizeof(path), "%s/%s", folder, VAULT_FILE_NAME);
	if (mkdir(folder, 0700) != 0 && errno != EEXIST)
		return complain(RESULT_IO, folder, strerror(errno), message, size);
	if (access(path, F_OK) != 0 && errno == ENOENT) {
		if (key_make(path, key) == RESULT_OK)
			return RESULT_OK;
		return complain(RESULT_IO, path, strerror(errno), message, size);
	}
	result = file_read(path, bytes, sizeof(bytes), &length, message, size);
	if (result == RESULT_OK && length != SECRET_BYTES)
		result = complain(RESULT_BAD, path, "is not a key of 32 bytes", message, size);
	if (result == RESULT_OK)
		memcpy(key->bytes, bytes, SECRET_BYTES);
	OPENSSL_cleanse(bytes, sizeof(bytes));
	return result;
}

/* What a sealed key is for is sealed with it: nobody can make it live longer. */
struct associated {
	uint8_t purpose, id;
	uint8_t pad[6];
	uint64_t active_from_s, expires_s;
};

enum result vault_seal(const struct secret *key, const struct contract_key *plain,
		       struct store_key *sealed)
{
	struct associated associated = {.purpose = plain->purpose,
					.id = plain->id,
					.active_from_s = plain->active_from_s,
					.expires_s = plain->expires_s};
	enum result result;

	*sealed = (struct store_key){.purpose = plain->purpose,
				     .id = plain->id,
				     .active_from_s = plain->active_from_s,
				     .expires_s = plain->expires_s,
				     .sealed_length = SEAL_NONCE_BYTES + sizeof(plain->key) +
						      SEAL_TAG_BYTES};
	if (RAND_bytes(sealed->sealed, SEAL_NONCE_BYTES) != 1)
		return RESULT_IO;
	result = seal_close(key, sealed->sealed, slice_make(&associated, sizeof(associated)),
			    slice_make(plain->key, sizeof(plain->key)),
			    sealed->sealed + SEAL_NONCE_BYTES);
	return result;
}

enum result vault_unseal(const struct secret *key, const struct store_key *sealed,
			 struct contract_key *plain)
{
	struct associated associated = {.purpose = sealed->purpose,
					.id = sealed->id,
					.active_from_s = sealed->active_from_s,
					.expires_s = sealed->expires_s};
	size_t expected = SEAL_NONCE_BYTES + sizeof(plain->key) + SEAL_TAG_BYTES;

	if (sealed->sealed_length != expected)
		return RESULT_BAD;
	memset(plain, 0, sizeof(*plain));
	plain->purpose = sealed->purpose;
	plain->id = sealed->id;
	plain->active_from_s = sealed->active_from_s;
	plain->expires_s = sealed->expires_s;
	return seal_open(key, sealed->sealed, slice_make(&associated, sizeof(associated)),
			 slice_make(sealed->sealed + SEAL_NONCE_BYTES, expected - SEAL_NONCE_BYTES),
			 plain->key);
}

enum result vault_read_hex(const char *path, uint8_t out[32], char *message, size_t size)
{
	char text[66];
	size_t length = 0;
	enum result result = file_read(path, text, sizeof(text), &length, message, size);

	if (result != RESULT_OK)
		return result;
	if (length == 65 && text[64] == '\n')
		length = 64;
	if (length != 64)
		result = RESULT_BAD;
	for (size_t i = 0; result == RESULT_OK && i < 32; i++) {
		int high = hex_digit(text[2 * i]), low = hex_digit(text[2 * i + 1]);

		if (high < 0 || low < 0)
			result = RESULT_BAD;
		else
			out[i] = (uint8_t)(high << 4 | low);
	}
	OPENSSL_cleanse(text, sizeof(text));
	if (result != RESULT_OK)
		return complain(result, path, "is not a secret of 64 hexadecimal digits", message,
				size);
	return RESULT_OK;
}
