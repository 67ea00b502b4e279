#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dataplane/configuration.h"
#include "dataplane/process.h"
#include "shared/process_close.h"
#include "shared/version.h"

static int usage(FILE *out)
{
	fputs("usage: sekisho-dataplane --config FILE     run\n"
	      "       sekisho-dataplane -t --config FILE  only check the configuration\n"
	      "       sekisho-dataplane --print-graph     print the packet graph (Graphviz)\n"
	      "       sekisho-dataplane --version         print the version\n"
	      "the configuration is in sekisho-dataplane(8)\n",
	      out);
	return out == stdout ? EXIT_SUCCESS : 2;
}

static int mistake(const char *what, const char *word)
{
	fprintf(stderr, "sekisho-dataplane: %s%s\n", what, word);
	return usage(stderr);
}

static int version(void)
{
	puts("sekisho-dataplane " SEKISHO_VERSION);
	return EXIT_SUCCESS;
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
		else if (strcmp(argv[i], "--version") == 0)
			return version();
		else if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
			return usage(stdout);
		else
			return mistake("this cannot stand here: ", argv[i]);
	}
	if (!path)
		return mistake("--config FILE is missing", "");
	if (!process_close()) {
		perror("this process cannot be closed to others");
		return EXIT_FAILURE;
	}
	if (configuration_read(path, stderr, &configuration) != RESULT_OK)
		return EXIT_FAILURE;
	if (only_checks) {
		printf("%s: the configuration is in order\n", path);
		return EXIT_SUCCESS;
	}
	return process_run(&configuration) == RESULT_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
