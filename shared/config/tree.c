#include "shared/config/tree.h"

#include <libfyaml.h>
#include <stdlib.h>

static struct fy_node_pair *pair_find(struct fy_node *map, const char *key)
{
	struct fy_node_pair *pair;
	void *next = NULL;
	size_t key_length = strlen(key), length;

	while ((pair = fy_node_mapping_iterate(map, &next)) != NULL) {
		const char *text = fy_node_get_scalar(fy_node_pair_key(pair), &length);

		if (text != NULL && length == key_length && memcmp(text, key, length) == 0)
			return pair;
	}
	return NULL;
}

static void tree_ask(struct config *config, struct fy_node *node)
{
	if (config->asked_count == config->asked_capacity) {
		size_t capacity = config->asked_capacity == 0 ? 64 : 2 * config->asked_capacity;
		struct fy_node **asked = realloc(config->asked, capacity * sizeof(*asked));

		/* Without memory the key stays unasked, and is refused: never accepted unseen. */
		if (asked == NULL)
			return;
		config->asked = asked;
		config->asked_capacity = capacity;
	}
	config->asked[config->asked_count++] = node;
}

bool tree_was_asked(const struct config *config, const struct fy_node *node)
{
	for (size_t i = 0; i < config->asked_count; i++)
		if (config->asked[i] == node)
			return true;
	return false;
}

bool tree_place(struct fy_node *node, size_t *line, size_t *column)
{
	const struct fy_mark *mark;
	struct fy_node_pair *pair;
	void *next = NULL;

	if (node == NULL)
		return false;
	if (fy_node_is_mapping(node)) {
		pair = fy_node_mapping_iterate(node, &next);
		return pair != NULL && tree_place(fy_node_pair_key(pair), line, column);
	}
	if (fy_node_is_sequence(node))
		return tree_place(fy_node_sequence_get_by_index(node, 0), line, column);
	if (fy_node_get_scalar_token(node) == NULL)
		return false;
	mark = fy_token_start_mark(fy_node_get_scalar_token(node));
	if (mark == NULL)
		return false;
	*line = (size_t)mark->line + 1;
	*column = (size_t)mark->column + 1;
	/* The mark stands behind a quote or an alias' asterisk. */
	if (*column > 1 && (fy_node_get_style(node) == FYNS_SINGLE_QUOTED ||
			    fy_node_get_style(node) == FYNS_DOUBLE_QUOTED ||
			    fy_node_get_style(node) == FYNS_ALIAS))
		(*column)--;
	return true;
}

static void place_of(struct config_node map, const char *key, size_t *line, size_t *column)
{
	struct fy_node_pair *pair = NULL;

	*line = 1;
	*column = 1;
	if (key != NULL && fy_node_is_mapping(map.at))
		pair = pair_find(map.at, key);
	if (pair == NULL)
		tree_place(map.at, line, column);
	else if (!tree_place(fy_node_pair_value(pair), line, column))
		tree_place(fy_node_pair_key(pair), line, column);
}

void config_mistake(struct config_node map, const char *key, const char *format, ...)
{
	size_t line, column;
	va_list arguments;

	if (map.at == NULL)
		return;
	place_of(map, key, &line, &column);
	va_start(arguments, format);
	mistakes_note(&map.config->mistakes, line, column, format, arguments);
	va_end(arguments);
}

bool config_has(struct config_node map, const char *key)
{
	return map.at != NULL && fy_node_is_mapping(map.at) && pair_find(map.at, key) != NULL;
}

struct fy_node *tree_find(struct config_node map, const char *key, enum config_need need)
{
	struct fy_node_pair *pair;

	if (map.at == NULL)
		return NULL;
	if (key == NULL) {
		tree_ask(map.config, map.at);
		return map.at;
	}
	if (!fy_node_is_mapping(map.at)) {
		config_mistake(map, NULL, "a mapping with \"%s\" is expected here", key);
		return NULL;
	}
	pair = pair_find(map.at, key);
	if (pair == NULL) {
		if (need == CONFIG_REQUIRED)
			config_mistake(map, NULL, "\"%s\" is missing here", key);
		return NULL;
	}
	tree_ask(map.config, fy_node_pair_value(pair));
	if (fy_node_pair_value(pair) == NULL || fy_node_is_null(fy_node_pair_value(pair))) {
		config_mistake(map, key, "\"%s\" has no value", key);
		return NULL;
	}
	return fy_node_pair_value(pair);
}

bool tree_scalar(struct config_node map, const char *key, enum config_need need, struct slice *out)
{
	struct fy_node *node = tree_find(map, key, need);

	if (node == NULL)
		return false;
	if (!fy_node_is_scalar(node) || fy_node_is_alias(node)) {
		config_mistake(map, key, "a single value is expected here");
		return false;
	}
	out->at = fy_node_get_scalar(node, &out->len);
	return out->at != NULL;
}

bool config_map(struct config_node map, const char *key, enum config_need need,
		struct config_node *out)
{
	struct fy_node *node = tree_find(map, key, need);

	*out = (struct config_node){map.config, NULL};
	if (node == NULL)
		return false;
	if (!fy_node_is_mapping(node)) {
		config_mistake(map, key, "a mapping of keys and values is expected here");
		return false;
	}
	out->at = node;
	return true;
}

bool config_list(struct config_node map, const char *key, enum config_need need, size_t min,
		 size_t max, struct config_node *out)
{
	struct fy_node *node = tree_find(map, key, need);
	size_t count;

	*out = (struct config_node){map.config, NULL};
	if (node == NULL)
		return false;
	if (!fy_node_is_sequence(node)) {
		config_mistake(map, key, "a list is expected here");
		return false;
	}
	count = (size_t)fy_node_sequence_item_count(node);
	if (count < min || count > max) {
		config_mistake(map, key, "a list of %zu to %zu is expected here, this has %zu", min,
			       max, count);
		return false;
	}
	out->at = node;
	return true;
}

size_t config_count(struct config_node list)
{
	if (list.at == NULL || !fy_node_is_sequence(list.at))
		return 0;
	return (size_t)fy_node_sequence_item_count(list.at);
}

struct config_node config_item(struct config_node list, size_t index)
{
	struct config_node item = {list.config, NULL};

	if (index < config_count(list)) {
		item.at = fy_node_sequence_get_by_index(list.at, (int)index);
		tree_ask(list.config, item.at);
	}
	return item;
}
