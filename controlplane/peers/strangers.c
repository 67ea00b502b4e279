#include "controlplane/peers/strangers.h"

#include <assert.h>
#include <stdlib.h>

#include "controlplane/keyexchange/attach_rate.h"

struct stranger {
	struct link *link;
	struct contract_address source;
};

struct strangers {
	struct stranger list[STRANGERS_MAX]; /* the oldest first */
	uint32_t count;
	struct attach_rate *failures; /* by source */
};

enum result strangers_create(struct strangers **strangers)
{
	const struct pace pace = {STRANGERS_BURST, STRANGERS_INTERVAL_MS};
	struct strangers *made = calloc(1, sizeof(*made));
	enum result result;

	if (!made)
		return RESULT_MEMORY;
	result = attach_rate_create_of_sources(pace, &made->failures);
	if (result != RESULT_OK) {
		free(made);
		return result;
	}
	*strangers = made;
	return RESULT_OK;
}

void strangers_destroy(struct strangers *strangers)
{
	if (!strangers)
		return;
	attach_rate_destroy(strangers->failures);
	free(strangers);
}

static struct slice holder_of(const struct contract_address *source)
{
	return attach_rate_source(source->family, source->bytes);
}

static uint32_t count_of(const struct strangers *strangers, const struct contract_address *source)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < strangers->count; i++)
		count += attach_rate_is_one_source(&strangers->list[i].source, source);
	return count;
}

bool strangers_may_come(const struct strangers *strangers, const struct contract_address *source,
			uint64_t now_ms)
{
	return count_of(strangers, source) < STRANGERS_PER_SOURCE &&
	       attach_rate_is_left(strangers->failures, holder_of(source), now_ms);
}

bool strangers_have_room(const struct strangers *strangers)
{
	return strangers->count < STRANGERS_MAX;
}

void strangers_add(struct strangers *strangers, struct link *link,
		   const struct contract_address *source)
{
	assert(strangers_have_room(strangers));
	strangers->list[strangers->count++] = (struct stranger){link, *source};
}

struct link *strangers_oldest(const struct strangers *strangers)
{
	return strangers->count > 0 ? strangers->list[0].link : NULL;
}

static bool take_out(struct strangers *strangers, const struct link *link,
		     struct contract_address *source)
{
	uint32_t at = 0;

	while (at < strangers->count && strangers->list[at].link != link)
		at++;
	if (at == strangers->count)
		return false;
	*source = strangers->list[at].source;
	for (strangers->count--; at < strangers->count; at++)
		strangers->list[at] = strangers->list[at + 1];
	return true;
}

bool strangers_take_out(struct strangers *strangers, const struct link *link)
{
	struct contract_address source;

	return take_out(strangers, link, &source);
}

bool strangers_fail(struct strangers *strangers, const struct link *link, uint64_t now_ms)
{
	struct contract_address source;

	if (!take_out(strangers, link, &source))
		return false;
	(void)attach_rate_take(strangers->failures, holder_of(&source), now_ms);
	return true;
}
