/* Sentences for the operator, one a line on standard error; never a secret. */
#ifndef SEKISHO_CONTROLPLANE_LOG_H
#define SEKISHO_CONTROLPLANE_LOG_H

#include <stdbool.h>
#include <stdint.h>

/* What would command a terminal, and what is no UTF-8, as it may come from the wire, is shown as
 * "?". */
void log_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* At most burst sentences at once, and then one each interval_ms; what is left out is counted. */
struct log_limit {
	uint32_t burst;
	uint32_t interval_ms;
	uint32_t tokens;
	uint64_t since_ms;
	uint64_t left_out; /* since the last sentence that was said */
};

struct log_limit log_limit_make(uint32_t burst, uint32_t interval_ms);

/*
 * May one more be said now? Then *left_out is how many were not since the last one, and the count
 * starts anew. now_ms: a clock that never goes back.
 */
bool log_limit_pass(struct log_limit *limit, uint64_t now_ms, uint64_t *left_out);

/* The same, and how many were left out is said: of what, in the plural ("events"). */
bool log_limit_admit(struct log_limit *limit, uint64_t now_ms, const char *what);

#endif
