/*
 * The configuration that runs and the file it came from: what the file would change, taking it over
 * while everything goes on, and going back (`sekishoctl configure`).
 */
#ifndef SEKISHO_CONTROLPLANE_CONFIGURATION_H
#define SEKISHO_CONTROLPLANE_CONFIGURATION_H

#include <jansson.h>
#include <stdint.h>
#include <stdio.h>

#include "controlplane/config.h"
#include "shared/result.h"

struct configuration;
struct event_base;

/*
 * Take over what has changed between before and the running configuration; everything or nothing.
 * Not RESULT_OK: message has a sentence, nothing has changed.
 */
typedef enum result configuration_apply(void *ctx, const struct control_config *before,
					char *message, size_t size);

/* running is what the programs parts read; it is borrowed and changed in place. */
SEKISHO_MUST_USE enum result configuration_create(struct event_base *base,
						  struct control_config *running,
						  configuration_apply *apply, void *ctx,
						  struct configuration **configuration);

/* Leaves the running configuration as it is. NULL is none. */
void configuration_destroy(struct configuration *configuration);

/*
 * Read the file anew: mistakes on report, else *changes (a new reference): a list of {"path",
 * "from", "to", "needs_restart"}; from or to is null where the default holds. RESULT_BAD,
 * RESULT_IO, RESULT_MEMORY.
 */
SEKISHO_MUST_USE enum result configuration_check(struct configuration *configuration, FILE *report,
						 json_t **changes);

/*
 * Take the file over. confirm_s > 0: goes back by itself unless confirmed within so many seconds.
 * Besides the above RESULT_DENIED, *changes set: some of them need a restart, nothing was changed;
 * RESULT_EXISTS: one is still to be confirmed or undone.
 */
SEKISHO_MUST_USE enum result configuration_commit(struct configuration *configuration,
						  uint32_t confirm_s, FILE *report,
						  json_t **changes);

/* RESULT_NOT_FOUND: there is nothing to confirm. */
SEKISHO_MUST_USE enum result configuration_confirm(struct configuration *configuration);

/* Back to what ran before the last commit. RESULT_NOT_FOUND: there is none; else as commit. */
SEKISHO_MUST_USE enum result configuration_undo(struct configuration *configuration, FILE *report,
						json_t **changes);

/* Seconds left to confirm the last commit; 0: none waits for it. */
uint32_t configuration_confirm_left_s(const struct configuration *configuration);

#endif
