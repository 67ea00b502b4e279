/* "ca ...": a small certificate authority in a folder here; no control plane is asked. */
#ifndef SEKISHO_CONTROLPLANE_CLI_CA_COMMANDS_H
#define SEKISHO_CONTROLPLANE_CLI_CA_COMMANDS_H

#include <jansson.h>
#include <stdbool.h>

#include "controlplane/cli/session.h"

/* Is it one of these? */
bool ca_command_is(const json_t *request);

/* Carry it out; what goes wrong is told on standard error. */
enum session_status ca_command_run(const json_t *request);

#endif
