#include "controlplane/cli/grammar.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define LINE_BYTES   256
#define HELP_COLUMNS 79
#define LEVEL_MAX    3

static bool is_option(enum token_kind kind)
{
	return kind == TOKEN_OPTION || kind == TOKEN_LIST || kind == TOKEN_COUNT ||
	       kind == TOKEN_LEVEL || kind == TOKEN_FLAG;
}

static const char *value_name(enum token_kind kind)
{
	switch (kind) {
	case TOKEN_FLAG:
		return "";
	case TOKEN_LEVEL:
		return " 0..3";
	case TOKEN_COUNT:
		return " NUMBER";
	default:
		return " TEXT";
	}
}

/* The word or option that is meant: whole, or the only one that begins so. */
static const struct token *word_find(const struct token *table, const char *word)
{
	const struct token *found = NULL;
	size_t length = strlen(word);

	for (const struct token *token = table; token->kind != TOKEN_END; token++) {
		if (token->kind != TOKEN_WORD && !is_option(token->kind))
			continue;
		if (strcmp(token->text, word) == 0)
			return token;
		if (length == 0 || strncmp(token->text, word, length) != 0)
			continue;
		if (found != NULL)
			return NULL;
		found = token;
	}
	return found;
}

static const struct token *kind_find(const struct token *table, enum token_kind kind)
{
	for (const struct token *token = table; token->kind != TOKEN_END; token++)
		if (token->kind == kind)
			return token;
	return NULL;
}

static const struct token *token_find(const struct token *table, const char *word)
{
	const struct token *token = word_find(table, word);

	if (token == NULL && strncmp(word, "--", 2) != 0)
		token = kind_find(table, TOKEN_TEXT);
	if (token == NULL && strncmp(word, "--", 2) != 0)
		token = kind_find(table, TOKEN_PEER);
	return token != NULL ? token : kind_find(table, TOKEN_NUMBER);
}

static void expected_tell(const struct token *table, FILE *errors)
{
	const char *before = "expected: ";

	for (const struct token *token = table; token->kind != TOKEN_END; token++) {
		if (token->kind == TOKEN_DONE)
			fprintf(errors, "%sthe end", before);
		else
			fprintf(errors, "%s%s%s", before, token->text,
				is_option(token->kind) ? value_name(token->kind) : "");
		before = ", ";
	}
	fputc('\n', errors);
}

static bool number_set(json_t *request, const struct token *token, const char *word)
{
	char *end;
	long long number;

	errno = 0;
	number = strtoll(word, &end, 10);
	if (errno != 0 || end == word || *end != '\0' ||
	    (token->kind == TOKEN_LEVEL && (number < 0 || number > LEVEL_MAX)))
		return false;
	return json_object_set_new(request, token->field, json_integer(number)) == 0;
}

static bool list_add(json_t *request, const char *field, const char *word)
{
	json_t *list = json_object_get(request, field);

	if (list == NULL) {
		list = json_array();
		json_object_set_new(request, field, list);
	}
	return json_array_append_new(list, json_string(word)) == 0;
}

static void command_extend(json_t *request, const char *word)
{
	const char *old = json_string_value(json_object_get(request, "command"));

	json_object_set_new(request, "command",
			    old == NULL ? json_string(word) : json_sprintf("%s %s", old, word));
}

/* Take a token's meaning; word is the value of an option. */
static bool token_take(const struct token *token, const char *word, json_t *request)
{
	switch (token->kind) {
	case TOKEN_WORD:
		command_extend(request, token->text);
		return true;
	case TOKEN_TEXT:
	case TOKEN_PEER:
	case TOKEN_OPTION:
		return json_object_set_new(request, token->field, json_string(word)) == 0;
	case TOKEN_NUMBER:
	case TOKEN_COUNT:
	case TOKEN_LEVEL:
		return number_set(request, token, word);
	case TOKEN_LIST:
		return list_add(request, token->field, word);
	case TOKEN_FLAG:
		return json_object_set_new(request, token->field, json_true()) == 0;
	default:
		return false;
	}
}

/* What is wrong with this word, or with the option before it, which has it as its value. */
static void mistake_tell(const struct token *table, const struct token *option, const char *word,
			 FILE *errors)
{
	if (option == NULL) {
		fprintf(errors, "\"%s\" cannot stand here; ", word);
		expected_tell(table, errors);
	} else if (word == NULL) {
		fprintf(errors, "%s needs a value: %s%s\n", option->text, option->text,
			value_name(option->kind));
	} else {
		fprintf(errors, "\"%s\" cannot be a value of %s; expected: %s%s\n", word,
			option->text, option->text, value_name(option->kind));
	}
}

static void missing_tell(int count, const char *const *words, const struct token *table,
			 FILE *errors)
{
	fputs("after \"", errors);
	for (int i = 0; i < count; i++)
		fprintf(errors, "%s%s", i > 0 ? " " : "", words[i]);
	fputs("\" something is missing; ", errors);
	expected_tell(table, errors);
}

static bool words_parse(int count, const char *const *words, FILE *errors, json_t *request,
			const struct token **reached)
{
	const struct token *table = grammar_root;

	for (int i = 0; i < count; i++) {
		const struct token *token = token_find(table, words[i]);
		const char *value = words[i];
		const struct token *option = NULL;

		if (token != NULL && is_option(token->kind) && token->kind != TOKEN_FLAG) {
			option = token;
			value = ++i < count ? words[i] : NULL;
		}
		if (token == NULL || value == NULL || !token_take(token, value, request)) {
			if (errors != NULL)
				mistake_tell(table, option, value, errors);
			return false;
		}
		if (token->next != NULL)
			table = token->next;
	}
	*reached = table;
	return true;
}

enum result grammar_parse(int count, const char *const *words, FILE *errors, json_t **out)
{
	const struct token *table = grammar_root;
	json_t *request = json_object();

	if (count > GRAMMAR_WORDS_MAX || !words_parse(count, words, errors, request, &table)) {
		json_decref(request);
		return RESULT_BAD;
	}
	if (kind_find(table, TOKEN_DONE) == NULL) {
		missing_tell(count, words, table, errors);
		json_decref(request);
		return RESULT_BAD;
	}
	*out = request;
	return RESULT_OK;
}

/* A word of help's line; where it has no room it goes on in another, further in. */
static void help_word(const char *word, size_t *column, FILE *to)
{
	size_t length = strlen(word);

	if (*column + 1 + length > HELP_COLUMNS) {
		fputs("\n     ", to);
		*column = 5;
	}
	fprintf(to, " %s", word);
	*column += 1 + length;
}

static void options_help(const struct token *table, size_t *column, FILE *to)
{
	char word[LINE_BYTES];

	for (const struct token *token = table; token->kind != TOKEN_END; token++) {
		if (!is_option(token->kind))
			continue;
		snprintf(word, sizeof(word), "[%s%s]%s", token->text, value_name(token->kind),
			 token->kind == TOKEN_LIST ? "..." : "");
		help_word(word, column, to);
	}
}

/* Every way on from here; path is what stands before, word by word. */
static void table_help(const struct token *table, const char **path, int depth, FILE *to)
{
	bool may_end = kind_find(table, TOKEN_DONE) != NULL, has_text = false;
	char word[LINE_BYTES];
	size_t column = 1;

	for (const struct token *token = table; token->kind != TOKEN_END; token++) {
		if (token->kind == TOKEN_DONE || is_option(token->kind))
			continue;
		has_text = true;
		snprintf(word, sizeof(word), may_end ? "[%s]" : "%s", token->text);
		path[depth] = word;
		table_help(token->next, path, depth + 1, to);
	}
	if (has_text)
		return;
	fputc(' ', to);
	for (int i = 0; i < depth; i++)
		help_word(path[i], &column, to);
	options_help(table, &column, to);
	fputc('\n', to);
}

/* The table of what may stand after these words; NULL: they are none, and errors, if any, hears why. */
static const struct token *table_after(int count, const char *const *words, FILE *errors)
{
	const struct token *table = grammar_root;
	json_t *request = json_object();
	bool is_good = words_parse(count, words, errors, request, &table);

	json_decref(request);
	return is_good ? table : NULL;
}

enum result grammar_help(int count, const char *const *words, FILE *errors, FILE *to)
{
	const char *path[2 * GRAMMAR_WORDS_MAX];
	const struct token *table =
		count <= GRAMMAR_WORDS_MAX ? table_after(count, words, errors) : NULL;

	if (table == NULL)
		return RESULT_BAD;
	for (int at = 0; at < count; at++)
		path[at] = words[at];
	table_help(table, path, count, to);
	return RESULT_OK;
}

bool grammar_wants_peer(int count, const char *const *words)
{
	const struct token *table = table_after(count, words, NULL);

	return table != NULL && kind_find(table, TOKEN_PEER) != NULL;
}

size_t grammar_complete(int count, const char *const *words, const char *beginning,
			const char **out, size_t max)
{
	const struct token *table = table_after(count, words, NULL);
	size_t found = 0;

	if (table != NULL)
		for (; table->kind != TOKEN_END && found < max; table++)
			if ((table->kind == TOKEN_WORD || is_option(table->kind)) &&
			    strncmp(table->text, beginning, strlen(beginning)) == 0)
				out[found++] = table->text;
	return found;
}
