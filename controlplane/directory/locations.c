#include "controlplane/directory/locations.h"

#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>

#include "controlplane/registrar/name_map.h"

struct row {
	uint64_t since_s;
	uint16_t q_thousandths;
	uint8_t gateway;
};

/* Rows, then the AOR. */
struct record {
	struct name_node node;
	uint8_t count;
	struct row row[];
};

struct locations {
	struct name_map names;
};

static struct record *record_of(struct name_node *node)
{
	return (struct record *)node;
}

enum result locations_create(struct locations **created)
{
	struct locations *locations = calloc(1, sizeof(*locations));
	uint32_t seed;

	if (locations == NULL)
		return RESULT_MEMORY;
	if (RAND_bytes((unsigned char *)&seed, sizeof(seed)) != 1 ||
	    name_map_init(&locations->names, seed) != RESULT_OK) {
		free(locations);
		return RESULT_MEMORY;
	}
	*created = locations;
	return RESULT_OK;
}

void locations_destroy(struct locations *locations)
{
	struct name_node *node, *next;

	if (locations == NULL)
		return;
	for (node = name_map_next(&locations->names, NULL); node != NULL; node = next) {
		next = name_map_next(&locations->names, node);
		free(record_of(node));
	}
	name_map_fini(&locations->names);
	free(locations);
}

static struct row *row_find(struct record *record, uint8_t gateway)
{
	for (uint8_t i = 0; record != NULL && i < record->count; i++)
		if (record->row[i].gateway == gateway)
			return &record->row[i];
	return NULL;
}

static void remove_row(struct locations *locations, struct record *record, struct row *row)
{
	*row = record->row[--record->count];
	if (record->count > 0)
		return;
	name_map_remove(&locations->names, &record->node);
	free(record);
}

/* A record with one more row, in the old one's place; few names are at several gateways. */
static enum result add_row(struct locations *locations, struct record *old, struct slice aor,
			   const struct row *row)
{
	uint8_t count = old == NULL ? 1 : (uint8_t)(old->count + 1);
	struct record *record =
		malloc(sizeof(*record) + count * sizeof(record->row[0]) + aor.len);
	char *text;

	if (record == NULL)
		return RESULT_MEMORY;
	record->count = count;
	if (old != NULL)
		memcpy(record->row, old->row, old->count * sizeof(record->row[0]));
	record->row[count - 1] = *row;
	text = (char *)&record->row[count];
	memcpy(text, aor.at, aor.len);
	if (old != NULL) {
		name_map_remove(&locations->names, &old->node);
		free(old);
	}
	name_map_add(&locations->names, &record->node, slice_make(text, aor.len));
	return RESULT_OK;
}

enum result locations_put(struct locations *locations, const struct store_location *location)
{
	struct slice aor = slice_make(location->aor, strlen(location->aor));
	struct record *record = record_of(name_map_find(&locations->names, aor));
	struct row *row = row_find(record, location->gateway);
	const struct row now = {location->since_s, location->q_thousandths, location->gateway};

	if (location->since_s == 0) {
		if (row != NULL)
			remove_row(locations, record, row);
		return RESULT_OK;
	}
	if (row == NULL)
		return add_row(locations, record, aor, &now);
	*row = now;
	return RESULT_OK;
}

static void show(const struct record *record, const struct row *row, struct store_location *out)
{
	memcpy(out->aor, record->node.name.at, record->node.name.len);
	out->aor[record->node.name.len] = '\0';
	out->gateway = row->gateway;
	out->q_thousandths = row->q_thousandths;
	out->since_s = row->since_s;
}

bool locations_find(const struct locations *locations, struct slice aor, uint8_t gateway,
		    struct store_location *out)
{
	struct record *record = record_of(name_map_find(&locations->names, aor));
	const struct row *row = row_find(record, gateway);

	if (row != NULL)
		show(record, row, out);
	return row != NULL;
}

bool locations_best(const struct locations *locations, struct slice aor, uint64_t gateways,
		    uint8_t *gateway)
{
	const struct record *record = record_of(name_map_find(&locations->names, aor));
	const struct row *best = NULL;

	for (uint8_t i = 0; record != NULL && i < record->count; i++) {
		const struct row *row = &record->row[i];

		if ((gateways >> (row->gateway & 63) & 1) == 0)
			continue;
		if (best == NULL || row->q_thousandths > best->q_thousandths ||
		    (row->q_thousandths == best->q_thousandths && row->since_s > best->since_s))
			best = row;
	}
	if (best != NULL)
		*gateway = best->gateway;
	return best != NULL;
}

void locations_each(const struct locations *locations, uint8_t gateway, store_location_each *each,
		    void *ctx)
{
	struct name_node *node = NULL;
	struct store_location location;

	while ((node = name_map_next(&locations->names, node)) != NULL) {
		const struct row *row = row_find(record_of(node), gateway);

		if (row == NULL)
			continue;
		show(record_of(node), row, &location);
		if (!each(ctx, &location))
			return;
	}
}
