/* The whole data plane, made from its configuration, run, and ended without anything left behind.
 */
#ifndef SEKISHO_DATAPLANE_PROCESS_H
#define SEKISHO_DATAPLANE_PROCESS_H

#include <stdio.h>

#include "dataplane/configuration.h"
#include "shared/result.h"

/* Runs until SIGINT or SIGTERM. RESULT_OK, or what went wrong, said on stderr. */
enum result process_run(const struct configuration *configuration) SEKISHO_MUST_USE;

/* Print the graph that a worker of this build walks, without ports. */
enum result process_print_graph(FILE *out) SEKISHO_MUST_USE;

#endif
