#include "controlplane/cli/completion.h"

#include <stdio.h>
#include <string.h>

#include "controlplane/cli/grammar.h"

static void word_add(struct completion *completion, const char *word, const char *beginning)
{
	if (word == NULL || strncmp(word, beginning, strlen(beginning)) != 0 ||
	    strlen(word) >= COMPLETION_WORD_BYTES || completion->count == COMPLETIONS_MAX)
		return;
	for (size_t i = 0; i < completion->count; i++)
		if (strcmp(completion->word[i], word) == 0)
			return;
	snprintf(completion->word[completion->count++], COMPLETION_WORD_BYTES, "%s", word);
}

static void peers_add(struct session *session, struct completion *completion, const char *beginning)
{
	json_t *request = json_pack("{s:s}", "command", "show peers"), *answer = NULL, *peer;
	size_t index;

	if (admin_link_ask(&session->link, request, &answer) == RESULT_OK) {
		json_array_foreach(json_object_get(answer, "result"), index, peer)
		{
			word_add(completion, json_string_value(json_object_get(peer, "name")),
				 beginning);
			word_add(completion, json_string_value(json_object_get(peer, "gateway")),
				 beginning);
		}
		json_decref(answer);
	}
	json_decref(request);
}

void completion_find(struct session *session, int count, const char *const *words,
		     const char *beginning, struct completion *completion)
{
	const char *known[COMPLETIONS_MAX];
	size_t found = grammar_complete(count, words, beginning, known, COMPLETIONS_MAX);

	completion->count = 0;
	for (size_t i = 0; i < found; i++)
		word_add(completion, known[i], beginning);
	if (grammar_wants_peer(count, words))
		peers_add(session, completion, beginning);
}
