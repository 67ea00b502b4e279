#include <histedit.h>
#include <stdio.h>
#include <string.h>

#include "controlplane/cli/completion.h"
#include "controlplane/cli/grammar.h"
#include "controlplane/cli/session.h"

#define HISTORY_LINES 100

static const char *prompt_text(EditLine *line)
{
	(void)line;
	return "sekisho> ";
}

/* Puts the word in if there is one that it can be; else shows what it can be. */
static unsigned char completion_show(EditLine *line, const struct completion *completion,
				     size_t length)
{
	char rest[COMPLETION_WORD_BYTES + 1];

	if (completion->count == 1) {
		snprintf(rest, sizeof(rest), "%s ", completion->word[0] + length);
		return el_insertstr(line, rest) == 0 ? CC_REFRESH : CC_ERROR;
	}
	if (completion->count == 0)
		return CC_ERROR;
	fputc('\n', stdout);
	for (size_t i = 0; i < completion->count; i++)
		printf("%s  ", completion->word[i]);
	fputc('\n', stdout);
	return CC_REDISPLAY;
}

static unsigned char complete(EditLine *line, int key)
{
	const LineInfo *info = el_line(line);
	const char *beginning = "", **words;
	Tokenizer *tokenizer = tok_init(NULL);
	unsigned char answer = CC_ERROR;
	struct completion completion;
	struct session *session;
	int count, word, offset;

	(void)key;
	if (tokenizer == NULL)
		return CC_ERROR;
	if (tok_line(tokenizer, info, &count, &words, &word, &offset) == 0 &&
	    el_get(line, EL_CLIENTDATA, &session) == 0) {
		if (word < count)
			beginning = words[word];
		completion_find(session, word, words, beginning, &completion);
		answer = completion_show(line, &completion, strlen(beginning));
	}
	tok_end(tokenizer);
	return answer;
}

/* False: leave. */
static bool line_run(struct session *session, Tokenizer *tokenizer, const char *text,
		     enum session_status *status)
{
	const char **words;
	int count;

	tok_reset(tokenizer);
	if (tok_str(tokenizer, text, &count, &words) != 0) {
		fputs("sekishoctl: a quote is not closed\n", stderr);
		return true;
	}
	if (count == 0)
		return true;
	if (strcmp(words[0], "quit") == 0 || strcmp(words[0], "exit") == 0)
		return false;
	if (strcmp(words[0], "help") == 0 || strcmp(words[0], "?") == 0)
		*status = grammar_help(count - 1, words + 1, stderr, stdout) == RESULT_OK
				  ? SESSION_OK
				  : SESSION_USAGE;
	else
		*status = session_run(session, count, words);
	return *status != SESSION_NO_LINK;
}

enum session_status session_prompt(struct session *session)
{
	EditLine *line = el_init("sekishoctl", stdin, stdout, stderr);
	Tokenizer *tokenizer = tok_init(NULL);
	History *past = history_init();
	enum session_status status = SESSION_OK;
	const char *text;
	HistEvent event;
	int length;

	if (line != NULL && tokenizer != NULL && past != NULL) {
		history(past, &event, H_SETSIZE, HISTORY_LINES);
		el_set(line, EL_PROMPT, prompt_text);
		el_set(line, EL_CLIENTDATA, session);
		el_set(line, EL_EDITOR, "emacs");
		el_set(line, EL_HIST, history, past);
		el_set(line, EL_ADDFN, "complete", "complete a word", complete);
		el_set(line, EL_BIND, "^I", "complete", NULL);
		while ((text = el_gets(line, &length)) != NULL && length > 0) {
			history(past, &event, H_ENTER, text);
			if (!line_run(session, tokenizer, text, &status))
				break;
		}
	}
	if (past != NULL)
		history_end(past);
	if (tokenizer != NULL)
		tok_end(tokenizer);
	if (line != NULL)
		el_end(line);
	return status;
}
