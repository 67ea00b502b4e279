/* A configuration of the control plane read, and what was told of its mistakes. */
#ifndef SEKISHO_TESTS_UNIT_CONTROLPLANE_READ_ONE_H
#define SEKISHO_TESTS_UNIT_CONTROLPLANE_READ_ONE_H

#include "controlplane/config.h"

#include "tests/unit/controlplane/scratch.h"

#include <unistd.h>

#define LEAST                                                                                      \
	"gateway-id: 1\n"                                                                          \
	"domains: [ABC.com]\n"                                                                     \
	"contract: {socket: contract}\n"                                                           \
	"admin: {socket: admin}\n"                                                                 \
	"store: {sqlite: store.sqlite}\n"                                                          \
	"secrets: secrets\n"

struct read_one {
	struct scratch scratch;
	struct control_config config;
	enum result result;
	char *told;
};

/* Files a configuration may name are there: cert.pem, cert.key, ca.pem. */
static inline struct read_one config_read(const char *text)
{
	static const char *const names[] = {"cert.pem", "cert.key", "ca.pem"};
	struct read_one one;
	size_t length = 0;
	char path[128];
	FILE *report, *file;

	scratch_make(&one.scratch);
	for (int i = 0; i < 3; i++) {
		file = fopen(scratch_path(&one.scratch, path, names[i]), "w");
		fclose(file);
	}
	file = fopen(scratch_path(&one.scratch, path, "c.yaml"), "w");
	fputs(text, file);
	fclose(file);
	report = open_memstream(&one.told, &length);
	one.result = control_config_read(path, report, &one.config);
	fclose(report);
	return one;
}

static inline void read_end(struct read_one *one)
{
	control_config_destroy(&one->config);
	scratch_remove(&one->scratch);
	free(one->told);
}

/* The whole report, the path of the file taken off its lines. */
static inline void mistakes_are(const char *text, const char *expected)
{
	struct read_one one = config_read(text);
	char path[160], *at;

	snprintf(path, sizeof(path), "%s/c.yaml:", one.scratch.folder);
	while ((at = strstr(one.told, path)) != NULL)
		memmove(at, at + strlen(path), strlen(at + strlen(path)) + 1);
	assert_string_equal(one.told, expected);
	assert_int_equal(one.result, RESULT_BAD);
	read_end(&one);
}

#endif
