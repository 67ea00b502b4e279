/* What the tests of the configuration reader share: a text is opened, its report is kept. */
#ifndef SEKISHO_TESTS_CONFIG_OPENED_H
#define SEKISHO_TESTS_CONFIG_OPENED_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "shared/config/config.h"

struct told {
	char *text;
	size_t length;
};

struct opened {
	struct config *config;
	struct config_node root;
	FILE *report;
	struct told *told; /* apart, since the report keeps pointers into it */
};

static inline struct opened opened_make(const char *text)
{
	struct opened o = {.told = calloc(1, sizeof(*o.told))};

	assert_non_null(o.told);
	o.report = open_memstream(&o.told->text, &o.told->length);
	assert_non_null(o.report);
	assert_int_equal(config_open_bytes("conf/a.yaml", text, strlen(text), o.report, &o.config),
			 RESULT_OK);
	o.root = config_root(o.config);
	return o;
}

/* Finish, and what was told must be exactly this ("" for no mistake). */
static inline void opened_expect(struct opened *o, const char *told)
{
	assert_int_equal(config_finish(o->config), *told == '\0' ? RESULT_OK : RESULT_BAD);
	config_close(o->config);
	fclose(o->report);
	assert_string_equal(o->told->text, told);
	free(o->told->text);
	free(o->told);
}

#endif
