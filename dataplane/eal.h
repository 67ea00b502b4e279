/* DPDK's environment: its arguments from our configuration, its start and its end. */
#ifndef SEKISHO_DATAPLANE_EAL_H
#define SEKISHO_DATAPLANE_EAL_H

#include "dataplane/configuration.h"
#include "shared/result.h"

#define EAL_WORDS_MAX (64 + CONFIGURATION_ARGUMENTS + 2 * CONFIGURATION_PORTS)

/* An argument vector as rte_eal_init() takes it. */
struct eal_words {
	int count;
	char *word[EAL_WORDS_MAX]; /* each from malloc */
};

/*
 * The words for a configuration: hugepages with --in-memory (nothing of the keys' memory stays
 * behind), else --no-huge; no telemetry; lcore 0 for control, 1.. for workers. RESULT_OK,
 * RESULT_SPACE or RESULT_MEMORY.
 */
enum result eal_words_make(const struct configuration *configuration,
			   struct eal_words *words) SEKISHO_MUST_USE;
void eal_words_free(struct eal_words *words);

/* Start DPDK. RESULT_OK, or RESULT_IO; DPDK has then said why. */
enum result eal_start(const struct configuration *configuration) SEKISHO_MUST_USE;

/* End it. */
void eal_end(void);

#endif
