/* When a connection that is ours to make is tried again: later each time, and never in step. */
#ifndef SEKISHO_CONTROLPLANE_PEERS_REDIAL_H
#define SEKISHO_CONTROLPLANE_PEERS_REDIAL_H

#include <stdint.h>

#include "shared/result.h"

struct event;
struct event_base;

struct redial {
	struct event *timer;
	uint32_t backoff_ms; /* before the next one, and as much again by chance */
};

/* due(arg) is called when it is time. RESULT_MEMORY. */
enum result redial_create(struct event_base *base, void (*due)(int fd, short what, void *arg),
			  void *arg, struct redial *redial) SEKISHO_MUST_USE;
void redial_destroy(struct redial *redial);

void redial_later(struct redial *redial);
void redial_cancel(struct redial *redial);
/* It went well: the next failure is the first again. */
void redial_reset(struct redial *redial);

#endif
