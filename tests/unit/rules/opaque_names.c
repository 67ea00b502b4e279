#include "tests/unit/rules/opaque_names.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

const char *opaque_value(const struct opaque_names *names, const char *name, size_t length)
{
	for (unsigned i = 0; i < names->count; i++) {
		if (strlen(names->name[i]) == length && memcmp(names->name[i], name, length) == 0)
			return names->value[i];
	}
	return NULL;
}

static void name_set(struct opaque_names *names, const char *name, size_t length, const char *value,
		     size_t value_length)
{
	for (unsigned i = 0; i < names->count; i++) {
		if (strlen(names->value[i]) == value_length &&
		    memcmp(names->value[i], value, value_length) == 0)
			fail_msg("%.*s and %s are one value", (int)length, name, names->name[i]);
	}
	assert_true(names->count < OPAQUE_NAMES && length < OPAQUE_NAME_CHARS &&
		    value_length < OPAQUE_VALUE_CHARS);
	memcpy(names->name[names->count], name, length);
	memcpy(names->value[names->count], value, value_length);
	names->count++;
}

/* Length of the name in "<name>", 0 if what stands there is no opaque value. */
static size_t opaque_length(const char *at, const char *end)
{
	const char *past = at + 1;

	if (*at != '<')
		return 0;
	while (past < end && (*past == '-' || (*past >= '0' && *past <= '9') ||
			      (*past >= 'A' && *past <= 'Z') || (*past >= 'a' && *past <= 'z')))
		past++;
	return past < end && *past == '>' ? (size_t)(past - at - 1) : 0;
}

static bool is_opaque_char(char c)
{
	return c == '-' || c == '_' || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	       (c >= 'a' && c <= 'z');
}

bool opaque_line_is_equal(struct opaque_names *names, struct slice expected, struct slice line)
{
	const char *at = expected.at, *end = at + expected.len;
	const char *in = line.at, *in_end = in + line.len;

	while (at < end) {
		size_t length = opaque_length(at, end);
		const char *from = in, *value;

		if (length == 0) {
			if (in == in_end || *in++ != *at++)
				return false;
			continue;
		}
		while (in < in_end && is_opaque_char(*in))
			in++;
		value = opaque_value(names, at + 1, length);
		if (!value)
			name_set(names, at + 1, length, from, (size_t)(in - from));
		else if (strlen(value) != (size_t)(in - from) ||
			 memcmp(value, from, (size_t)(in - from)) != 0)
			return false;
		at += length + 2;
	}
	return in == in_end;
}

size_t opaque_fill(struct opaque_names *names, const char *text, char *out)
{
	const char *end = text + strlen(text);
	char *to = out;

	for (const char *at = text; at < end;) {
		size_t length = opaque_length(at, end);
		char chosen[64];

		if (length > 0) {
			int chosen_length = snprintf(chosen, sizeof(chosen), "chosen-%.*s",
						     (int)length, at + 1);

			if (!opaque_value(names, at + 1, length))
				name_set(names, at + 1, length, chosen, (size_t)chosen_length);
			to = stpcpy(to, opaque_value(names, at + 1, length));
			at += length + 2;
			continue;
		}
		if (*at == '\n')
			*to++ = '\r';
		*to++ = *at++;
	}
	return (size_t)(to - out);
}

void opaque_forget(struct opaque_names *names, const char *name)
{
	for (unsigned i = 0; i < names->count; i++) {
		if (strcmp(names->name[i], name) == 0)
			snprintf(names->name[i], OPAQUE_NAME_CHARS, "old-%u", i);
	}
}
