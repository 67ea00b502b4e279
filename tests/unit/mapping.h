#ifndef SEKISHO_TESTS_UNIT_MAPPING_H
#define SEKISHO_TESTS_UNIT_MAPPING_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* Has the mapping that begins at this address a flag ("VmFlags" in proc_pid_smaps(5))? */
static inline bool mapping_has_flag(const void *at, const char *flag)
{
	char line[512], start[32];
	bool is_ours = false, has = false;
	FILE *smaps = fopen("/proc/self/smaps", "r");

	assert_non_null(smaps);
	snprintf(start, sizeof(start), "%lx-", (unsigned long)(uintptr_t)at);
	while (fgets(line, sizeof(line), smaps) != NULL) {
		if (strchr(line, '-') != NULL && strchr(line, '-') < line + 17)
			is_ours = strncmp(line, start, strlen(start)) == 0;
		if (is_ours && strncmp(line, "VmFlags:", 8) == 0)
			has = strstr(line, flag) != NULL;
	}
	fclose(smaps);
	return has;
}

#endif
