/* shared/process_close.h: what others see of a process that has closed itself. */
#include "shared/process_close.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define NOBODY 65534

/* Neither root's rights nor their loss, which closes a process as well, are to decide. */
static void rights_give_up(void)
{
	if (geteuid() == 0 && setuid(NOBODY) != 0)
		_exit(2);
	if (prctl(PR_SET_DUMPABLE, 1) != 0)
		_exit(3);
}

static int memory_is_readable(pid_t pid)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/mem", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

/* Closes itself, if it is to, and says so; lives until nobody holds the other end. */
static _Noreturn void watched_be(int say, int live, int is_to_close)
{
	char byte = 0;

	if (is_to_close && !process_close())
		_exit(4);
	if (write(say, &byte, 1) != 1 || read(live, &byte, 1) != 0)
		_exit(5);
	_exit(0);
}

/* Exit status 1: a process of the same user, its own child, can be read. */
static _Noreturn void watcher_be(int is_to_close)
{
	int said[2], live[2], is_readable;
	char byte;
	pid_t pid;

	rights_give_up();
	if (pipe(said) != 0 || pipe(live) != 0 || (pid = fork()) < 0)
		_exit(6);
	if (pid == 0) {
		close(live[1]);
		watched_be(said[1], live[0], is_to_close);
	}
	close(live[0]);
	close(said[1]); /* or nobody would tell if the child ended early */
	if (read(said[0], &byte, 1) != 1)
		_exit(7);
	is_readable = memory_is_readable(pid);
	close(live[1]);
	waitpid(pid, NULL, 0);
	_exit(is_readable);
}

static int readable_if(int is_to_close)
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		watcher_be(is_to_close);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void a_closed_process_is_not_read_by_others_of_its_user(void **state)
{
	(void)state;
	assert_int_equal(readable_if(0), 1);
	assert_int_equal(readable_if(1), 0);
}

static void a_closed_process_leaves_no_core_file(void **state)
{
	struct rlimit core;
	int status;
	pid_t pid = fork();

	(void)state;
	if (pid == 0)
		_exit(!process_close() || getrlimit(RLIMIT_CORE, &core) != 0 ||
		      core.rlim_cur != 0 || core.rlim_max != 0 || prctl(PR_GET_DUMPABLE) != 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_closed_process_is_not_read_by_others_of_its_user),
		cmocka_unit_test(a_closed_process_leaves_no_core_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
