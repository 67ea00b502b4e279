/*
 * rte_eal_init() that leaves nothing behind. DPDK makes a directory for each --file-prefix, also
 * for who shares nothing (--in-memory, --no-shconf), and never takes it away: thousands come
 * together so.
 */
#ifndef SEKISHO_DATAPLANE_EAL_INIT_H
#define SEKISHO_DATAPLANE_EAL_INIT_H

/*
 * Arguments and result are rte_eal_init()'s; --in-memory or --no-shconf must be among them. The
 * directory goes at once, so that none is left by a process that is killed; one with something in
 * it is somebody else's and stays.
 */
int eal_init(int count, char **words);

#endif
