/* sekisho-terminal: runs a terminal, or commands one that runs (docs/man/sekisho-terminal.1). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "shared/limits.h"
#include "shared/process_close.h"
#include "shared/version.h"
#include "terminal/agent/agent.h"
#include "terminal/control/client.h"
#include "terminal/control/typed.h"
#include "terminal/options.h"

#define COMMAND_S 40
#define RAW_S	  2
#define WATCH_S	  1

static void show_usage(FILE *to)
{
	fputs("usage: " OPTIONS_PROGRAM
	      " run [--config FILE] [--json] [--auto-answer] [--unsafe-test]\n"
	      "       " OPTIONS_PROGRAM " check [--config FILE]\n"
	      "       " OPTIONS_PROGRAM
	      " [--socket PATH] [--json] [--timeout SECONDS] COMMAND ...\n"
	      "       " OPTIONS_PROGRAM " --help | --version\n"
	      "commands, to a terminal that runs:\n",
	      to);
	typed_show(to);
}

/* Who asks for help needs say nothing more. */
static int help(void)
{
	show_usage(stdout);
	return CONTROL_EXIT_DONE;
}

static int run(const struct options *arguments)
{
	struct settings settings = {0};
	struct agent_options options = {arguments->is_json, arguments->is_unsafe_test};
	int status;

	if (!process_close()) {
		perror("this process cannot be closed to others");
		return CONTROL_EXIT_REFUSED;
	}
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

/* The configuration and the files that it names; standard input is left alone. */
static int check(const struct options *arguments)
{
	struct settings settings = {0};
	enum result result = settings_read(arguments->config, stderr, &settings);

	if (result == RESULT_OK)
		result = settings_check_credentials(&settings, stderr);
	settings_close(&settings);
	if (result != RESULT_OK)
		return CONTROL_EXIT_USE;
	printf("%s: the configuration is in order\n", arguments->config);
	return CONTROL_EXIT_DONE;
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

/* The same again and again, in place on a terminal's screen, until it is interrupted or has no
 * answer. */
static int watch(const struct options *arguments, const json_t *request)
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

/* What the options add to a request. */
static void take_forgery(const struct options *arguments, json_t *request)
{
	if (arguments->from)
		json_object_set_new(request, "from", from_uri(arguments->from));
	if (arguments->route_security)
		json_object_set(request, "route-security", arguments->route_security);
}

static int command(const struct options *arguments)
{
	bool is_raw = strcmp(arguments->words[0], "raw") == 0;
	double timeout_s = arguments->timeout_s > 0 ? arguments->timeout_s
			   : is_raw		    ? RAW_S
						    : COMMAND_S;
	json_t *request;
	int status;

	if (typed_request(arguments->count, arguments->words, stderr, &request) != RESULT_OK)
		return CONTROL_EXIT_USE;
	take_forgery(arguments, request);
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

/* run and check are of a configuration, the commands of a socket. */
static int find_file(struct options *arguments, bool is_of_config, char *path, size_t size)
{
	const char **own = is_of_config ? &arguments->config : &arguments->socket;

	if (is_of_config && arguments->count > 1)
		return options_mistake("%s takes no word after it, not \"%s\"", arguments->words[0],
				       arguments->words[1]);
	if (is_of_config && arguments->socket)
		return options_mistake(
			"%s: --socket is for commands; the configuration names the socket "
			"(control: socket)",
			arguments->words[0]);
	if (!is_of_config && arguments->config)
		return options_mistake(
			"%s: --config is for run and check; commands find a terminal that "
			"runs by --socket",
			arguments->words[0]);
	if (*own)
		return CONTROL_EXIT_DONE;
	if (!own_file(is_of_config ? "terminal.yaml" : "control", path, size))
		return options_mistake("HOME is not set: say --%s",
				       is_of_config ? "config FILE" : "socket PATH");
	if (is_of_config && access(path, F_OK) != 0)
		return options_mistake("there is no %s; --config names another, and "
				       "sekisho-terminal(1) has an example",
				       path);
	*own = path;
	return CONTROL_EXIT_DONE;
}

static int dispatch(struct options *arguments)
{
	bool is_run = strcmp(arguments->words[0], "run") == 0;
	bool is_check = strcmp(arguments->words[0], "check") == 0;
	char path[CONFIG_PATH_BYTES];
	int status = find_file(arguments, is_run || is_check, path, sizeof(path));

	if (status != CONTROL_EXIT_DONE)
		return status;
	return is_run ? run(arguments) : is_check ? check(arguments) : command(arguments);
}

/* Who says nothing at all is shown everything. */
static int begin(struct options *arguments)
{
	if (arguments->is_version) {
		puts(OPTIONS_PROGRAM " " SEKISHO_VERSION);
		return CONTROL_EXIT_DONE;
	}
	if (arguments->is_help)
		return help();
	if (arguments->count > 0)
		return dispatch(arguments);
	show_usage(stderr);
	return CONTROL_EXIT_USE;
}

int main(int argc, char **argv)
{
	struct options arguments = {0};
	int status = options_read(argc, argv, &arguments) ? begin(&arguments) : CONTROL_EXIT_USE;

	json_decref(arguments.route_security);
	return status;
}
