/* Answers as tables for people: a title line, a row for each object, columns as wide as needed. */
#ifndef SEKISHO_CONTROLPLANE_CLI_TABLE_H
#define SEKISHO_CONTROLPLANE_CLI_TABLE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#define TABLE_COLUMNS_MAX 16

struct column {
	const char *title;
	const char *field;
	bool is_time; /* Unix time, shown as local date and time; 0 as "-" */
};

/* Rows are the objects of list; missing and null fields are shown as "-". */
void table_show(const struct column *columns, size_t count, const json_t *list, FILE *to);

/* A Unix time as a table has it: local, "-" for 0. */
void table_time_show(json_int_t seconds, FILE *to);

#endif
