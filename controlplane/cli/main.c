/* sekishoctl: the operator's command line to a control plane. */

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "controlplane/cli/ca_commands.h"
#include "controlplane/cli/completion.h"
#include "controlplane/cli/grammar.h"
#include "controlplane/cli/session.h"
#include "shared/process_close.h"
#include "shared/version.h"

#define DEFAULT_SOCKET "/run/sekisho/admin"

static void usage_show(FILE *to)
{
	fputs("usage: sekishoctl [--socket PATH] [--json] [COMMAND]\n"
	      "  --socket PATH  the control plane's admin socket, " DEFAULT_SOCKET " by default\n"
	      "  --json         answers as JSON\n"
	      "  --help         show this; behind a command's first words, those that begin so\n"
	      "  --version      show the version\n"
	      "Without a command it asks for commands. Commands, explained in sekishoctl(8):\n",
	      to);
	(void)grammar_help(0, NULL, to, to);
}

struct arguments {
	const char *socket;
	bool is_json, is_completing;
};

/* Index of the first word of the command, or -1 with *status to leave with. */
static int options_read(int argc, char **argv, struct arguments *arguments, int *status)
{
	static const struct option options[] = {
		{"socket", required_argument, NULL, 's'}, {"json", no_argument, NULL, 'j'},
		{"help", no_argument, NULL, 'h'},	  {"version", no_argument, NULL, 'v'},
		{"complete", no_argument, NULL, 'c'},	  {NULL, 0, NULL, 0}};
	int option;

	/* "+": options of a command are the grammar's; ":": a missing value is told apart. */
	opterr = 0;
	while ((option = getopt_long(argc, argv, "+:s:jh", options, NULL)) != -1) {
		switch (option) {
		case 's':
			arguments->socket = optarg;
			break;
		case 'j':
			arguments->is_json = true;
			break;
		case 'c':
			arguments->is_completing = true;
			break;
		case 'h':
			usage_show(stdout);
			*status = SESSION_OK;
			return -1;
		case 'v':
			puts("sekishoctl " SEKISHO_VERSION);
			*status = SESSION_OK;
			return -1;
		default:
			fprintf(stderr,
				option == ':'
					? "sekishoctl: %s needs a value after it\n"
					: "sekishoctl: there is no option %s; --help has all\n",
				argv[optind - 1]);
			*status = SESSION_USAGE;
			return -1;
		}
	}
	return optind;
}

/* "--json" may also stand at the end of a command; the words without it. */
static int words_take(int count, char **from, const char *words[GRAMMAR_WORDS_MAX + 1],
		      bool *is_json)
{
	int taken = 0;

	for (int i = 0; i < count && taken <= GRAMMAR_WORDS_MAX; i++) {
		if (strcmp(from[i], "--json") == 0)
			*is_json = true;
		else
			words[taken++] = from[i];
	}
	return taken;
}

/* For a shell: what the last word may become, one a line (sekishoctl.bash). */
static int complete(int count, const char *const *words)
{
	const char *found[COMPLETIONS_MAX];
	size_t number = count > 0 ? grammar_complete(count - 1, words, words[count - 1], found,
						     COMPLETIONS_MAX)
				  : 0;

	for (size_t i = 0; i < number; i++)
		puts(found[i]);
	return SESSION_OK;
}

/* "help [COMMAND]", and "--help" or "-h" behind the words it is about; false: none of them. */
static bool help_was_asked(int count, const char *const *words, int *status)
{
	const char *last = count > 0 ? words[count - 1] : "";
	enum result result;

	if (count > 0 && strcmp(words[0], "help") == 0)
		result = grammar_help(count - 1, words + 1, stderr, stdout);
	else if (strcmp(last, "--help") == 0 || strcmp(last, "-h") == 0)
		result = grammar_help(count - 1, words, stderr, stdout);
	else
		return false;
	*status = result == RESULT_OK ? SESSION_OK : SESSION_USAGE;
	return true;
}

int main(int argc, char **argv)
{
	struct arguments arguments = {.socket = DEFAULT_SOCKET};
	const char *words[GRAMMAR_WORDS_MAX + 1];
	struct session session = {0};
	int status = SESSION_OK, first, count;
	json_t *request = NULL;

	if (!process_close()) {
		perror("sekishoctl: this process cannot be closed to others");
		return SESSION_PASSWORD;
	}
	first = options_read(argc, argv, &arguments, &status);
	if (first < 0)
		return status;
	count = words_take(argc - first, argv + first, words, &arguments.is_json);
	if (arguments.is_completing)
		return complete(count, words);
	if (help_was_asked(count, words, &status))
		return status;
	/* What is not in the grammar is told without a control plane too. */
	if (count > 0 && grammar_parse(count, words, stderr, &request) != RESULT_OK)
		return SESSION_USAGE;
	if (request != NULL && ca_command_is(request)) {
		status = (int)ca_command_run(request);
		json_decref(request);
		return status;
	}
	json_decref(request);
	session.is_json = arguments.is_json;
	if (admin_link_open(arguments.socket, &session.link) != RESULT_OK) {
		fprintf(stderr, "sekishoctl: no control plane at %s: %s; %s\n", arguments.socket,
			strerror(errno),
			errno == EACCES ? "root may, and whom admin.readers or admin.group let "
					  "(sekishoctl(8))"
					: "does sekisho-controlplane run? --socket names another");
		return SESSION_NO_LINK;
	}
	status = (int)(count > 0 ? session_run(&session, count, words) : session_prompt(&session));
	admin_link_close(&session.link);
	return status;
}
