/* The last include of every node file: what a node must never do does not compile. */
#ifndef SEKISHO_DATAPLANE_NODES_FORBID_H
#define SEKISHO_DATAPLANE_NODES_FORBID_H

#pragma GCC poison malloc calloc realloc free strdup strndup asprintf vasprintf
#pragma GCC poison rte_malloc rte_zmalloc rte_calloc rte_realloc rte_free
#pragma GCC poison printf fprintf vprintf vfprintf dprintf puts fputs sprintf snprintf syslog
#pragma GCC poison rte_log
#pragma GCC poison pthread_mutex_lock rte_spinlock_lock rte_rwlock_read_lock rte_rwlock_write_lock
#pragma GCC poison open read write close ioctl poll select send recv sendmsg recvmsg sendto recvfrom
#pragma GCC poison time gettimeofday clock_gettime usleep nanosleep sleep getenv system
#pragma GCC poison strlen strcpy strcat strncpy sscanf float double

#endif
