/* A user agent on a bench: what it sends and tells is kept, what it hears is written by the test.
 */
#ifndef SEKISHO_TESTS_UNIT_TERMINAL_UA_BENCH_H
#define SEKISHO_TESTS_UNIT_TERMINAL_UA_BENCH_H

#include "tests/unit/terminal/cmocka_setup.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "terminal/ua/timers.h"
#include "terminal/ua/ua.h"

#define BENCH_SENT 64
#define BENCH_TOLD 64
#define BENCH_LONGEST_CALL_MS 3600000

struct bench_told {
	enum ua_event_kind kind;
	unsigned status;
	bool is_by_us;
	char reason[256], party[128], text[256];
};

struct bench {
	struct ua *ua;
	uint64_t now_ms;
	char *sent[BENCH_SENT];
	unsigned sent_count;
	char *rung[BENCH_SENT]; /* sent to local clients */
	unsigned rung_count;
	struct bench_told told[BENCH_TOLD];
	unsigned told_count;
};

/* user-a@abc.com at gateway A, or user-b@xyz.com at gateway B, of the example call. */
void bench_make(struct bench *bench, bool is_user_b, bool is_auto_answering);
void bench_make_with(struct bench *bench, bool is_user_b, const struct series_policy *policy,
		     bool is_refusing, bool is_auto_answering);
void bench_end(struct bench *bench);

/* Line ends of text become CRLF; a body may follow the empty line. */
void bench_hear(struct bench *bench, const char *text);

/* The message sent last; fails if there is none. */
const char *bench_last(const struct bench *bench);
/* Forgets what was sent and told. */
void bench_forget(struct bench *bench);
/* Lets time pass to now_ms, deadline by deadline. */
void bench_pass(struct bench *bench, uint64_t ms);

/* Is there this line? Fails with the whole message if not. */
void assert_has_line(const char *message, const char *line);
void assert_lacks(const char *message, const char *text);
/* Lines of these headers stand in this order, as the example call shows them. */
void assert_lines(const char *message, const char *header, const char *const *values,
		  unsigned count);

/* The value of a parameter or header part: what stands between before and the first byte of end. */
void between(const char *message, const char *before, const char *end, char *out, size_t size);

/* What state a call is in, counted from 1. */
enum ua_call_state bench_call_state(const struct ua *ua, unsigned number);

void assert_told(const struct bench *bench, unsigned index, enum ua_event_kind kind,
		 unsigned status);

#endif
