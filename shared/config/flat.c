#include "shared/config/flat.h"

#include <libfyaml.h>
#include <stdlib.h>

#include "shared/config/tree.h"

/* Where the walk is: the path so far, and whether memory ran out. */
struct walk {
	struct config_flat *flat;
	enum result result;
};

static void walk_node(struct walk *walk, const char *path, struct fy_node *node);

/* Takes both strings. */
static void add(struct walk *walk, char *path, char *value)
{
	struct config_flat *flat = walk->flat;

	if (flat->count == flat->capacity && path != NULL && value != NULL) {
		size_t capacity = flat->capacity == 0 ? 64 : 2 * flat->capacity;
		struct config_flat_item *item = realloc(flat->item, capacity * sizeof(*item));

		if (item != NULL) {
			flat->item = item;
			flat->capacity = capacity;
		}
	}
	if (path == NULL || value == NULL || flat->count == flat->capacity) {
		free(path);
		free(value);
		walk->result = RESULT_MEMORY;
		return;
	}
	flat->item[flat->count++] = (struct config_flat_item){path, value};
}

static char *scalar_copy(struct fy_node *node)
{
	size_t length = 0;
	const char *text = fy_node_get_scalar(node, &length);

	return text != NULL ? strndup(text, length) : strdup("");
}

static bool is_of_scalars(struct fy_node *list)
{
	for (int i = 0; i < fy_node_sequence_item_count(list); i++)
		if (!fy_node_is_scalar(fy_node_sequence_get_by_index(list, i)))
			return false;
	return true;
}

/* "a, b"; NULL: no memory. */
static char *list_join(struct fy_node *list)
{
	char *text = NULL;
	size_t size;
	FILE *to = open_memstream(&text, &size);

	if (to == NULL)
		return NULL;
	for (int i = 0; i < fy_node_sequence_item_count(list); i++) {
		char *item = scalar_copy(fy_node_sequence_get_by_index(list, i));

		fprintf(to, "%s%s", i > 0 ? ", " : "", item != NULL ? item : "");
		free(item);
	}
	fclose(to);
	return text;
}

/* An item is known by its name, so that one more before it changes nothing; else by its place. */
static char *item_path(const char *path, struct fy_node *item, int place)
{
	struct fy_node *name = fy_node_is_mapping(item)
				       ? fy_node_mapping_lookup_by_string(item, "name", FY_NT)
				       : NULL;
	char *text = name != NULL ? scalar_copy(name) : NULL, *made = NULL;
	int length = text != NULL ? asprintf(&made, "%s[%s]", path, text)
				  : asprintf(&made, "%s[%d]", path, place + 1);

	free(text);
	return length >= 0 ? made : NULL;
}

static void walk_list(struct walk *walk, const char *path, struct fy_node *list)
{
	for (int i = 0; i < fy_node_sequence_item_count(list); i++) {
		struct fy_node *item = fy_node_sequence_get_by_index(list, i);
		char *inner = item_path(path, item, i);

		if (inner == NULL)
			walk->result = RESULT_MEMORY;
		else
			walk_node(walk, inner, item);
		free(inner);
	}
}

static void walk_map(struct walk *walk, const char *path, struct fy_node *map)
{
	struct fy_node_pair *pair;
	void *next = NULL;

	while ((pair = fy_node_mapping_iterate(map, &next)) != NULL) {
		char *key = scalar_copy(fy_node_pair_key(pair)), *inner = NULL;

		if (key == NULL ||
		    asprintf(&inner, "%s%s%s", path, path[0] != '\0' ? "." : "", key) < 0)
			walk->result = RESULT_MEMORY;
		else
			walk_node(walk, inner, fy_node_pair_value(pair));
		free(key);
		free(inner);
	}
}

static void walk_node(struct walk *walk, const char *path, struct fy_node *node)
{
	if (node == NULL)
		add(walk, strdup(path), strdup(""));
	else if (fy_node_is_mapping(node))
		walk_map(walk, path, node);
	else if (fy_node_is_sequence(node) && !is_of_scalars(node))
		walk_list(walk, path, node);
	else if (fy_node_is_sequence(node))
		add(walk, strdup(path), list_join(node));
	else
		add(walk, strdup(path), scalar_copy(node));
}

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct config_flat_item *)a)->path,
		      ((const struct config_flat_item *)b)->path);
}

enum result config_flat_read(struct config *config, struct config_flat *flat)
{
	struct walk walk = {.flat = flat, .result = RESULT_OK};

	*flat = (struct config_flat){0};
	walk_node(&walk, "", config_root(config).at);
	if (flat->count > 0)
		qsort(flat->item, flat->count, sizeof(*flat->item), by_path);
	return walk.result;
}

void config_flat_destroy(struct config_flat *flat)
{
	for (size_t i = 0; i < flat->count; i++) {
		free(flat->item[i].path);
		free(flat->item[i].value);
	}
	free(flat->item);
	*flat = (struct config_flat){0};
}

/* Below 0: the next path is a's alone; above: b's alone. */
static int next_compare(const struct config_flat *a, size_t i, const struct config_flat *b,
			size_t j)
{
	if (i == a->count)
		return 1;
	if (j == b->count)
		return -1;
	return strcmp(a->item[i].path, b->item[j].path);
}

void config_flat_compare(const struct config_flat *from, const struct config_flat *to,
			 config_difference *difference, void *ctx)
{
	size_t i = 0, j = 0;

	while (i < from->count || j < to->count) {
		int order = next_compare(from, i, to, j);
		const struct config_flat_item *old = order <= 0 ? &from->item[i++] : NULL;
		const struct config_flat_item *new = order >= 0 ? &to->item[j++] : NULL;

		if (old == NULL || new == NULL || strcmp(old->value, new->value) != 0)
			difference(ctx, old != NULL ? old->path : new->path,
				   old != NULL ? old->value : NULL,
				   new != NULL ? new->value : NULL);
	}
}
