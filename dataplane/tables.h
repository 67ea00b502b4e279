/* All tables of the data plane, made and ended together. */
#ifndef SEKISHO_DATAPLANE_TABLES_H
#define SEKISHO_DATAPLANE_TABLES_H

#include "dataplane/configuration.h"
#include "dataplane/worker.h"
#include "shared/result.h"

struct deferred;
struct rte_rcu_qsbr;
struct table_set;

/* Everything in struct tables but ports, which port_table_start() fills in, zeroed here. RESULT_OK,
 * or what went wrong, said on stderr. */
enum result table_set_create(const struct configuration *configuration, struct rte_rcu_qsbr *rcu,
			     struct table_set **set) SEKISHO_MUST_USE;
/* No worker reads any more. Wipes all keys. */
void table_set_destroy(struct table_set *set);

const struct tables *table_set_view(const struct table_set *set);

/* The waiting room of all of them, for the control lcore to empty. */
struct deferred *table_set_deferred(const struct table_set *set);

#endif
