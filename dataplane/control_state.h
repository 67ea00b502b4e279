/* What the files of the control lcore share. */
#ifndef SEKISHO_DATAPLANE_CONTROL_STATE_H
#define SEKISHO_DATAPLANE_CONTROL_STATE_H

#include "dataplane/control.h"
#include "dataplane/counters.h"
#include "dataplane/inbox/inbox.h"
#include "dataplane/io/exception_ports.h"
#include "dataplane/path_mtu.h"
#include "dataplane/sa_leaving.h"
#include "dataplane/sa_sweep.h"

struct control {
	struct control_config config;
	struct control_counts counts;
	struct counters counters;
	struct exception_ports *exceptions;
	struct inbox *inbox;
	struct sa_sweep sweep;
	struct sa_leaving leaving;
	struct path_mtu paths;
	uint64_t now_ms; /* Unix time of this turn */
};

/* control.c: an SA has come, or gone: who may be a stranger no longer, or is one again. */
void control_sa_was_put(void *control, const struct contract_sa *sa);
void control_sa_was_deleted(void *control, const struct contract_sa *sa);

/* control_rings.c: all rings of all workers once; was there anything? */
bool control_rings_take(struct control *control);

#endif
