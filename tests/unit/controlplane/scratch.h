/* A folder of one's own for a test's files, gone after it. */
#ifndef SEKISHO_TESTS_CONTROLPLANE_SCRATCH_H
#define SEKISHO_TESTS_CONTROLPLANE_SCRATCH_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct scratch {
	char folder[64];
};

static inline void scratch_make(struct scratch *scratch)
{
	strcpy(scratch->folder, "/tmp/sekisho-test-XXXXXX");
	assert_non_null(mkdtemp(scratch->folder));
}

/* The path of a file in it; borrowed until the next call. */
static inline const char *scratch_path(struct scratch *scratch, char out[128], const char *name)
{
	snprintf(out, 128, "%s/%s", scratch->folder, name);
	return out;
}

static inline void scratch_remove(struct scratch *scratch)
{
	DIR *folder = opendir(scratch->folder);
	struct dirent *entry;
	char path[512];

	while (folder != NULL && (entry = readdir(folder)) != NULL) {
		snprintf(path, sizeof(path), "%s/%s", scratch->folder, entry->d_name);
		unlink(path);
	}
	if (folder != NULL)
		closedir(folder);
	rmdir(scratch->folder);
}

#endif
