/*
 * A configuration as a flat list of paths and values, to tell two of them apart:
 * "peers[xyz.com].dial" is the key "dial" of the item of the list "peers" whose "name" is xyz.com.
 * A list of single values is one value.
 */
#ifndef SEKISHO_SHARED_CONFIG_FLAT_H
#define SEKISHO_SHARED_CONFIG_FLAT_H

#include <stddef.h>

#include "shared/config/config.h"

struct config_flat_item {
	char *path, *value;
};

/* Sorted by path. All zeroes is an empty one. */
struct config_flat {
	size_t count, capacity;
	struct config_flat_item *item;
};

/* Everything in the file. RESULT_OK or RESULT_MEMORY; is to be destroyed also then. */
enum result config_flat_read(struct config *config, struct config_flat *flat) SEKISHO_MUST_USE;
void config_flat_destroy(struct config_flat *flat);

/* A value that is not the same in both; from or to is NULL where the key is not there. */
typedef void config_difference(void *ctx, const char *path, const char *from, const char *to);

/* Tell every difference, in the order of paths. */
void config_flat_compare(const struct config_flat *from, const struct config_flat *to,
			 config_difference *difference, void *ctx);

#endif
