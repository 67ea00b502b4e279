#include "shared/config/tree.h"

#include <stdlib.h>

/* Shown of a wrong value. */
#define SHOWN(text) (int)((text).len < 64 ? (text).len : 64), (text).at

static bool text_is_plain(struct slice text)
{
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.at[i] < ' ' || text.at[i] == 0x7f)
			return false;
	return true;
}

bool config_text(struct config_node map, const char *key, enum config_need need, char *out,
		 size_t size)
{
	struct slice text;

	if (!tree_scalar(map, key, need, &text))
		return false;
	if (text.len == 0 || !text_is_plain(text)) {
		config_mistake(map, key, "a text without control characters is expected here");
		return false;
	}
	if (text.len >= size) {
		config_mistake(map, key, "this is longer than %zu bytes", size - 1);
		return false;
	}
	memcpy(out, text.at, text.len);
	out[text.len] = '\0';
	return true;
}

bool config_path(struct config_node map, const char *key, enum config_need need, char *out,
		 size_t size)
{
	char path[CONFIG_PATH_BYTES], whole[2 * CONFIG_PATH_BYTES];
	const char *slash;
	int length;

	if (!config_text(map, key, need, path, sizeof(path)))
		return false;
	slash = strrchr(map.config->path, '/');
	if (path[0] == '/' || slash == NULL)
		length = snprintf(whole, sizeof(whole), "%s", path);
	else
		length = snprintf(whole, sizeof(whole), "%.*s/%s", (int)(slash - map.config->path),
				  map.config->path, path);
	if (length < 0 || (size_t)length >= size) {
		config_mistake(map, key, "the path is longer than %zu bytes", size - 1);
		return false;
	}
	memcpy(out, whole, (size_t)length + 1);
	return true;
}

static bool label_byte_is_good(char byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') || byte == '-';
}

/* Letters, digits and hyphens in labels of 1 to 63 bytes (RFC 1123 2.1). */
static bool domain_is_good(const char *domain, size_t length)
{
	size_t label = 0;

	for (size_t i = 0; i < length; i++) {
		if (domain[i] == '.') {
			if (label == 0 || domain[i - 1] == '-')
				return false;
			label = 0;
			continue;
		}
		if (!label_byte_is_good(domain[i]) || (label == 0 && domain[i] == '-') ||
		    ++label > 63)
			return false;
	}
	return label > 0 && domain[length - 1] != '-';
}

bool config_domain(struct config_node map, const char *key, enum config_need need,
		   char out[LIMIT_DOMAIN_BYTES + 1])
{
	char domain[LIMIT_DOMAIN_BYTES + 1];
	struct slice text;

	if (!tree_scalar(map, key, need, &text))
		return false;
	for (size_t i = 0; i < text.len && i < LIMIT_DOMAIN_BYTES; i++)
		domain[i] = text.at[i] >= 'A' && text.at[i] <= 'Z' ? (char)(text.at[i] | 0x20)
								   : text.at[i];
	if (text.len > LIMIT_DOMAIN_BYTES || !domain_is_good(domain, text.len)) {
		config_mistake(map, key, "\"%.*s\" is no domain name", SHOWN(text));
		return false;
	}
	memcpy(out, domain, text.len);
	out[text.len] = '\0';
	return true;
}

/* Leading digits of text; those read are cut off it. At most 18, so that nothing overflows. */
static bool digits_read(struct slice *text, uint64_t *out)
{
	uint64_t value = 0;
	size_t i;

	for (i = 0; i < text->len && i < 19 && text->at[i] >= '0' && text->at[i] <= '9'; i++)
		value = 10 * value + (uint64_t)(text->at[i] - '0');
	if (i == 0 || i == 19)
		return false;
	*text = slice_make(text->at + i, text->len - i);
	*out = value;
	return true;
}

bool config_integer(struct config_node map, const char *key, enum config_need need, uint64_t min,
		    uint64_t max, uint64_t *out)
{
	struct slice text, rest;
	uint64_t value;

	if (!tree_scalar(map, key, need, &text))
		return false;
	rest = text;
	if (!digits_read(&rest, &value) || rest.len != 0 || value < min || value > max) {
		config_mistake(map, key, "\"%.*s\" is no whole number from %llu to %llu",
			       SHOWN(text), (unsigned long long)min, (unsigned long long)max);
		return false;
	}
	*out = value;
	return true;
}

bool config_boolean(struct config_node map, const char *key, enum config_need need, bool *out)
{
	struct slice text;

	if (!tree_scalar(map, key, need, &text))
		return false;
	if (slice_is_equal(text, SLICE("yes")) || slice_is_equal(text, SLICE("true"))) {
		*out = true;
		return true;
	}
	if (slice_is_equal(text, SLICE("no")) || slice_is_equal(text, SLICE("false"))) {
		*out = false;
		return true;
	}
	config_mistake(map, key, "\"%.*s\" is neither yes nor no", SHOWN(text));
	return false;
}

static void choice_mistake(struct config_node map, const char *key, struct slice text,
			   const struct config_word *words, size_t count)
{
	char all[128] = "";

	for (size_t i = 0; i < count; i++) {
		size_t used = strlen(all);

		snprintf(all + used, sizeof(all) - used, "%s%s",
			 i == 0		  ? ""
			 : i + 1 == count ? " or "
					  : ", ",
			 words[i].word);
	}
	config_mistake(map, key, "\"%.*s\" is not %s", SHOWN(text), all);
}

bool config_choice(struct config_node map, const char *key, enum config_need need,
		   const struct config_word *words, size_t count, unsigned *out)
{
	struct slice text;

	if (!tree_scalar(map, key, need, &text))
		return false;
	for (size_t i = 0; i < count; i++) {
		if (slice_is_equal(text, slice_make(words[i].word, strlen(words[i].word)))) {
			*out = words[i].value;
			return true;
		}
	}
	choice_mistake(map, key, text, words, count);
	return false;
}

static const struct config_word duration_units[] = {
	{"ms", 1},	    {"s", 1000},	{"m", 60 * 1000},
	{"min", 60 * 1000}, {"h", 3600 * 1000}, {"d", 86400000},
};

static bool unit_find(struct slice text, uint64_t *ms)
{
	for (size_t i = 0; i < sizeof(duration_units) / sizeof(*duration_units); i++) {
		const char *word = duration_units[i].word;

		if (slice_is_equal(text, slice_make(word, strlen(word)))) {
			*ms = duration_units[i].value;
			return true;
		}
	}
	return false;
}

bool config_duration(struct config_node map, const char *key, enum config_need need,
		     uint64_t min_ms, uint64_t max_ms, uint64_t *out_ms)
{
	struct slice text, rest;
	uint64_t value, unit_ms;

	if (!tree_scalar(map, key, need, &text))
		return false;
	rest = text;
	if (!digits_read(&rest, &value) || !unit_find(rest, &unit_ms)) {
		config_mistake(map, key,
			       "\"%.*s\" is no time: a number and ms, s, min, h or d are expected",
			       SHOWN(text));
		return false;
	}
	if (value > UINT64_MAX / unit_ms || value * unit_ms < min_ms || value * unit_ms > max_ms) {
		config_mistake(map, key, "the time is not from %llu ms to %llu ms",
			       (unsigned long long)min_ms, (unsigned long long)max_ms);
		return false;
	}
	*out_ms = value * unit_ms;
	return true;
}
