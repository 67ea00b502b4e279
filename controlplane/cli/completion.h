/* What the word at the prompt may become: of the grammar, and of names the control plane knows. */
#ifndef SEKISHO_CONTROLPLANE_CLI_COMPLETION_H
#define SEKISHO_CONTROLPLANE_CLI_COMPLETION_H

#include "controlplane/cli/session.h"

#define COMPLETIONS_MAX	      16
#define COMPLETION_WORD_BYTES 256

struct completion {
	size_t count;
	char word[COMPLETIONS_MAX][COMPLETION_WORD_BYTES];
};

/* After count words, those that begin so, each once. A control plane that is gone knows none. */
void completion_find(struct session *session, int count, const char *const *words,
		     const char *beginning, struct completion *completion);

#endif
