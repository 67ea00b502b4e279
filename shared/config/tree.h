/* What the getters of a configuration share: the open file, its nodes and their places. */
#ifndef SEKISHO_SHARED_CONFIG_TREE_H
#define SEKISHO_SHARED_CONFIG_TREE_H

#include "shared/config/config.h"
#include "shared/config/mistakes.h"
#include "shared/slice.h"

struct fy_parser;
struct fy_document;

struct config {
	char path[CONFIG_PATH_BYTES];
	char *source; /* the whole file */
	size_t length;
	FILE *report;
	struct fy_parser *parser;
	struct fy_document *document;
	struct mistakes mistakes;
	struct fy_node **asked; /* every value a getter has looked at */
	size_t asked_count;
	size_t asked_capacity;
};

/*
 * The value of key in map, or map itself when key is NULL; marked as asked for. NULL if it is not
 * there; that is noted where it is required.
 */
struct fy_node *tree_find(struct config_node map, const char *key, enum config_need need);

/* Like tree_find(), of a scalar; another kind of value is noted. */
bool tree_scalar(struct config_node map, const char *key, enum config_need need, struct slice *out);

bool tree_was_asked(const struct config *config, const struct fy_node *node);

/* Where a node stands; false if that cannot be told (an empty value). */
bool tree_place(struct fy_node *node, size_t *line, size_t *column);

#endif
