/*
 * A port's exception interface: our own TAP, by which the kernel sees everything at the port that
 * is not ours, and sends. Served by the control lcore.
 */
#ifndef SEKISHO_DATAPLANE_IO_TAP_H
#define SEKISHO_DATAPLANE_IO_TAP_H

#include <stddef.h>
#include <stdint.h>

#include "shared/result.h"

struct tap {
	int fd;
	unsigned ifindex;
};

/* Make the interface `name`, down; it goes when the descriptor does. RESULT_OK, RESULT_EXISTS (one
 * of that name is there), RESULT_IO (errno). */
enum result tap_open(const char *name, struct tap *tap) SEKISHO_MUST_USE;
void tap_close(struct tap *tap);

/* A frame the kernel sends: *length bytes, at most size. RESULT_OK, RESULT_NOT_FOUND (none waits)
 * or RESULT_IO. */
enum result tap_read(const struct tap *tap, void *at, size_t size, size_t *length) SEKISHO_MUST_USE;

/* A frame for the kernel. RESULT_OK or RESULT_IO (also when it takes no more now). */
enum result tap_write(const struct tap *tap, const void *at, size_t length) SEKISHO_MUST_USE;

#endif
