#include "dataplane/eal_init.h"

#include <unistd.h>

#include <rte_eal.h>

int eal_init(int count, char **words)
{
	int used = rte_eal_init(count, words);
	const char *directory = rte_eal_get_runtime_dir();

	if (directory && directory[0] != '\0')
		(void)!rmdir(directory);
	return used;
}
