#include "controlplane/ctl/commands.h"

#include <stdlib.h>
#include <string.h>

static const struct {
	const char *name;
	enum ctl_role role; /* who may */
	ctl_command *command;
	bool is_keepers; /* it asks the store: by its keeper, in the keeper's thread */
} commands[] = {
	{"subscriber add", CTL_ADMINISTRATOR, ctl_subscriber_add, true},
	{"subscriber passwd", CTL_ADMINISTRATOR, ctl_subscriber_passwd, true},
	{"subscriber delete", CTL_ADMINISTRATOR, ctl_subscriber_delete, true},
	{"subscriber enable", CTL_ADMINISTRATOR, ctl_subscriber_enable, true},
	{"subscriber disable", CTL_ADMINISTRATOR, ctl_subscriber_disable, true},
	{"subscriber digest", CTL_ADMINISTRATOR, ctl_subscriber_digest, true},
	{"subscriber no-digest", CTL_ADMINISTRATOR, ctl_subscriber_no_digest, true},
	{"subscriber legacy", CTL_ADMINISTRATOR, ctl_subscriber_legacy, true},
	{"subscriber no-legacy", CTL_ADMINISTRATOR, ctl_subscriber_no_legacy, true},
	{"subscriber list", CTL_READER, ctl_subscriber_list, true},
	{"group add", CTL_ADMINISTRATOR, ctl_group_add, true},
	{"group remove", CTL_ADMINISTRATOR, ctl_group_remove, true},
	{"group list", CTL_READER, ctl_group_list, true},
	{"policy add", CTL_ADMINISTRATOR, ctl_policy_add, true},
	{"policy delete", CTL_ADMINISTRATOR, ctl_policy_delete, true},
	{"policy list", CTL_READER, ctl_policy_list, true},
	{"policy test", CTL_READER, ctl_policy_test, true},
	{"policy status", CTL_READER, ctl_policy_status, false},
	{"key rotate", CTL_ADMINISTRATOR, ctl_key_rotate, false},
	{"peer rekey", CTL_ADMINISTRATOR, ctl_peer_rekey, false},
	{"terms", CTL_READER, ctl_terms, false},
	{"show registrations", CTL_READER, ctl_show_registrations, false},
	{"show sas", CTL_READER, ctl_show_sas, false},
	{"show peers", CTL_READER, ctl_show_peers, false},
	{"show counters", CTL_READER, ctl_show_counters, false},
	{"show drops", CTL_READER, ctl_show_drops, false},
	{"show refusals", CTL_READER, ctl_show_refusals, false},
	{"show workers", CTL_READER, ctl_show_workers, false},
	{"show ports", CTL_READER, ctl_show_ports, false},
	{"show store", CTL_READER, ctl_show_store, false},
	{"show status", CTL_READER, ctl_show_status, false},
	{"configure check", CTL_READER, ctl_configure_check, false},
	{"configure commit", CTL_ADMINISTRATOR, ctl_configure_commit, false},
	{"configure confirm", CTL_ADMINISTRATOR, ctl_configure_confirm, false},
	{"configure undo", CTL_ADMINISTRATOR, ctl_configure_undo, false},
};

/* A command on its way through the keeper's thread. */
struct errand {
	ctl_command *command;
	struct gateway *gateway;
	json_t *request;
	struct ctl_reply *reply;
};

static enum result errand_work(struct store *store, void *arg)
{
	struct errand *errand = arg;

	(void)store; /* the command asks the gateway for it */
	errand->command(errand->gateway, errand->request, errand->reply);
	return ctl_reply_failure(errand->reply);
}

static void errand_done(void *arg, enum result result)
{
	struct errand *errand = arg;

	(void)result; /* the reply has it */
	ctl_reply_release(errand->reply);
	json_decref(errand->request);
	free(errand);
}

static void errand_send(struct gateway *gateway, ctl_command *command, const json_t *request,
			struct ctl_reply *reply)
{
	struct errand *errand = calloc(1, sizeof(*errand));
	enum result result = RESULT_MEMORY;

	if (errand != NULL) {
		*errand = (struct errand){command, gateway, json_deep_copy(request), reply};
		ctl_reply_hold(reply);
		result = keeper_do(gateway_keeper(gateway), errand_work, errand_done, errand);
	}
	if (result == RESULT_OK)
		return;
	ctl_reply_unhold(reply);
	ctl_reply_error(reply, "the store is busy: %u requests wait for it", KEEPER_JOBS_MAX);
	if (errand != NULL)
		json_decref(errand->request);
	free(errand);
}

void ctl_commands_handle(void *gateway, const char *command, const json_t *request,
			 enum ctl_role role, struct ctl_reply *reply)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++) {
		if (strcmp(commands[i].name, command) != 0)
			continue;
		if (role < commands[i].role)
			ctl_reply_refuse(reply, "a reader asked for what is an administrator's",
					 "\"%s\" needs an administrator", command);
		else if (commands[i].is_keepers)
			errand_send(gateway, commands[i].command, request, reply);
		else
			commands[i].command(gateway, request, reply);
		return;
	}
	ctl_reply_refuse(reply, "a command that there is not", "there is no command \"%s\"", command);
}
