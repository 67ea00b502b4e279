#include "controlplane/policy/pattern.h"

#include <ctype.h>
#include <hs/hs_common.h>
#include <hs/hs_compile.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A pattern read from left to right. */
struct reading {
	const char *text;
	size_t at, end;
	unsigned depth;
	struct pattern_fault *fault;
	bool is_bad;
};

__attribute__((format(printf, 3, 4))) static size_t bad(struct reading *reading, size_t position,
							 const char *format, ...)
{
	va_list arguments;

	if (reading->is_bad)
		return 0;
	reading->is_bad = true;
	reading->fault->position = position;
	va_start(arguments, format);
	vsnprintf(reading->fault->reason, sizeof(reading->fault->reason), format, arguments);
	va_end(arguments);
	return 0;
}

static bool is_at_end(const struct reading *reading)
{
	return reading->is_bad || reading->at >= reading->end;
}

/* "\d" and the like, or a character that means itself: nothing that names positions or numbers. */
static void escape_read(struct reading *reading)
{
	size_t start = reading->at++;
	char c = reading->at < reading->end ? reading->text[reading->at] : '\0';

	if (reading->at >= reading->end)
		bad(reading, start, "nothing stands behind the backslash");
	else if (isalnum((unsigned char)c) && strchr("dDwWsS", c) == NULL)
		bad(reading, start, "\"\\%c\" may not stand in a pattern", c);
	reading->at++;
}

static void class_read(struct reading *reading)
{
	size_t start = reading->at++;

	if (!is_at_end(reading) && reading->text[reading->at] == '^')
		reading->at++;
	/* A bracket that comes first is one of the class. */
	if (!is_at_end(reading) && reading->text[reading->at] == ']')
		reading->at++;
	while (!is_at_end(reading) && reading->text[reading->at] != ']') {
		if (reading->text[reading->at] == '\\')
			escape_read(reading);
		else
			reading->at++;
	}
	if (is_at_end(reading))
		bad(reading, start, "the class has no end");
	reading->at++;
}

static size_t alternatives_read(struct reading *reading);

static size_t group_read(struct reading *reading)
{
	size_t start = reading->at++, places;
	const char *inside = reading->text + reading->at;

	if (++reading->depth > PATTERN_DEPTH)
		return bad(reading, start, "more than %d parentheses within each other",
			   PATTERN_DEPTH);
	if (strncmp(inside, "?i)", 3) == 0) {
		reading->at += 3;
		reading->depth--;
		return 0;
	}
	if (strncmp(inside, "?:", 2) == 0)
		reading->at += 2;
	else if (inside[0] == '?' || inside[0] == '*')
		return bad(reading, start, "of the forms \"(?...\" there are \"(?:...)\" and \"(?i)\"");
	places = alternatives_read(reading);
	if (is_at_end(reading))
		return bad(reading, start, "the parenthesis has no end");
	reading->at++;
	reading->depth--;
	return places;
}

static unsigned number_read(struct reading *reading)
{
	unsigned number = 0;

	while (!is_at_end(reading) && isdigit((unsigned char)reading->text[reading->at]) &&
	       number <= PATTERN_REPEATS)
		number = number * 10 + (unsigned)(reading->text[reading->at++] - '0');
	return number;
}

/* {n}, {n,} and {n,m}: how many times at most, or at least where there is no most. */
static unsigned braces_read(struct reading *reading)
{
	size_t start = reading->at++;
	unsigned least = number_read(reading), most = least;

	if (!is_at_end(reading) && reading->text[reading->at] == ',') {
		reading->at++;
		most = number_read(reading);
	}
	if (least > PATTERN_REPEATS || most > PATTERN_REPEATS)
		bad(reading, start, "repeated more than %d times", PATTERN_REPEATS);
	else if (is_at_end(reading) || reading->text[reading->at] != '}')
		bad(reading, start, "a repeat is {n}, {n,} or {n,m}");
	reading->at++;
	return most > least ? most : least;
}

/* What is behind one thing: how many times its places count. */
static size_t repeated(struct reading *reading, size_t places)
{
	bool is_repeated = false;

	while (!is_at_end(reading) && strchr("*+?{", reading->text[reading->at]) != NULL) {
		unsigned times = 1;

		if (is_repeated && reading->text[reading->at] != '?')
			return bad(reading, reading->at, "a repeat of a repeat");
		if (reading->text[reading->at] == '{')
			times = braces_read(reading);
		else
			reading->at++;
		places *= times > 0 ? times : 1;
		if (places > PATTERN_PLACES)
			return bad(reading, reading->at - 1,
				   "repeats make it longer than %d characters", PATTERN_PLACES);
		is_repeated = true;
	}
	return places;
}

/* One character, class or group. */
static size_t thing_read(struct reading *reading)
{
	char c = reading->text[reading->at];

	if (c == '(')
		return group_read(reading);
	if (c == '[')
		class_read(reading);
	else if (c == '\\')
		escape_read(reading);
	else if (c == '^' || c == '$')
		bad(reading, reading->at,
		    "\"%c\" may only stand at the pattern's own %s: it is always of a whole name",
		    c, c == '^' ? "beginning" : "end");
	else if (strchr("*+?{", c) != NULL)
		bad(reading, reading->at, "nothing stands before the repeat");
	else if (c < ' ' || c > '~')
		bad(reading, reading->at, "only printable ASCII stands in a canonical name");
	else
		reading->at++;
	return 1;
}

/* As far as a closing parenthesis or the end. */
static size_t alternatives_read(struct reading *reading)
{
	size_t places = 0;

	while (!is_at_end(reading) && reading->text[reading->at] != ')') {
		if (reading->text[reading->at] == '|') {
			reading->at++;
			continue;
		}
		places += repeated(reading, thing_read(reading));
		if (places > PATTERN_PLACES)
			return bad(reading, reading->at - 1,
				   "repeats make it longer than %d characters", PATTERN_PLACES);
	}
	return places;
}

void pattern_bare(const char *pattern, size_t *start, size_t *end)
{
	size_t length = strlen(pattern), backslashes = 0;

	*start = pattern[0] == '^' ? 1 : 0;
	*end = length;
	if (length <= *start || pattern[length - 1] != '$')
		return;
	while (length - 1 - backslashes > *start && pattern[length - 2 - backslashes] == '\\')
		backslashes++;
	if (backslashes % 2 == 0)
		*end = length - 1;
}

/* "Unmatched parentheses at index 5." is a position and a reason. */
static void fault_of_hyperscan(const hs_compile_error_t *error, size_t start,
			       struct pattern_fault *fault)
{
	const char *index = strstr(error->message, " at index ");
	int length = (int)strlen(error->message);

	fault->position = start;
	if (index != NULL) {
		fault->position = start + strtoul(index + strlen(" at index "), NULL, 10);
		length = (int)(index - error->message);
	}
	snprintf(fault->reason, sizeof(fault->reason), "%.*s", length, error->message);
}

/* Alone and as it is: what would close a parenthesis of ours would be one too many here. */
static enum result hyperscan_check(const char *text, size_t start, unsigned flags,
				   struct pattern_fault *fault)
{
	hs_database_t *database = NULL;
	hs_compile_error_t *error = NULL;

	if (hs_compile(text, HS_FLAG_SINGLEMATCH | flags, HS_MODE_BLOCK, NULL,
		       &database, &error) == HS_SUCCESS) {
		hs_free_database(database);
		return RESULT_OK;
	}
	fault_of_hyperscan(error, start, fault);
	hs_free_compile_error(error);
	return RESULT_BAD;
}

static enum result check(const char *pattern, unsigned flags, struct pattern_fault *fault)
{
	struct reading reading = {.text = pattern, .fault = fault};
	char text[PATTERN_BYTES + 1];

	if (strlen(pattern) > PATTERN_BYTES) {
		bad(&reading, PATTERN_BYTES, "longer than %d characters", PATTERN_BYTES);
		return RESULT_BAD;
	}
	pattern_bare(pattern, &reading.at, &reading.end);
	if (reading.at == reading.end)
		bad(&reading, 0, "an empty pattern");
	snprintf(text, sizeof(text), "%.*s", (int)(reading.end - reading.at),
		 pattern + reading.at);
	alternatives_read(&reading);
	if (!reading.is_bad && reading.at < reading.end)
		bad(&reading, reading.at, "a parenthesis closes that was never opened");
	if (reading.is_bad)
		return RESULT_BAD;
	return hyperscan_check(text, pattern[0] == '^' ? 1 : 0, flags, fault);
}

enum result pattern_check(const char *pattern, struct pattern_fault *fault)
{
	return check(pattern, HS_FLAG_ALLOWEMPTY, fault);
}

enum result pattern_check_screen(const char *pattern, struct pattern_fault *fault)
{
	size_t length = strlen(pattern);

	if (pattern[0] == '^' || (length > 0 && pattern[length - 1] == '$')) {
		*fault = (struct pattern_fault){
			.reason = "it may stand anywhere: it has neither \"^\" nor \"$\""};
		return RESULT_BAD;
	}
	return check(pattern, HS_FLAG_CASELESS, fault);
}
