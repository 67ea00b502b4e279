#include "terminal/options.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "terminal/control/client.h"

int options_mistake(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	fputs(OPTIONS_PROGRAM ": ", stderr);
	vfprintf(stderr, format, arguments);
	fputc('\n', stderr);
	va_end(arguments);
	return CONTROL_EXIT_USE;
}

static bool take_timeout(const char *text, double *out)
{
	char *end;

	*out = strtod(text, &end);
	if (*end == 0 && end != text && *out > 0 && *out < 1e6)
		return true;
	(void)options_mistake("--timeout is a number of seconds, not \"%s\"", text);
	return false;
}

/* One option; false if it is none or its value is wrong, which was said. */
static bool take_option(int option, const char *value, struct options *out)
{
	switch (option) {
	case 'c':
		out->config = value;
		return true;
	case 's':
		out->socket = value;
		return true;
	case 't':
		return take_timeout(value, &out->timeout_s);
	case 'j':
		out->is_json = true;
		return true;
	case 'a':
		out->is_auto_answering = true;
		return true;
	case 'u':
		out->is_unsafe_test = true;
		return true;
	case 'h':
		out->is_help = true;
		return true;
	case 'v':
		out->is_version = true;
		return true;
	case 'w':
		out->is_watching = true;
		return true;
	case 'f':
		out->from = value;
		return true;
	case 'r':
		if (!out->route_security)
			out->route_security = json_array();
		return json_array_append_new(out->route_security, json_string(value)) == 0;
	default: /* none of the table's */
		return false;
	}
}

bool options_read(int argc, char **argv, struct options *out)
{
	static const struct option options[] = {
		{"config", required_argument, NULL, 'c'},
		{"socket", required_argument, NULL, 's'},
		{"timeout", required_argument, NULL, 't'},
		{"json", no_argument, NULL, 'j'},
		{"auto-answer", no_argument, NULL, 'a'},
		{"unsafe-test", no_argument, NULL, 'u'},
		{"watch", no_argument, NULL, 'w'},
		{"help", no_argument, NULL, 'h'},
		{"version", no_argument, NULL, 'v'},
		{"from", required_argument, NULL, 'f'},
		{"route-security", required_argument, NULL, 'r'},
		{0},
	};
	int option;

	opterr = 0;
	while ((option = getopt_long(argc, argv, ":", options, NULL)) != -1)
		if (option == ':' || option == '?') {
			options_mistake(option == ':' ? "%s needs a value after it"
						      : "there is no option %s as it stands here",
					argv[optind - 1]);
			return false;
		} else if (!take_option(option, optarg, out)) {
			return false;
		}
	out->words = argv + optind;
	out->count = argc - optind;
	return true;
}
