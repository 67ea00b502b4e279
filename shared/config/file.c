#include "shared/config/tree.h"

#include <errno.h>
#include <libfyaml.h>
#include <stdlib.h>

static void note(struct config *config, size_t line, size_t column, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

static void note(struct config *config, size_t line, size_t column, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	mistakes_note(&config->mistakes, line, column, format, arguments);
	va_end(arguments);
}

/* What libfyaml found wrong becomes mistakes like any other. */
static void syntax_note(struct config *config, struct fy_diag *diag)
{
	struct fy_diag_error *error;
	void *next = NULL;

	while ((error = fy_diag_errors_iterate(diag, &next)) != NULL)
		note(config, error->line > 0 ? (size_t)error->line : 1,
		     error->column > 0 ? (size_t)error->column : 1, "%s", error->msg);
	if (config->mistakes.count == 0)
		note(config, 1, 1, "this is not YAML");
}

static void document_load(struct config *config, struct fy_diag *diag)
{
	struct fy_parse_cfg cfg = {.flags = FYPCF_QUIET | FYPCF_ALLOW_DUPLICATE_KEYS, .diag = diag};
	struct fy_document *second;

	config->parser = fy_parser_create(&cfg);
	if (config->parser == NULL ||
	    fy_parser_set_string(config->parser, config->source, config->length) != 0)
		return;
	config->document = fy_parse_load_document(config->parser);
	if (config->document == NULL)
		return;
	second = fy_parse_load_document(config->parser);
	if (second == NULL && !fy_parser_get_stream_error(config->parser))
		return;
	if (second != NULL)
		note(config, 1, 1, "there is more than one YAML document in this file");
	fy_parse_document_destroy(config->parser, second);
	fy_parse_document_destroy(config->parser, config->document);
	config->document = NULL;
}

static enum result config_parse(struct config *config)
{
	struct fy_diag_cfg cfg;
	struct fy_diag *diag;

	fy_diag_cfg_default(&cfg);
	cfg.fp = NULL;
	diag = fy_diag_create(&cfg);
	if (diag == NULL)
		return RESULT_MEMORY;
	fy_diag_set_collect_errors(diag, true);
	document_load(config, diag);
	if (config->document == NULL && config->mistakes.count == 0 && config->length > 0)
		syntax_note(config, diag);
	else if (config->document == NULL && config->length == 0)
		note(config, 1, 1, "the file is empty");
	else if (config->document != NULL &&
		 !fy_node_is_mapping(fy_document_root(config->document)))
		note(config, 1, 1, "a mapping of keys and values is expected here");
	fy_diag_reset_error(diag); /* frees what was collected, which unref does not */
	fy_diag_unref(diag);
	return config->mistakes.count == 0 ? RESULT_OK : RESULT_BAD;
}

/* Takes source, also when it fails. */
static enum result config_create(const char *path, char *source, size_t length, FILE *report,
				 struct config **out)
{
	struct config *config = calloc(1, sizeof(*config));
	enum result result;

	if (config == NULL) {
		free(source);
		return RESULT_MEMORY;
	}
	config->source = source;
	config->length = length;
	config->report = report;
	snprintf(config->path, sizeof(config->path), "%s", path);
	config->mistakes.capacity = CONFIG_MISTAKES_MAX;
	config->mistakes.at = calloc(CONFIG_MISTAKES_MAX, sizeof(*config->mistakes.at));
	result = config->mistakes.at == NULL ? RESULT_MEMORY : config_parse(config);
	if (result == RESULT_OK) {
		*out = config;
		return RESULT_OK;
	}
	if (result == RESULT_BAD)
		mistakes_tell(&config->mistakes, path, source, length, report);
	config_close(config);
	return result;
}

enum result config_open_bytes(const char *path, const char *at, size_t length, FILE *report,
			      struct config **config)
{
	char *source = malloc(length + 1);

	if (source == NULL)
		return RESULT_MEMORY;
	memcpy(source, at, length);
	source[length] = '\0';
	return config_create(path, source, length, report, config);
}

enum result config_open(const char *path, FILE *report, struct config **config)
{
	FILE *file = fopen(path, "re");
	char *source = malloc(CONFIG_FILE_BYTES + 1);
	size_t length = 0;
	int error;

	if (file != NULL && source != NULL)
		length = fread(source, 1, CONFIG_FILE_BYTES + 1, file);
	if (file == NULL || source == NULL || ferror(file) || length > CONFIG_FILE_BYTES) {
		error = length > CONFIG_FILE_BYTES ? EFBIG : errno;
		fprintf(report, "%s: the configuration cannot be read: %s\n", path,
			strerror(error));
		if (file != NULL)
			fclose(file);
		free(source);
		errno = error;
		return source == NULL ? RESULT_MEMORY : RESULT_IO;
	}
	fclose(file);
	source[length] = '\0';
	return config_create(path, source, length, report, config);
}

struct config_node config_root(struct config *config)
{
	return (struct config_node){config, fy_document_root(config->document)};
}

/* Is this key already there above in the mapping? */
static bool key_is_repeated(struct fy_node *map, struct fy_node_pair *pair)
{
	struct fy_node_pair *other;
	void *next = NULL;
	size_t length, other_length;
	const char *key = fy_node_get_scalar(fy_node_pair_key(pair), &length);

	while ((other = fy_node_mapping_iterate(map, &next)) != NULL && other != pair) {
		const char *text = fy_node_get_scalar(fy_node_pair_key(other), &other_length);

		if (key != NULL && text != NULL && length == other_length &&
		    memcmp(key, text, length) == 0)
			return true;
	}
	return false;
}

static void pair_check(struct config *config, struct fy_node *map, struct fy_node_pair *pair)
{
	size_t line = 1, column = 1, length = 0;
	const char *key = fy_node_get_scalar(fy_node_pair_key(pair), &length);

	tree_place(fy_node_pair_key(pair), &line, &column);
	if (length > 64)
		length = 64;
	if (key_is_repeated(map, pair))
		note(config, line, column, "\"%.*s\" stands here a second time", (int)length, key);
	else if (!tree_was_asked(config, fy_node_pair_value(pair)))
		note(config, line, column, "\"%.*s\" is no known key here",
		     key == NULL ? 1 : (int)length, key == NULL ? "?" : key);
}

/* Every key of what was asked for must have been asked for itself. */
static void tree_check(struct config *config, struct fy_node *node)
{
	struct fy_node_pair *pair;
	void *next = NULL;

	if (fy_node_is_mapping(node)) {
		while ((pair = fy_node_mapping_iterate(node, &next)) != NULL) {
			pair_check(config, node, pair);
			if (fy_node_pair_value(pair) != NULL &&
			    tree_was_asked(config, fy_node_pair_value(pair)))
				tree_check(config, fy_node_pair_value(pair));
		}
	} else if (fy_node_is_sequence(node)) {
		for (int i = 0; i < fy_node_sequence_item_count(node); i++)
			if (tree_was_asked(config, fy_node_sequence_get_by_index(node, i)))
				tree_check(config, fy_node_sequence_get_by_index(node, i));
	}
}

enum result config_finish(struct config *config)
{
	tree_check(config, fy_document_root(config->document));
	if (config->mistakes.count == 0)
		return RESULT_OK;
	mistakes_tell(&config->mistakes, config->path, config->source, config->length,
		      config->report);
	return RESULT_BAD;
}

void config_close(struct config *config)
{
	if (config == NULL)
		return;
	if (config->document != NULL)
		fy_parse_document_destroy(config->parser, config->document);
	if (config->parser != NULL)
		fy_parser_destroy(config->parser);
	free(config->asked);
	free(config->mistakes.at);
	free(config->source);
	free(config);
}
