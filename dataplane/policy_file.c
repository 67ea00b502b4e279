#include "dataplane/policy_file.h"

#include <fcntl.h>
#include <string.h>

#include <openssl/evp.h>
#include <sys/mman.h>
#include <sys/stat.h>

enum result policy_file_open(int fd, uint64_t length, const uint8_t sha256[32],
			     struct policy_file *file)
{
	const int needed = F_SEAL_SHRINK | F_SEAL_WRITE;
	uint8_t digest[32];
	struct stat status;
	void *at;

	if (fd < 0 || length == 0 || length > POLICY_FILE_BYTES)
		return RESULT_BAD;
	if ((fcntl(fd, F_GET_SEALS) & needed) != needed || fstat(fd, &status) != 0 ||
	    (uint64_t)status.st_size != length)
		return RESULT_BAD;
	at = mmap(NULL, length, PROT_READ, MAP_PRIVATE, fd, 0);
	if (at == MAP_FAILED)
		return RESULT_IO;
	if (EVP_Digest(at, length, digest, NULL, EVP_sha256(), NULL) != 1 ||
	    memcmp(digest, sha256, sizeof(digest)) != 0) {
		munmap(at, length);
		return RESULT_BAD;
	}
	*file = (struct policy_file){.at = at, .length = length};
	return RESULT_OK;
}

void policy_file_close(struct policy_file *file)
{
	munmap((void *)(uintptr_t)file->at, file->length);
	*file = (struct policy_file){0};
}
