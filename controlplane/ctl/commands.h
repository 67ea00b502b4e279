/* What can be asked at the admin socket, command by command (docs/man/sekishoctl.8). */
#ifndef SEKISHO_CONTROLPLANE_CTL_COMMANDS_H
#define SEKISHO_CONTROLPLANE_CTL_COMMANDS_H

#include "controlplane/ctl/server.h"
#include "controlplane/gateway.h"

/* A ctl_handle whose context is the gateway. */
void ctl_commands_handle(void *gateway, const char *command, const json_t *request,
			 enum ctl_role role, struct ctl_reply *reply);

/* One command; the request is an object. */
typedef void ctl_command(struct gateway *gateway, const json_t *request, struct ctl_reply *reply);

ctl_command ctl_subscriber_add, ctl_subscriber_passwd, ctl_subscriber_delete;
ctl_command ctl_subscriber_digest, ctl_subscriber_no_digest;
ctl_command ctl_subscriber_legacy, ctl_subscriber_no_legacy;
ctl_command ctl_subscriber_enable, ctl_subscriber_disable, ctl_subscriber_list;
ctl_command ctl_group_add, ctl_group_remove, ctl_group_list;
ctl_command ctl_policy_add, ctl_policy_delete, ctl_policy_list, ctl_policy_test;
ctl_command ctl_policy_status;
ctl_command ctl_key_rotate, ctl_peer_rekey, ctl_terms;
ctl_command ctl_show_registrations, ctl_show_sas, ctl_show_peers, ctl_show_counters;
ctl_command ctl_show_drops, ctl_show_status, ctl_show_store, ctl_show_workers, ctl_show_ports;
ctl_command ctl_show_refusals;
ctl_command ctl_configure_check, ctl_configure_commit, ctl_configure_confirm, ctl_configure_undo;

#endif
