/* A process that holds keys is closed to others before it reads the first. */
#ifndef SEKISHO_SHARED_PROCESS_CLOSE_H
#define SEKISHO_SHARED_PROCESS_CLOSE_H

#include <stdbool.h>

#include <sys/prctl.h>
#include <sys/resource.h>

/* No core file, and no other process of its user traces it or reads its memory. False, with errno:
 * the system does not let it. */
static inline bool process_close(void)
{
	const struct rlimit none = {0, 0};

	return setrlimit(RLIMIT_CORE, &none) == 0 && prctl(PR_SET_DUMPABLE, 0) == 0;
}

#endif
