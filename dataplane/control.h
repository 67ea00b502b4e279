/*
 * The control lcore: the only writer of the tables, the kernel's side of the ports, the contract's
 * server. One loop that sleeps in poll() and never otherwise.
 */
#ifndef SEKISHO_DATAPLANE_CONTROL_H
#define SEKISHO_DATAPLANE_CONTROL_H

#include <stdatomic.h>

#include "dataplane/configuration.h"
#include "dataplane/worker.h"
#include "shared/result.h"

struct control;
struct deferred;

struct control_config {
	const struct configuration *configuration;
	const struct tables *tables;
	struct deferred *deferred; /* the tables' waiting room, ours to empty */
	struct worker *const *workers;
	struct doorbell *doorbell;
	atomic_bool *has_controlplane;
	int signal_fd; /* readable when the process is to end */
};

/*
 * Make the exception interfaces, give them their addresses, follow the kernel, listen for the
 * control plane. RESULT_OK, or what went wrong, said on stderr.
 */
enum result control_create(const struct control_config *config,
			   struct control **control) SEKISHO_MUST_USE;
/* The workers have ended. */
void control_destroy(struct control *control);

/* Runs until signal_fd can be read. */
void control_run(struct control *control);

#endif
