#include "terminal/control/typed.h"

#include <stdbool.h>
#include <string.h>

#include "terminal/options.h"

#define PROGRAM	  OPTIONS_PROGRAM
#define WORDS_MAX 2
#define WORD_MAX  16 /* of a command that may be meant */

struct command {
	const char *name;
	const char *keys[WORDS_MAX];   /* of its words in the request */
	const char *shapes[WORDS_MAX]; /* and for people */
	int least;		       /* so many of them must be there */
	const char *example, *does;
};

static const struct command commands[] = {
	{"call", {"to"}, {"AOR"}, 1, "user-b@xyz.com", "call somebody"},
	{"answer", {"call"}, {"[CALL]"}, 0, "1", "take the call that rings, of several that one"},
	{"hangup", {"call"}, {"[CALL]"}, 0, "1", "end the call, of several that one"},
	{"message",
	 {"to", "text"},
	 {"AOR", "TEXT"},
	 2,
	 "user-b@xyz.com \"on my way\"",
	 "send a text"},
	{"options", {"to"}, {"AOR"}, 1, "user-b@xyz.com", "ask whether somebody is there"},
	{"status", {0}, {0}, 0, "--watch", "how things stand; again every second with --watch"},
	{"register", {0}, {0}, 0, "", "attach and register, or refresh it"},
	{"deregister", {0}, {0}, 0, "", "de-register and stay away"},
	{"rekey", {0}, {0}, 0, "", "new keys, of the data channels, too"},
	{"wait", {"event"}, {"EVENT"}, 1, "incoming", "wait for an event and print it"},
	{"events", {0}, {0}, 0, "", "what has happened so far"},
	{"raw", {0}, {0}, 0, "< FILE", "for tests: send a message as it is"},
	{"quit", {0}, {0}, 0, "", "end the terminal that runs"},
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

void typed_show(FILE *to)
{
	for (size_t i = 0; i < COMMANDS; i++) {
		const struct command *command = &commands[i];
		char shape[64];

		snprintf(shape, sizeof(shape), "%s %s %s", command->name,
			 command->shapes[0] ? command->shapes[0] : "",
			 command->shapes[1] ? command->shapes[1] : "");
		fprintf(to, "  %-18s %s\n", shape, command->does);
	}
}

static size_t least_of(size_t a, size_t b, size_t c)
{
	size_t ab = a < b ? a : b;

	return ab < c ? ab : c;
}

/* How many letters must be put in, taken out or changed; both are of WORD_MAX at most. */
static size_t distance(const char *a, const char *b)
{
	size_t row[WORD_MAX + 1], len = strlen(b);

	for (size_t j = 0; j <= len; j++)
		row[j] = j;
	for (size_t i = 1; i <= strlen(a); i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= len; j++) {
			size_t above = row[j];

			row[j] = least_of(above + 1, row[j - 1] + 1,
					  diagonal + (a[i - 1] != b[j - 1]));
			diagonal = above;
		}
	}
	return row[len];
}

/* The command that is meant, if it is nearly one: so near that nothing else can be. */
static const char *nearest(const char *word)
{
	const char *found = NULL;
	size_t best = strlen(word) > 4 ? 3 : 2;

	for (size_t i = 0; i < COMMANDS && strlen(word) <= WORD_MAX; i++) {
		size_t far = distance(word, commands[i].name);

		if (far < best) {
			best = far;
			found = commands[i].name;
		}
	}
	return found;
}

static const struct command *find(const char *word, FILE *report)
{
	const char *meant;

	for (size_t i = 0; i < COMMANDS; i++)
		if (strcmp(word, commands[i].name) == 0)
			return &commands[i];
	meant = nearest(word);
	if (meant)
		fprintf(report, PROGRAM ": there is no command \"%s\"; is it %s?\n", word, meant);
	else
		fprintf(report,
			PROGRAM ": there is no command \"%s\"; " PROGRAM " --help has all of "
				"them\n",
			word);
	return NULL;
}

static int most_of(const struct command *command)
{
	int most = 0;

	while (most < WORDS_MAX && command->keys[most])
		most++;
	return most;
}

/* Are there as many words as it takes? */
static bool is_counted(const struct command *command, int count, char *const *words, FILE *report)
{
	int most = most_of(command);

	if (count >= command->least && count <= most)
		return true;
	if (count < command->least)
		fprintf(report, PROGRAM ": %s: the %s is missing", command->name,
			command->shapes[count]);
	else if (most == 0)
		fprintf(report, PROGRAM ": %s takes no word after it, not \"%s\"", command->name,
			words[0]);
	else
		fprintf(report, PROGRAM ": %s: \"%s\" is a word too many", command->name,
			words[most]);
	fprintf(report, "; for example: " PROGRAM " %s%s%s\n", command->name,
		*command->example ? " " : "", command->example);
	return false;
}

enum result typed_request(int count, char *const *words, FILE *report, json_t **out)
{
	const struct command *command = find(words[0], report);
	json_t *request;

	if (!command || !is_counted(command, count - 1, words + 1, report))
		return RESULT_BAD;
	request = json_object();
	json_object_set_new(request, "command", json_string(command->name));
	for (int i = 0; i + 1 < count; i++)
		if (json_object_set_new(request, command->keys[i], json_string(words[i + 1])) !=
		    0) {
			fprintf(report, PROGRAM ": \"%s\" is no UTF-8\n", words[i + 1]);
			json_decref(request);
			return RESULT_BAD;
		}
	*out = request;
	return RESULT_OK;
}
