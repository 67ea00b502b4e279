#include "dataplane/eal_init.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <rte_eal.h>
#include <rte_mbuf.h>

/* DPDK starts once in a process: each test has one of its own. */
#define HAS_DIRECTORY  1
#define DOES_NOT_START 2
#define MAKES_NO_POOL  3

static bool is_there(const char *directory)
{
	struct stat status;

	return stat(directory, &status) == 0;
}

/* In a child: starts under that prefix, and says what it finds. The name of its directory goes
 * through the pipe. */
static void start(const char *prefix, int to)
{
	const char *const words[] = {
		"test",		  "--no-huge",	       "-m", "64", "--no-pci", "--no-shconf",
		"--no-telemetry", "--log-level=error", "-l", "0",  prefix};
	char *copies[sizeof(words) / sizeof(*words)];
	const char *directory;

	for (size_t n = 0; n < sizeof(words) / sizeof(*words); n++)
		copies[n] = strdup(words[n]);
	if (eal_init(sizeof(words) / sizeof(*words), copies) < 0)
		_exit(DOES_NOT_START);
	directory = rte_eal_get_runtime_dir();
	if (write(to, directory, strlen(directory)) < 0 || is_there(directory))
		_exit(HAS_DIRECTORY);
	/* it works without */
	if (!rte_pktmbuf_pool_create("pool", 63, 0, 0, 2048, SOCKET_ID_ANY))
		_exit(MAKES_NO_POOL);
	rte_eal_cleanup();
	_exit(is_there(directory) ? HAS_DIRECTORY : 0);
}

static int status_of_start(const char *prefix, char directory[200])
{
	ssize_t length;
	int ends[2], status;
	pid_t child;

	assert_int_equal(pipe(ends), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0)
		start(prefix, ends[1]);
	close(ends[1]);
	assert_int_equal(waitpid(child, &status, 0), child);
	length = read(ends[0], directory, 199);
	close(ends[0]);
	directory[length > 0 ? length : 0] = '\0';
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void no_directory_is_there_while_it_runs_nor_afterwards(void **state)
{
	char prefix[64], directory[200];

	(void)state;
	snprintf(prefix, sizeof(prefix), "--file-prefix=sekisho-eal-test-%d", (int)getpid());
	assert_int_equal(status_of_start(prefix, directory), 0);
	assert_non_null(strstr(directory, prefix + strlen("--file-prefix=")));
	assert_false(is_there(directory));
}

/* Of another program that shares files under the same prefix. */
static void a_directory_with_something_in_it_stays(void **state)
{
	char prefix[64], directory[200], file[220];
	FILE *held;

	(void)state;
	snprintf(prefix, sizeof(prefix), "--file-prefix=sekisho-eal-test-%d", (int)getpid());
	assert_int_equal(status_of_start(prefix, directory), 0);
	assert_int_equal(mkdir(directory, 0700), 0);
	snprintf(file, sizeof(file), "%s/config", directory);
	held = fopen(file, "w");
	assert_non_null(held);
	fclose(held);
	assert_int_equal(status_of_start(prefix, directory), HAS_DIRECTORY);
	assert_true(is_there(file));
	assert_int_equal(unlink(file), 0);
	assert_int_equal(rmdir(directory), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_directory_is_there_while_it_runs_nor_afterwards),
		cmocka_unit_test(a_directory_with_something_in_it_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
