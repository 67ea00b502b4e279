#include "controlplane/cli/table.h"

#include <string.h>
#include <time.h>

#include "shared/readable.h"

#define CELL_BYTES 256

static void time_show(json_int_t seconds, char out[CELL_BYTES])
{
	time_t at = (time_t)seconds;
	struct tm parts;

	if (seconds == 0 || localtime_r(&at, &parts) == NULL ||
	    strftime(out, CELL_BYTES, "%Y-%m-%d %H:%M:%S", &parts) == 0)
		strcpy(out, "-");
}

void table_time_show(json_int_t seconds, FILE *to)
{
	char text[CELL_BYTES];

	time_show(seconds, text);
	fputs(text, to);
}

static void list_show(const json_t *list, char out[CELL_BYTES])
{
	size_t index, used = 0;
	json_t *item;

	strcpy(out, "-");
	json_array_foreach(list, index, item)
	{
		int length = snprintf(out + used, CELL_BYTES - used, "%s%s", index == 0 ? "" : ",",
				      json_is_string(item) ? json_string_value(item) : "?");

		if (length < 0 || (size_t)length >= CELL_BYTES - used)
			return;
		used += (size_t)length;
	}
}

static void cell_show(const struct column *column, const json_t *row, char out[CELL_BYTES])
{
	const json_t *value = json_object_get(row, column->field);

	if (json_is_integer(value) && column->is_time)
		time_show(json_integer_value(value), out);
	else if (json_is_integer(value))
		snprintf(out, CELL_BYTES, "%lld", (long long)json_integer_value(value));
	else if (json_is_boolean(value))
		strcpy(out, json_is_true(value) ? "yes" : "no");
	else if (json_is_array(value))
		list_show(value, out);
	else if (json_is_string(value) && json_string_length(value) > 0)
		snprintf(out, CELL_BYTES, "%s", json_string_value(value));
	else
		strcpy(out, "-");
	readable_make(out, strlen(out), ""); /* it may have been said by others */
}

static bool column_is_number(const struct column *column, const json_t *list)
{
	return !column->is_time &&
	       json_is_integer(json_object_get(json_array_get(list, 0), column->field));
}

void table_show(const struct column *columns, size_t count, const json_t *list, FILE *to)
{
	int width[TABLE_COLUMNS_MAX];
	char cell[CELL_BYTES];
	size_t index;
	json_t *row;

	for (size_t i = 0; i < count; i++) {
		width[i] = (int)strlen(columns[i].title);
		json_array_foreach(list, index, row)
		{
			cell_show(&columns[i], row, cell);
			if ((int)strlen(cell) > width[i])
				width[i] = (int)strlen(cell);
		}
		if (!column_is_number(&columns[i], list))
			width[i] = -width[i];
	}
	for (size_t i = 0; i < count; i++)
		fprintf(to, "%s%*s", i == 0 ? "" : "  ",
			i + 1 == count && width[i] < 0 ? 0 : width[i], columns[i].title);
	fputc('\n', to);
	json_array_foreach(list, index, row)
	{
		for (size_t i = 0; i < count; i++) {
			cell_show(&columns[i], row, cell);
			fprintf(to, "%s%*s", i == 0 ? "" : "  ",
				i + 1 == count && width[i] < 0 ? 0 : width[i], cell);
		}
		fputc('\n', to);
	}
}
