/* What the data plane answers, message by message, gathered into the reply to an operator. */
#ifndef SEKISHO_CONTROLPLANE_CTL_GATHERING_H
#define SEKISHO_CONTROLPLANE_CTL_GATHERING_H

#include "controlplane/ctl/server.h"
#include "controlplane/gateway.h"

/* Ask the data plane; take gets a list (json_t *) with each message, and the list is the result. */
void gathering_begin(struct gateway *gateway, struct contract_header *request,
		     contract_record *take, struct ctl_reply *reply);

/* Nothing can be asked of it now: what the operator is told. */
void reply_no_data_plane(struct gateway *gateway, struct ctl_reply *reply);

#endif
