#include "shared/keyexchange/private_key.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "shared/keyexchange/secret_file.h"

/* Nobody is asked for a passphrase. */
#define NO_PASSPHRASE ((void *)"")

enum result private_key_read(const char *path, EVP_PKEY **key, char *why, size_t size)
{
	FILE *file;
	int fd;
	enum result result = secret_file_open(path, &fd, why, size);

	if (result != RESULT_OK)
		return result;
	file = fdopen(fd, "r");
	if (!file) {
		snprintf(why, size, "%s: %s", path, strerror(errno));
		close(fd);
		return RESULT_IO;
	}
	*key = PEM_read_PrivateKey(file, NULL, NULL, NO_PASSPHRASE);
	fclose(file);
	ERR_clear_error();
	if (*key)
		return RESULT_OK;
	snprintf(why, size, "%s: no private key in PEM without a passphrase", path);
	return RESULT_BAD;
}
