/* Who is registered at which gateway of a shared store. */
#include "controlplane/store/sql.h"

static enum result location_put(struct store *store, const struct store_location *location)
{
	struct sql_statement *statement;
	enum result result = sql_begin(store, SQL_LOCATION_PUT, &statement);

	if (result != RESULT_OK)
		return result;
	sql_bind_text(statement, 1, location->aor);
	sql_bind_integer(statement, 2, location->gateway);
	sql_bind_integer(statement, 3, location->q_thousandths);
	sql_bind_integer(statement, 4, (int64_t)location->since_s);
	sql_bind_integer(statement, 5, (int64_t)store->revision);
	return sql_run(store, statement);
}

enum result store_locations_put(struct store *store, const struct store_location *locations,
				size_t count)
{
	enum result result = sql_transaction(store);

	if (result != RESULT_OK)
		return result;
	for (size_t i = 0; i < count && result == RESULT_OK; i++)
		result = location_put(store, &locations[i]);
	return sql_transaction_end(store, result);
}

enum result store_locations_each(struct store *store, uint64_t after, store_location_each *each,
				 void *ctx)
{
	struct store_location location;
	struct sql_statement *statement;
	enum result result = sql_begin(store, SQL_LOCATIONS, &statement);

	if (result != RESULT_OK)
		return result;
	sql_bind_integer(statement, 1, (int64_t)after);
	while ((result = sql_step(store, statement)) == RESULT_OK) {
		location.gateway = (uint8_t)sql_column_integer(statement, 1);
		location.q_thousandths = (uint16_t)sql_column_integer(statement, 2);
		location.since_s = (uint64_t)sql_column_integer(statement, 3);
		if (!sql_column_copy_text(statement, 0, location.aor, sizeof(location.aor)))
			result = sql_corrupt(store, "the name of a location is too long");
		if (result != RESULT_OK || !each(ctx, &location)) {
			sql_reset(statement);
			return result;
		}
	}
	return result == RESULT_NOT_FOUND ? RESULT_OK : result;
}
