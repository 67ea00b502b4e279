#include "controlplane/ctl/commands.h"

#include <string.h>

static const struct {
	const char *name;
	enum ctl_role role; /* who may */
	ctl_command *command;
} commands[] = {
	{"subscriber add", CTL_ADMINISTRATOR, ctl_subscriber_add},
	{"subscriber passwd", CTL_ADMINISTRATOR, ctl_subscriber_passwd},
	{"subscriber delete", CTL_ADMINISTRATOR, ctl_subscriber_delete},
	{"subscriber enable", CTL_ADMINISTRATOR, ctl_subscriber_enable},
	{"subscriber disable", CTL_ADMINISTRATOR, ctl_subscriber_disable},
	{"subscriber list", CTL_READER, ctl_subscriber_list},
	{"group add", CTL_ADMINISTRATOR, ctl_group_add},
	{"group remove", CTL_ADMINISTRATOR, ctl_group_remove},
	{"group list", CTL_READER, ctl_group_list},
	{"policy add", CTL_ADMINISTRATOR, ctl_policy_add},
	{"policy delete", CTL_ADMINISTRATOR, ctl_policy_delete},
	{"policy list", CTL_READER, ctl_policy_list},
	{"policy test", CTL_READER, ctl_policy_test},
	{"key rotate", CTL_ADMINISTRATOR, ctl_key_rotate},
	{"peer rekey", CTL_ADMINISTRATOR, ctl_peer_rekey},
	{"terms", CTL_READER, ctl_terms},
	{"show registrations", CTL_READER, ctl_show_registrations},
	{"show sas", CTL_READER, ctl_show_sas},
	{"show peers", CTL_READER, ctl_show_peers},
	{"show counters", CTL_READER, ctl_show_counters},
	{"show drops", CTL_READER, ctl_show_drops},
	{"show workers", CTL_READER, ctl_show_workers},
	{"show status", CTL_READER, ctl_show_status},
	{"configure check", CTL_READER, ctl_configure_check},
	{"configure commit", CTL_ADMINISTRATOR, ctl_configure_commit},
	{"configure confirm", CTL_ADMINISTRATOR, ctl_configure_confirm},
	{"configure undo", CTL_ADMINISTRATOR, ctl_configure_undo},
};

void ctl_commands_handle(void *gateway, const char *command, const json_t *request,
			 enum ctl_role role, struct ctl_reply *reply)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++) {
		if (strcmp(commands[i].name, command) != 0)
			continue;
		if (role < commands[i].role)
			ctl_reply_error(reply, "\"%s\" needs an administrator", command);
		else
			commands[i].command(gateway, request, reply);
		return;
	}
	ctl_reply_error(reply, "there is no command \"%s\"", command);
}
