/*
 * What may be said to sekishoctl, as tables of tokens: each table lists what may stand at a place,
 * each token names the table that follows it. Parser, help and completion all read the tables.
 */
#ifndef SEKISHO_CONTROLPLANE_CLI_GRAMMAR_H
#define SEKISHO_CONTROLPLANE_CLI_GRAMMAR_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "shared/result.h"

enum token_kind {
	TOKEN_END = 0, /* ends a table */
	TOKEN_DONE,    /* here a command may end */
	TOKEN_WORD,    /* this word, or the beginning of it that no other word here has */
	TOKEN_TEXT,    /* any text: a field of the request */
	TOKEN_PEER,    /* the same, a peer's name */
	TOKEN_NUMBER,  /* a whole number: a field */
	TOKEN_OPTION,  /* --name TEXT: a field */
	TOKEN_LIST,    /* --name TEXT, any number of times: a list */
	TOKEN_COUNT,   /* --name NUMBER: a field */
	TOKEN_LEVEL,   /* --name 0..3: a field */
	TOKEN_FLAG,    /* --name: a field that is true */
};

struct token {
	enum token_kind kind;
	const char *text;	  /* the word or option; of a text or number its name in the help */
	const char *field;	  /* of the request */
	const struct token *next; /* NULL: this table again */
};

/* The table everything begins with. */
extern const struct token grammar_root[];

/* Words beyond which a command is refused. */
#define GRAMMAR_WORDS_MAX 64

/*
 * Read count words into a request: an object with "command" (the words that are no fields, joined
 * by a blank) and the fields; the caller owns it. RESULT_BAD: told on errors what may stand where.
 */
SEKISHO_MUST_USE enum result grammar_parse(int count, const char *const *words, FILE *errors,
					   json_t **request);

/* Every command that begins with these words, within 80 columns; RESULT_BAD, told on errors: none
 * does. */
enum result grammar_help(int count, const char *const *words, FILE *errors, FILE *to);

/* The words that may stand after count words; at most max are put into out. Returns how many. */
size_t grammar_complete(int count, const char *const *words, const char *beginning,
			const char **out, size_t max);

/* May a peer's name stand there? Which there are, the control plane knows (completion.h). */
bool grammar_wants_peer(int count, const char *const *words);

#endif
