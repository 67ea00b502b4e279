/* sekisho-terminal: runs a terminal, or commands one that runs (docs/man/sekisho-terminal.1). */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "shared/limits.h"
#include "terminal/agent/agent.h"
#include "terminal/control/client.h"

#define COMMAND_S 40
#define RAW_S	  2
#define WATCH_S	  1

struct arguments {
	const char *config, *socket, *from;
	double timeout_s; /* 0: by the command */
	bool is_json, is_auto_answering, is_unsafe_test, is_watching, is_help;
	json_t *route_security; /* NULL, or what --route-security said */
	char **words;
	int count;
};

static void show_usage(FILE *to)
{
	fputs("usage: sekisho-terminal run [--config FILE] [--json] [--auto-answer] "
	      "[--unsafe-test]\n"
	      "       sekisho-terminal check [--config FILE]\n"
	      "       sekisho-terminal [--socket PATH] [--json] [--timeout SECONDS] COMMAND ...\n"
	      "commands: call AOR, answer [CALL], hangup [CALL], message AOR TEXT, options AOR, "
	      "status "
	      "[--watch], register,\n"
	      "          deregister, rekey, wait EVENT, events, raw, quit\n",
	      to);
}

static int usage(void)
{
	show_usage(stderr);
	return CONTROL_EXIT_USE;
}

static bool take_timeout(const char *text, double *out)
{
	char *end;

	*out = strtod(text, &end);
	return *end == 0 && end != text && *out > 0 && *out < 1e6;
}

/* One option; false if it is none or its value is wrong. */
static bool take_option(int option, const char *value, struct arguments *out)
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
	default:
		return false;
	}
}

/* Who asks for help needs say nothing more. */
static int help(void)
{
	show_usage(stdout);
	return CONTROL_EXIT_DONE;
}

static bool parse(int argc, char **argv, struct arguments *out)
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
		{"from", required_argument, NULL, 'f'},
		{"route-security", required_argument, NULL, 'r'},
		{0},
	};
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
		if (!take_option(option, optarg, out))
			return false;
	out->words = argv + optind;
	out->count = argc - optind;
	return out->is_help || out->count > 0;
}

static int run(const struct arguments *arguments)
{
	struct settings settings = {0};
	struct agent_options options = {arguments->is_json, arguments->is_unsafe_test};
	int status;

	if (settings_read(arguments->config, stderr, &settings) != RESULT_OK ||
	    settings_read_credentials(&settings, stderr) != RESULT_OK) {
		settings_close(&settings);
		return CONTROL_EXIT_USE;
	}
	settings.is_auto_answering |= arguments->is_auto_answering;
	status = agent_run(&settings, &options);
	settings_close(&settings);
	return status;
}

static int check(const struct arguments *arguments)
{
	struct settings settings = {0};

	return settings_read(arguments->config, stderr, &settings) == RESULT_OK ? CONTROL_EXIT_DONE
										: CONTROL_EXIT_USE;
}

/* Standard input with line ends made CRLF: a SIP message typed or kept by an editor. */
static json_t *read_message(void)
{
	char message[LIMIT_SIP_MESSAGE_BYTES];
	size_t len = 0;
	int c, before = 0;

	while ((c = getchar()) != EOF && len + 2 <= sizeof(message)) {
		if (c == '\n' && before != '\r')
			message[len++] = '\r';
		message[len++] = (char)c;
		before = c;
	}
	return json_stringn(message, len);
}

/* A forged From may be typed as an AOR. */
static json_t *from_uri(const char *from)
{
	return strncmp(from, "sip:", 4) == 0 ? json_string(from) : json_sprintf("sip:%s", from);
}

static json_t *request_make(const struct arguments *arguments)
{
	static const struct {
		const char *command;
		int words; /* at least, itself counted */
		int most;
		const char *keys[2];
	} shapes[] = {
		{"call", 2, 2, {"to"}},	    {"answer", 1, 2, {"call"}},
		{"hangup", 1, 2, {"call"}}, {"message", 3, 3, {"to", "text"}},
		{"options", 2, 2, {"to"}},  {"status", 1, 1, {0}},
		{"register", 1, 1, {0}},    {"deregister", 1, 1, {0}},
		{"rekey", 1, 1, {0}},	    {"wait", 2, 2, {"event"}},
		{"events", 1, 1, {0}},	    {"raw", 1, 1, {0}},
		{"quit", 1, 1, {0}},
	};

	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		json_t *request;

		if (strcmp(arguments->words[0], shapes[i].command) != 0 ||
		    arguments->count < shapes[i].words || arguments->count > shapes[i].most)
			continue;
		request = json_object();
		json_object_set_new(request, "command", json_string(shapes[i].command));
		for (int k = 0; k + 1 < arguments->count; k++)
			json_object_set_new(request, shapes[i].keys[k],
					    json_string(arguments->words[k + 1]));
		if (arguments->from)
			json_object_set_new(request, "from", from_uri(arguments->from));
		if (arguments->route_security)
			json_object_set(request, "route-security", arguments->route_security);
		return request;
	}
	return NULL;
}

/* The same again and again, in place on a terminal's screen, until it is interrupted or has no
 * answer. */
static int watch(const struct arguments *arguments, const json_t *request)
{
	int status = CONTROL_EXIT_DONE;

	while (status == CONTROL_EXIT_DONE) {
		if (isatty(STDOUT_FILENO))
			fputs("\033[H\033[2J", stdout);
		status = control_ask(arguments->socket, request, COMMAND_S, arguments->is_json,
				     false);
		sleep(WATCH_S);
	}
	return status;
}

static int command(const struct arguments *arguments)
{
	json_t *request = request_make(arguments);
	bool is_raw = strcmp(arguments->words[0], "raw") == 0;
	double timeout_s = arguments->timeout_s > 0 ? arguments->timeout_s
			   : is_raw		    ? RAW_S
						    : COMMAND_S;
	int status;

	if (!request)
		return usage();
	if (is_raw)
		json_object_set_new(request, "text", read_message());
	if (arguments->is_watching && strcmp(arguments->words[0], "status") == 0)
		status = watch(arguments, request);
	else
		status = control_ask(arguments->socket, request, timeout_s, arguments->is_json,
				     is_raw);
	json_decref(request);
	return status;
}

/* Where a user's own file is if nothing else is said: ~/.config/sekisho/NAME. False without a home.
 */
static bool own_file(const char *name, char *out, size_t size)
{
	const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
	int len;

	if (config && *config)
		len = snprintf(out, size, "%s/sekisho/%s", config, name);
	else if (home && *home)
		len = snprintf(out, size, "%s/.config/sekisho/%s", home, name);
	else
		return false;
	return len > 0 && (size_t)len < size;
}

static int dispatch(struct arguments *arguments)
{
	bool is_run = strcmp(arguments->words[0], "run") == 0;
	bool is_check = strcmp(arguments->words[0], "check") == 0;
	char path[CONFIG_PATH_BYTES];

	if (arguments->socket)
		return command(arguments);
	if (!is_run && !is_check) {
		if (arguments->config || !own_file("control", path, sizeof(path)))
			return usage();
		arguments->socket = path;
		return command(arguments);
	}
	if (!arguments->config && !own_file("terminal.yaml", path, sizeof(path)))
		return usage();
	if (!arguments->config)
		arguments->config = path;
	return is_run ? run(arguments) : check(arguments);
}

int main(int argc, char **argv)
{
	struct arguments arguments = {0};
	int status = !parse(argc, argv, &arguments) ? usage()
		     : arguments.is_help	    ? help()
						    : dispatch(&arguments);

	json_decref(arguments.route_security);
	return status;
}
