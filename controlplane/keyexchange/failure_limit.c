#include "controlplane/keyexchange/failure_limit.h"

#include <stdlib.h>
#include <string.h>

#include "controlplane/keyexchange/attach_rate.h"
#include "controlplane/keyexchange/pace.h"
#include "shared/keyexchange/random.h"
#include "shared/keyexchange/secret.h"

#define ROW_MARKS 8

struct mark {
	uint64_t key; /* 0: free */
	uint64_t earned_ms;
	uint64_t last; /* of the last message that was counted */
};

struct marks {
	struct pace pace;
	uint32_t rows;
	struct mark *at; /* ROW_MARKS of each row */
};

struct failure_limit {
	struct secret seed;
	struct marks subscribers, sources;
};

struct keys {
	uint64_t subscriber, source;
};

static enum result marks_make(struct marks *marks, uint32_t count, struct pace pace)
{
	marks->pace = pace;
	marks->rows = count / ROW_MARKS;
	marks->at = calloc(count, sizeof(*marks->at));
	return marks->at ? RESULT_OK : RESULT_MEMORY;
}

enum result failure_limit_create(struct failure_limit **out)
{
	const struct pace of_one = {FAILURE_LIMIT_BURST, FAILURE_LIMIT_INTERVAL_MS};
	const struct pace in_all = {FAILURE_LIMIT_SOURCE_BURST, FAILURE_LIMIT_SOURCE_INTERVAL_MS};
	const struct random_source random = random_system();
	struct failure_limit *made = calloc(1, sizeof(*made));
	enum result result;

	if (!made)
		return RESULT_MEMORY;
	result = marks_make(&made->subscribers, FAILURE_LIMIT_SUBSCRIBERS, of_one);
	if (result == RESULT_OK)
		result = marks_make(&made->sources, FAILURE_LIMIT_SOURCES, in_all);
	if (result == RESULT_OK)
		result = random_fill(&random, made->seed.bytes, SECRET_BYTES);
	if (result != RESULT_OK) {
		failure_limit_destroy(made);
		return result;
	}
	*out = made;
	return RESULT_OK;
}

void failure_limit_destroy(struct failure_limit *limit)
{
	if (!limit)
		return;
	free(limit->subscribers.at);
	free(limit->sources.at);
	secret_wipe(&limit->seed);
	free(limit);
}

static enum result key_make(const struct failure_limit *limit, struct slice head, struct slice who,
			    uint64_t *key)
{
	const struct slice parts[] = {head, who};
	uint8_t hash[KDF_HASH_BYTES];
	enum result result = kdf_hmac(slice_make(limit->seed.bytes, SECRET_BYTES), parts, 2, hash);

	if (result != RESULT_OK)
		return result;
	memcpy(key, hash, sizeof(*key));
	if (*key == 0)
		*key = 1;
	return RESULT_OK;
}

static enum result keys_make(const struct failure_limit *limit,
			     const struct failure_attempt *attempt, struct keys *keys)
{
	const uint8_t family = attempt->source->family;
	const struct slice holder = attach_rate_source(family, attempt->source->bytes);
	uint8_t head[3 + 8] = {attempt->is_inside, attempt->is_by_certificate, family};
	enum result result;

	memcpy(head + 3, holder.at, holder.len);
	result = key_make(limit, slice_make(head, 3 + holder.len), attempt->who, &keys->subscriber);
	if (result == RESULT_OK)
		result = key_make(limit, slice_make(head + 2, 1 + holder.len), SLICE(""),
				  &keys->source);
	return result;
}

static struct mark *row_of(const struct marks *marks, uint64_t key)
{
	return &marks->at[(key >> 32) % marks->rows * ROW_MARKS];
}

static bool is_left(const struct marks *marks, uint64_t key, uint64_t now_ms)
{
	const struct mark *row = row_of(marks, key);

	for (unsigned n = 0; n < ROW_MARKS; n++)
		if (row[n].key == key)
			return pace_is_left(marks->pace, row[n].earned_ms, now_ms);
	return true;
}

static uint64_t owed_ms(const struct marks *marks, const struct mark *mark, uint64_t now_ms)
{
	return pace_owed_ms(marks->pace, mark->earned_ms, now_ms);
}

/* Its own, or in the place of who owes least. */
static struct mark *mark_get(const struct marks *marks, uint64_t key, uint64_t now_ms)
{
	struct mark *row = row_of(marks, key), *least = row;

	for (unsigned n = 0; n < ROW_MARKS; n++) {
		if (row[n].key == key)
			return &row[n];
		if (owed_ms(marks, &row[n], now_ms) < owed_ms(marks, least, now_ms))
			least = &row[n];
	}
	*least = (struct mark){.key = key};
	return least;
}

enum result failure_limit_look(const struct failure_limit *limit,
			       const struct failure_attempt *attempt, uint64_t now_ms)
{
	struct keys keys;
	enum result result = keys_make(limit, attempt, &keys);

	if (result != RESULT_OK)
		return result;
	if (!is_left(&limit->subscribers, keys.subscriber, now_ms))
		return RESULT_DENIED;
	if (!attempt->is_inside && !is_left(&limit->sources, keys.source, now_ms))
		return RESULT_SPACE;
	return RESULT_OK;
}

enum result failure_limit_count(struct failure_limit *limit, const struct failure_attempt *attempt,
				const uint8_t hash[KDF_HASH_BYTES], uint64_t now_ms)
{
	struct keys keys;
	struct mark *mark;
	uint64_t last;
	enum result result = keys_make(limit, attempt, &keys);

	if (result != RESULT_OK)
		return result;
	memcpy(&last, hash, sizeof(last));
	mark = mark_get(&limit->subscribers, keys.subscriber, now_ms);
	if (mark->last == last)
		return RESULT_OK;
	mark->last = last;
	if (pace_take(limit->subscribers.pace, &mark->earned_ms, now_ms) && !attempt->is_inside)
		(void)pace_take(limit->sources.pace,
				&mark_get(&limit->sources, keys.source, now_ms)->earned_ms, now_ms);
	return RESULT_OK;
}
