#include "controlplane/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "shared/readable.h"

#define SENTENCE_BYTES 1024

void log_say(const char *format, ...)
{
	char sentence[SENTENCE_BYTES];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(sentence, sizeof(sentence), format, arguments);
	va_end(arguments);
	readable_make(sentence, strlen(sentence), "");
	fprintf(stderr, "sekisho-controlplane: %s\n", sentence);
}

struct log_limit log_limit_make(uint32_t burst, uint32_t interval_ms)
{
	return (struct log_limit){.burst = burst, .interval_ms = interval_ms, .tokens = burst};
}

bool log_limit_pass(struct log_limit *limit, uint64_t now_ms, uint64_t *left_out)
{
	uint64_t gained = (now_ms - limit->since_ms) / limit->interval_ms;

	if (gained > 0) {
		uint64_t tokens = limit->tokens + gained;

		limit->tokens = tokens > limit->burst ? limit->burst : (uint32_t)tokens;
		limit->since_ms += gained * limit->interval_ms;
	}
	if (limit->tokens == 0) {
		limit->left_out++;
		return false;
	}
	limit->tokens--;
	*left_out = limit->left_out;
	limit->left_out = 0;
	return true;
}

bool log_limit_admit(struct log_limit *limit, uint64_t now_ms, const char *what)
{
	uint64_t left_out;

	if (!log_limit_pass(limit, now_ms, &left_out))
		return false;
	if (left_out > 0)
		log_say("%llu %s were left out", (unsigned long long)left_out, what);
	return true;
}
