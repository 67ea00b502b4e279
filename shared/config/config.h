/*
 * A configuration file in YAML, read value by value; every mistake is collected and told at the end
 * as file:line:column with the source line, all of one run together.
 *
 *	config_open()      reads the file; syntax errors are told at once
 *	config_text() ...  take the values; a wrong or missing one is noted, the caller goes on
 *	config_finish()    notes each key nobody asked for, tells all mistakes, RESULT_OK if none
 *	config_close()
 *
 * Every getter takes the mapping and a key; with key NULL the node itself is the value (an item of
 * a list). It returns whether a right value was there, and leaves *out alone otherwise, so that
 * defaults are put there before. Values are copied: nothing borrows from the file.
 */
#ifndef SEKISHO_SHARED_CONFIG_CONFIG_H
#define SEKISHO_SHARED_CONFIG_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "shared/contract/contract.h"
#include "shared/result.h"

/* Longest file, mistakes told at most, longest path a value may name. */
#define CONFIG_FILE_BYTES   (1024 * 1024)
#define CONFIG_MISTAKES_MAX 100
#define CONFIG_PATH_BYTES   1024

struct config;
struct fy_node;

/* A place in the file; passed by value, good until config_close(). */
struct config_node {
	struct config *config;
	struct fy_node *at; /* NULL: not there; getters on it note nothing and return false */
};

enum config_need { CONFIG_OPTIONAL, CONFIG_REQUIRED };

/* A word a value may be, and what it stands for. */
struct config_word {
	const char *word;
	unsigned value;
};

/*
 * Read the file at path. RESULT_IO: it cannot be read (errno; told on report); RESULT_BAD: it is no
 * YAML mapping, told on report as file:line:column; RESULT_MEMORY.
 */
enum result config_open(const char *path, FILE *report, struct config **config) SEKISHO_MUST_USE;

/* The same for bytes in memory; path is only what mistakes are told under. */
enum result config_open_bytes(const char *path, const char *at, size_t length, FILE *report,
			      struct config **config) SEKISHO_MUST_USE;

/* The mapping the whole file is. */
struct config_node config_root(struct config *config);

/* Tell every mistake on the report given to config_open(), in the order of lines. */
enum result config_finish(struct config *config) SEKISHO_MUST_USE;

/* NULL is none. */
void config_close(struct config *config);

/* Is the key there (its value may be wrong)? Does not count as asking for it. */
bool config_has(struct config_node map, const char *key);

/* A text of 1 to size-1 bytes without control characters. */
bool config_text(struct config_node map, const char *key, enum config_need need, char *out,
		 size_t size);

/* A path; one that is not absolute is taken from the folder of the configuration file. */
bool config_path(struct config_node map, const char *key, enum config_need need, char *out,
		 size_t size);

/* A domain name, put into lower case, no trailing dot; at most LIMIT_DOMAIN_BYTES. */
bool config_domain(struct config_node map, const char *key, enum config_need need,
		   char out[LIMIT_DOMAIN_BYTES + 1]);

/* A decimal number from min to max. */
bool config_integer(struct config_node map, const char *key, enum config_need need, uint64_t min,
		    uint64_t max, uint64_t *out);

/* "yes" or "true", "no" or "false". */
bool config_boolean(struct config_node map, const char *key, enum config_need need, bool *out);

/* One of count words. */
bool config_choice(struct config_node map, const char *key, enum config_need need,
		   const struct config_word *words, size_t count, unsigned *out);

/* A number with a unit ("250ms", "30s", "45min", "24h", "7d"), from min to max milliseconds. */
bool config_duration(struct config_node map, const char *key, enum config_need need,
		     uint64_t min_ms, uint64_t max_ms, uint64_t *out_ms);

/* An IP address alone ("192.0.2.1", "2001:db8::1", also in brackets); its port becomes 0. */
bool config_address(struct config_node map, const char *key, enum config_need need,
		    struct contract_address *out);

/*
 * An IP address with port ("192.0.2.1:5060", "[2001:db8::1]:5060"); without port it gets
 * default_port, or is a mistake if that is 0.
 */
bool config_endpoint(struct config_node map, const char *key, enum config_need need,
		     uint16_t default_port, struct contract_address *out);

/* An IP address and a prefix length ("192.0.2.1/24", "2001:db8::1/64"). */
bool config_prefix(struct config_node map, const char *key, enum config_need need,
		   struct contract_address *out, uint8_t *out_bits);

/* A mapping inside. If it is not there, *out is a node on which getters note nothing. */
bool config_map(struct config_node map, const char *key, enum config_need need,
		struct config_node *out);

/* A list of min to max items; *out is taken apart by config_item(). */
bool config_list(struct config_node map, const char *key, enum config_need need, size_t min,
		 size_t max, struct config_node *out);

/* How many items a list has (0 if it is not there), and the one at index. */
size_t config_count(struct config_node list);
struct config_node config_item(struct config_node list, size_t index);

/* Note a mistake of one's own at the value of key (or, if it is not there, at the mapping). */
void config_mistake(struct config_node map, const char *key, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
