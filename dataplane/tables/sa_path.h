/*
 * What is known of the way to an SA's other side: an SA that follows another on the same way, to the
 * same owner, begins with what that one has learned, and with the age of it. Control lcore only.
 */
#ifndef SEKISHO_DATAPLANE_TABLES_SA_PATH_H
#define SEKISHO_DATAPLANE_TABLES_SA_PATH_H

#include <stdint.h>

struct sa_table;

/*
 * info[index] sends, and where to has just been said: its path begins with what another live SA of the
 * same owner knows of it, else with what every path carries. From now on it is one that others follow.
 */
void sa_path_begin(struct sa_table *table, uint32_t index);

/* It is about to send elsewhere, or to end. */
void sa_path_end(struct sa_table *table, uint32_t index);

#endif
