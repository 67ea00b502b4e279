#include "controlplane/cli/session.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "controlplane/cli/ca_commands.h"
#include "controlplane/cli/grammar.h"
#include "controlplane/cli/password.h"
#include "controlplane/cli/view.h"
#include "shared/limits.h"

/* Ask; *result is borrowed from *answer, NULL if there is none. */
static enum session_status ask(struct session *session, const json_t *request, json_t **answer,
			       json_t **result)
{
	const char *error;

	if (admin_link_ask(&session->link, request, answer) != RESULT_OK) {
		fputs("sekishoctl: the control plane does not answer\n", stderr);
		return SESSION_NO_LINK;
	}
	if (json_is_true(json_object_get(*answer, "ok"))) {
		*result = json_object_get(*answer, "result");
		return SESSION_OK;
	}
	error = json_string_value(json_object_get(*answer, "error"));
	fprintf(stderr, "sekishoctl: %s\n", error != NULL ? error : "the request was refused");
	json_decref(*answer);
	return SESSION_REFUSED;
}

/* What the gateway makes verifiers with. */
struct terms {
	uint32_t iterations;
	char realm[LIMIT_DOMAIN_BYTES + 1];
};

static enum session_status terms_ask(struct session *session, struct terms *terms)
{
	json_t *request = json_pack("{s:s}", "command", "terms"), *answer, *result;
	enum session_status status = ask(session, request, &answer, &result);

	json_decref(request);
	if (status != SESSION_OK)
		return status;
	terms->iterations = (uint32_t)json_integer_value(json_object_get(result, "iterations"));
	snprintf(terms->realm, sizeof(terms->realm), "%s",
		 json_string_value(json_object_get(result, "realm")) != NULL
			 ? json_string_value(json_object_get(result, "realm"))
			 : "");
	json_decref(answer);
	return SESSION_OK;
}

/* From standard input where it is said so or nobody is at it; else made, or asked for. */
static enum result password_get(const json_t *request, bool is_new, char out[PASSWORD_BYTES],
				bool *is_generated)
{
	bool is_input = json_is_true(json_object_get(request, "password_stdin"));

	*is_generated = is_new && !is_input;
	if (*is_generated)
		return password_generate(out);
	if (is_input || !isatty(STDIN_FILENO))
		return password_read(stdin, out);
	return password_prompt(json_string_value(json_object_get(request, "id")), out);
}

static void password_complain(enum result result)
{
	fprintf(stderr, "sekishoctl: %s\n",
		result == RESULT_DENIED ? "the two passwords differ"
		: result == RESULT_IO	? "there is no password to read"
				      : "a password is 1 to 255 bytes without control characters");
}

/* Put a verifier into the request; password is wiped unless it was generated. */
static enum session_status verifier_add(struct session *session, json_t *request, bool is_new,
					char password[PASSWORD_BYTES], bool *is_generated)
{
	bool is_digest = strcmp(json_string_value(json_object_get(request, "command")),
				"subscriber digest") == 0;
	struct terms terms = {0};
	enum session_status status = terms_ask(session, &terms);
	enum result result;

	if (status != SESSION_OK)
		return status;
	result = password_get(request, is_new, password, is_generated);
	json_object_del(request, "password_stdin");
	if (result == RESULT_OK)
		result = is_digest ? password_add_digest(password, terms.realm, request)
				   : password_add_verifier(password, terms.iterations, request);
	if (!*is_generated || result != RESULT_OK)
		OPENSSL_cleanse(password, PASSWORD_BYTES);
	if (result == RESULT_OK)
		return SESSION_OK;
	password_complain(result);
	return SESSION_PASSWORD;
}

/* A note stands behind the table, and beside the JSON of a result. */
static void answer_show(const struct session *session, const char *command, const json_t *answer,
			json_t *result)
{
	const char *note = json_string_value(json_object_get(answer, "note"));

	if (!session->is_json) {
		view_show(command, result, stdout);
	} else {
		json_dumpf(result != NULL ? result : json_null(), stdout,
			   JSON_INDENT(2) | JSON_ENCODE_ANY | JSON_ENSURE_ASCII);
		fputc('\n', stdout);
	}
	if (note != NULL)
		fprintf(session->is_json ? stderr : stdout, "%s\n", note);
}

static enum session_status request_run(struct session *session, json_t *request)
{
	const char *command = json_string_value(json_object_get(request, "command"));
	bool is_new =
		strcmp(command, "subscriber add") == 0 || strcmp(command, "subscriber digest") == 0;
	bool is_generated = false;
	enum session_status status = SESSION_OK;
	json_t *answer = NULL, *result = NULL;
	char password[PASSWORD_BYTES] = "";

	if ((is_new && !json_is_true(json_object_get(request, "certificate"))) ||
	    strcmp(command, "subscriber passwd") == 0)
		status = verifier_add(session, request, is_new, password, &is_generated);
	if (status == SESSION_OK)
		status = ask(session, request, &answer, &result);
	if (status == SESSION_OK) {
		/* The one time it is shown. */
		if (is_generated)
			json_object_set_new(result, "password", json_string(password));
		answer_show(session, command, answer, result);
		json_decref(answer);
	}
	OPENSSL_cleanse(password, sizeof(password));
	return status;
}

enum session_status session_run(struct session *session, int count, const char *const *words)
{
	enum session_status status;
	json_t *request;

	if (grammar_parse(count, words, stderr, &request) != RESULT_OK)
		return SESSION_USAGE;
	status = ca_command_is(request) ? ca_command_run(request) : request_run(session, request);
	json_decref(request);
	fflush(stdout);
	return status;
}
