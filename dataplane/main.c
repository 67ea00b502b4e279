#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dataplane/configuration.h"
#include "dataplane/process.h"
#include "shared/process_close.h"

static int usage(FILE *out)
{
	fputs("usage: sekisho-dataplane --config FILE     run\n"
	      "       sekisho-dataplane -t --config FILE  only check the configuration\n"
	      "       sekisho-dataplane --print-graph     print the packet graph (Graphviz)\n",
	      out);
	return out == stdout ? EXIT_SUCCESS : 2;
}

int main(int argc, char **argv)
{
	static struct configuration configuration;
	const char *path = NULL;
	int only_checks = 0;

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--config") == 0 && i + 1 < argc)
			path = argv[++i];
		else if (strcmp(argv[i], "-t") == 0)
			only_checks = 1;
		else if (strcmp(argv[i], "--print-graph") == 0 && argc == 2)
			return process_print_graph(stdout) == RESULT_OK ? EXIT_SUCCESS
									: EXIT_FAILURE;
		else
			return usage(strcmp(argv[i], "--help") == 0 ? stdout : stderr);
	}
	if (!path)
		return usage(stderr);
	if (!process_close()) {
		perror("this process cannot be closed to others");
		return EXIT_FAILURE;
	}
	if (configuration_read(path, stderr, &configuration) != RESULT_OK)
		return EXIT_FAILURE;
	if (only_checks)
		return EXIT_SUCCESS;
	return process_run(&configuration) == RESULT_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
