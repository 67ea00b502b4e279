/* What a program says on standard error, heard by a test instead. */
#ifndef SEKISHO_TESTS_UNIT_HEARD_H
#define SEKISHO_TESTS_UNIT_HEARD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

struct heard {
	int from; /* the pipe's end that is read */
	int kept; /* standard error as it was */
};

static inline struct heard heard_begin(void)
{
	struct heard heard = {.kept = dup(STDERR_FILENO)};
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	fflush(stderr);
	assert_return_code(dup2(ends[1], STDERR_FILENO), 0);
	close(ends[1]);
	heard.from = ends[0];
	return heard;
}

/* All of it since, terminated; standard error goes where it went. */
static inline void heard_end(struct heard heard, char *text, size_t size)
{
	ssize_t length;

	assert_return_code(dup2(heard.kept, STDERR_FILENO), 0);
	close(heard.kept);
	length = read(heard.from, text, size - 1);
	close(heard.from);
	assert_true(length >= 0);
	text[length] = '\0';
}

#endif
