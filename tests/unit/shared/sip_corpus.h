/* Messages of the fuzz corpus, read from the folder that the test is told. */
#ifndef SEKISHO_TESTS_UNIT_SHARED_SIP_CORPUS_H
#define SEKISHO_TESTS_UNIT_SHARED_SIP_CORPUS_H

#include "tests/unit/shared/sip_check.h"

/* Reads FOLDER/NAME whole; the bytes are good until the next call. */
static inline struct slice corpus_read(const char *folder, const char *name)
{
	static char buffer[100000];
	char path[4096];
	FILE *file;
	size_t len;

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "rb");
	if (file == NULL)
		fail_msg("%s is not there", path);
	len = fread(buffer, 1, sizeof(buffer), file);
	(void)fclose(file);
	return slice_make(buffer, len);
}

#endif
