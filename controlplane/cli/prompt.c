#include <histedit.h>
#include <stdio.h>
#include <string.h>

#include "controlplane/cli/grammar.h"
#include "controlplane/cli/session.h"

#define HISTORY_LINES	100
#define COMPLETIONS_MAX 16

static const char *prompt_text(EditLine *line)
{
	(void)line;
	return "sekisho> ";
}

/* Puts in what all candidates have in common beyond what stands there; shows them otherwise. */
static unsigned char complete(EditLine *line, int key)
{
	const LineInfo *info = el_line(line);
	const char *candidate[COMPLETIONS_MAX], *beginning = "", **words;
	Tokenizer *tokenizer = tok_init(NULL);
	unsigned char answer = CC_ERROR;
	char common[64];
	int count, word, offset;
	size_t found, length;

	(void)key;
	if (tokenizer == NULL)
		return CC_ERROR;
	if (tok_line(tokenizer, info, &count, &words, &word, &offset) == 0) {
		if (word < count)
			beginning = words[word];
		found = grammar_complete(word, words, beginning, candidate, COMPLETIONS_MAX);
		length = strlen(beginning);
		if (found == 1) {
			snprintf(common, sizeof(common), "%s ", candidate[0] + length);
			answer = el_insertstr(line, common) == 0 ? CC_REFRESH : CC_ERROR;
		} else if (found > 1) {
			fputc('\n', stdout);
			for (size_t i = 0; i < found; i++)
				printf("%s  ", candidate[i]);
			fputc('\n', stdout);
			answer = CC_REDISPLAY;
		}
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
		grammar_help(stdout);
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
