#include "controlplane/cli/grammar.h"

#define END                                                                                        \
	{                                                                                          \
		TOKEN_END, NULL, NULL, NULL                                                        \
	}
#define DONE                                                                                       \
	{                                                                                          \
		TOKEN_DONE, NULL, NULL, NULL                                                       \
	}

static const struct token done[] = {DONE, END};

/* subscriber ... */
static const struct token subscriber_add_options[] = {
	{TOKEN_LIST, "--identity", "identities", NULL},
	{TOKEN_FLAG, "--password-stdin", "password_stdin", NULL},
	{TOKEN_FLAG, "--certificate", "certificate", NULL},
	DONE,
	END,
};
static const struct token subscriber_add[] = {
	{TOKEN_TEXT, "ID", "id", subscriber_add_options},
	END,
};
static const struct token subscriber_passwd_options[] = {
	{TOKEN_FLAG, "--password-stdin", "password_stdin", NULL},
	DONE,
	END,
};
static const struct token subscriber_passwd[] = {
	{TOKEN_TEXT, "ID", "id", subscriber_passwd_options},
	END,
};
static const struct token subscriber_one[] = {
	{TOKEN_TEXT, "ID", "id", done},
	END,
};
static const struct token subscriber[] = {
	{TOKEN_WORD, "add", NULL, subscriber_add},
	{TOKEN_WORD, "passwd", NULL, subscriber_passwd},
	{TOKEN_WORD, "digest", NULL, subscriber_passwd},
	{TOKEN_WORD, "no-digest", NULL, subscriber_one},
	{TOKEN_WORD, "legacy", NULL, subscriber_one},
	{TOKEN_WORD, "no-legacy", NULL, subscriber_one},
	{TOKEN_WORD, "delete", NULL, subscriber_one},
	{TOKEN_WORD, "enable", NULL, subscriber_one},
	{TOKEN_WORD, "disable", NULL, subscriber_one},
	{TOKEN_WORD, "list", NULL, done},
	END,
};

/* group ... */
static const struct token group_aor[] = {
	{TOKEN_TEXT, "AOR", "aor", done},
	END,
};
static const struct token group_member[] = {
	{TOKEN_TEXT, "GROUP", "group", group_aor},
	END,
};
static const struct token group[] = {
	{TOKEN_WORD, "add", NULL, group_member},
	{TOKEN_WORD, "remove", NULL, group_member},
	{TOKEN_WORD, "list", NULL, done},
	END,
};

/* policy ... */
#define POLICY_OPTIONS                                                                             \
	{TOKEN_LEVEL, "--minimum-level", "minimum_level", NULL},                                   \
		{TOKEN_OPTION, "--hours", "hours", NULL}, {TOKEN_OPTION, "--rate", "rate", NULL}
static const struct token policy_options[] = {
	POLICY_OPTIONS,
	DONE,
	END,
};
static const struct token policy_methods[] = {
	POLICY_OPTIONS,
	{TOKEN_TEXT, "METHODS", "methods", policy_options},
	DONE,
	END,
};
static const struct token policy_callee[] = {
	{TOKEN_TEXT, "CALLEE", "callee", policy_methods},
	END,
};
static const struct token policy_caller[] = {
	{TOKEN_TEXT, "CALLER", "caller", policy_callee},
	END,
};
static const struct token policy_action[] = {
	{TOKEN_TEXT, "allow|deny|limit", "action", policy_caller},
	END,
};
static const struct token policy_add[] = {
	{TOKEN_NUMBER, "PRIORITY", "priority", policy_action},
	END,
};
static const struct token policy_delete[] = {
	{TOKEN_NUMBER, "ID", "id", done},
	END,
};
static const struct token policy_test_level[] = {
	{TOKEN_LEVEL, "--level", "level", NULL},
	{TOKEN_COUNT, "--at", "at", NULL},
	DONE,
	END,
};
static const struct token policy_test_method[] = {
	{TOKEN_TEXT, "METHOD", "method", policy_test_level},
	END,
};
static const struct token policy_test_callee[] = {
	{TOKEN_TEXT, "CALLEE", "callee", policy_test_method},
	END,
};
static const struct token policy_test[] = {
	{TOKEN_TEXT, "CALLER", "caller", policy_test_callee},
	END,
};
static const struct token policy[] = {
	{TOKEN_WORD, "add", NULL, policy_add},
	{TOKEN_WORD, "delete", NULL, policy_delete},
	{TOKEN_WORD, "list", NULL, done},
	{TOKEN_WORD, "test", NULL, policy_test},
	{TOKEN_WORD, "status", NULL, done},
	END,
};

/* key, peer, show */
static const struct token key[] = {
	{TOKEN_WORD, "rotate", NULL, done},
	END,
};
static const struct token peer_rekey[] = {
	{TOKEN_PEER, "NAME", "name", done},
	DONE,
	END,
};
static const struct token peer[] = {
	{TOKEN_WORD, "rekey", NULL, peer_rekey},
	END,
};
static const struct token show[] = {
	{TOKEN_WORD, "registrations", NULL, done}, {TOKEN_WORD, "sas", NULL, done},
	{TOKEN_WORD, "peers", NULL, done},	   {TOKEN_WORD, "counters", NULL, done},
	{TOKEN_WORD, "drops", NULL, done},	   {TOKEN_WORD, "store", NULL, done},
	{TOKEN_WORD, "status", NULL, done},	   {TOKEN_WORD, "workers", NULL, done},
	{TOKEN_WORD, "ports", NULL, done},	   {TOKEN_WORD, "refusals", NULL, done},
	END,
};

/* configure ... */
static const struct token configure_commit[] = {
	{TOKEN_NUMBER, "CONFIRM-WITHIN-S", "confirm_s", done},
	DONE,
	END,
};
static const struct token configure[] = {
	{TOKEN_WORD, "check", NULL, done},
	{TOKEN_WORD, "commit", NULL, configure_commit},
	{TOKEN_WORD, "confirm", NULL, done},
	{TOKEN_WORD, "undo", NULL, done},
	END,
};

/* ca ... */
static const struct token ca_days[] = {
	{TOKEN_OPTION, "--days", "days", NULL},
	DONE,
	END,
};
static const struct token ca_init_options[] = {
	{TOKEN_OPTION, "--domain", "domain", NULL},
	{TOKEN_OPTION, "--days", "days", NULL},
	DONE,
	END,
};
static const struct token ca_init[] = {
	{TOKEN_TEXT, "FOLDER", "folder", ca_init_options},
	END,
};
static const struct token ca_issue_name[] = {
	{TOKEN_TEXT, "ID|DOMAIN", "name", ca_days},
	END,
};
static const struct token ca_issue[] = {
	{TOKEN_TEXT, "FOLDER", "folder", ca_issue_name},
	END,
};
static const struct token ca_revoke_name[] = {
	{TOKEN_TEXT, "ID|DOMAIN", "name", done},
	END,
};
static const struct token ca_revoke[] = {
	{TOKEN_TEXT, "FOLDER", "folder", ca_revoke_name},
	END,
};
static const struct token ca_renew[] = {
	{TOKEN_TEXT, "FOLDER", "folder", ca_days},
	END,
};
static const struct token ca[] = {
	{TOKEN_WORD, "init", NULL, ca_init},
	{TOKEN_WORD, "issue", NULL, ca_issue},
	{TOKEN_WORD, "revoke", NULL, ca_revoke},
	{TOKEN_WORD, "renew", NULL, ca_renew},
	END,
};

const struct token grammar_root[] = {
	{TOKEN_WORD, "subscriber", NULL, subscriber},
	{TOKEN_WORD, "group", NULL, group},
	{TOKEN_WORD, "policy", NULL, policy},
	{TOKEN_WORD, "key", NULL, key},
	{TOKEN_WORD, "ca", NULL, ca},
	{TOKEN_WORD, "peer", NULL, peer},
	{TOKEN_WORD, "show", NULL, show},
	{TOKEN_WORD, "configure", NULL, configure},
	END,
};
