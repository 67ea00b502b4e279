#include "controlplane/secrets/sa_keys.h"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "shared/keyexchange/kdf.h"
#include "shared/keyexchange/seal.h"

static const char label[] = "sekisho sa keys";

/* Whose keys they are: sealed along, and compared before. */
struct owner {
	uint32_t index;
	uint32_t spi_out;
	uint8_t generation;
	uint8_t pad[7];
};

/* At index times its size. Each is sealed under a key of its own, made of seed. */
struct place {
	struct owner owner;
	uint8_t seed[32];
	uint8_t sealed[2 * CONTRACT_SA_KEY_BYTES + SEAL_TAG_BYTES];
};

struct sa_keys {
	int fd;
	struct secret vault;
};

static struct owner owner_of(const struct contract_sa *sa)
{
	return (struct owner){
		.index = sa->index, .spi_out = sa->spi_out, .generation = sa->generation};
}

static enum result place_key(const struct sa_keys *sa_keys, const struct place *place,
			     struct secret *key)
{
	uint8_t info[sizeof(label) - 1 + sizeof(place->seed)];

	memcpy(info, label, sizeof(label) - 1);
	memcpy(info + sizeof(label) - 1, place->seed, sizeof(place->seed));
	return kdf_expand(&sa_keys->vault, slice_make(info, sizeof(info)), key->bytes,
			  sizeof(key->bytes));
}

static off_t place_at(uint32_t index)
{
	return (off_t)index * (off_t)sizeof(struct place);
}

enum result sa_keys_open(const char *path, const struct secret *vault, struct sa_keys **opened)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	struct sa_keys *sa_keys;
	struct stat status;

	if (fd < 0)
		return RESULT_IO;
	if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode) || (status.st_mode & 077) != 0) {
		close(fd);
		return RESULT_DENIED;
	}
	sa_keys = calloc(1, sizeof(*sa_keys));
	if (sa_keys == NULL) {
		close(fd);
		return RESULT_MEMORY;
	}
	sa_keys->fd = fd;
	sa_keys->vault = *vault;
	*opened = sa_keys;
	return RESULT_OK;
}

void sa_keys_close(struct sa_keys *sa_keys)
{
	if (sa_keys == NULL)
		return;
	close(sa_keys->fd);
	OPENSSL_cleanse(sa_keys, sizeof(*sa_keys));
	free(sa_keys);
}

enum result sa_keys_put(struct sa_keys *sa_keys, const struct contract_sa *sa)
{
	uint8_t keys[2 * CONTRACT_SA_KEY_BYTES];
	struct place place = {.owner = owner_of(sa)};
	struct secret key;
	enum result result;

	if (RAND_bytes(place.seed, sizeof(place.seed)) != 1)
		return RESULT_IO;
	memcpy(keys, sa->key_in, CONTRACT_SA_KEY_BYTES);
	memcpy(keys + CONTRACT_SA_KEY_BYTES, sa->key_out, CONTRACT_SA_KEY_BYTES);
	result = place_key(sa_keys, &place, &key);
	if (result == RESULT_OK)
		result = seal_close(&key, seal_nonce_zero,
				    slice_make(&place.owner, sizeof(place.owner)),
				    slice_make(keys, sizeof(keys)), place.sealed);
	if (result == RESULT_OK && pwrite(sa_keys->fd, &place, sizeof(place),
					  place_at(sa->index)) != (ssize_t)sizeof(place))
		result = RESULT_IO;
	OPENSSL_cleanse(keys, sizeof(keys));
	OPENSSL_cleanse(&key, sizeof(key));
	return result;
}

enum result sa_keys_get(struct sa_keys *sa_keys, struct contract_sa *sa)
{
	uint8_t keys[2 * CONTRACT_SA_KEY_BYTES];
	const struct owner owner = owner_of(sa);
	struct place place;
	struct secret key;
	enum result result;

	if (pread(sa_keys->fd, &place, sizeof(place), place_at(sa->index)) !=
		    (ssize_t)sizeof(place) ||
	    memcmp(&place.owner, &owner, sizeof(owner)) != 0)
		return RESULT_NOT_FOUND;
	result = place_key(sa_keys, &place, &key);
	if (result == RESULT_OK)
		result = seal_open(&key, seal_nonce_zero, slice_make(&owner, sizeof(owner)),
				   slice_make(place.sealed, sizeof(place.sealed)), keys);
	if (result == RESULT_OK) {
		memcpy(sa->key_in, keys, CONTRACT_SA_KEY_BYTES);
		memcpy(sa->key_out, keys + CONTRACT_SA_KEY_BYTES, CONTRACT_SA_KEY_BYTES);
	}
	OPENSSL_cleanse(keys, sizeof(keys));
	OPENSSL_cleanse(&key, sizeof(key));
	return result;
}

void sa_keys_forget(struct sa_keys *sa_keys, uint32_t index)
{
	static const struct place nothing;

	/* Over what was there; a place that was never written need not be. */
	if (lseek(sa_keys->fd, 0, SEEK_END) <= place_at(index) ||
	    pwrite(sa_keys->fd, &nothing, sizeof(nothing), place_at(index)) >= 0)
		return;
	/* Rather none are kept than one too long; then the file is as if it had never been. */
	if (ftruncate(sa_keys->fd, 0) != 0)
		return;
}
