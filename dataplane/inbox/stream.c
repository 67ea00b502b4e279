#include "dataplane/inbox/stream.h"

#include <string.h>

#include "dataplane/counters.h"
#include "dataplane/inbox/inbox.h"
#include "dataplane/inbox/link.h"
#include "dataplane/tables/binding_table.h"
#include "dataplane/tables/sa_table.h"

/* The next SA at or behind stream.position, put as a record; false: there is no more. */
static bool dump_sa(struct inbox_stream *stream, const struct inbox_config *config,
		    struct inbox_link *link)
{
	struct contract_sa_record *record = inbox_link_begin(link, sizeof(*record));

	while (stream->position < config->sa_capacity) {
		uint32_t index = stream->position++;

		if (sa_table_dump(config->tables->sas, index, record) != RESULT_OK)
			continue;
		contract_header_set(&record->header, CONTRACT_SA_RECORD, sizeof(*record),
				    stream->request);
		if (stream->kind == CONTRACT_DUMP_SAS_WITH_KEYS)
			sa_table_dump_keys(config->tables->sas, &record->sa);
		inbox_link_end(link, sizeof(*record));
		return true;
	}
	return false;
}

static bool dump_binding(struct inbox_stream *stream, const struct inbox_config *config,
			 struct inbox_link *link)
{
	struct contract_binding *record = inbox_link_begin(link, sizeof(*record));

	while (stream->position < config->binding_capacity) {
		const struct binding *binding =
			binding_table_at(config->tables->bindings, stream->position++);

		if (!binding)
			continue;
		memset(record, 0, sizeof(*record));
		binding_record_fill(binding, record);
		contract_header_set(&record->header, CONTRACT_BINDING_RECORD, sizeof(*record),
				    stream->request);
		inbox_link_end(link, sizeof(*record));
		return true;
	}
	return false;
}

static bool tell_counters(struct inbox_stream *stream, const struct inbox_config *config,
			  struct inbox_link *link)
{
	struct contract_counters *message = inbox_link_begin(link, sizeof(*message));
	const uint32_t most = sizeof(message->counter) / sizeof(message->counter[0]);
	uint32_t left = counters_count(config->counters) - stream->position;
	size_t length;

	if (left == 0)
		return false;
	message->count = left < most ? left : most;
	message->pad = 0;
	for (uint32_t i = 0; i < message->count; i++)
		counters_get(config->counters, stream->position++, &message->counter[i]);
	length = offsetof(struct contract_counters, counter) +
		 message->count * sizeof(message->counter[0]);
	contract_header_set(&message->header, CONTRACT_COUNTERS, length, stream->request);
	inbox_link_end(link, length);
	return true;
}

void inbox_stream_carry_on(struct inbox_stream *stream, const struct inbox_config *config,
			   struct inbox_link *link)
{
	while (stream->id != 0 && link->fd >= 0 && !link->is_blocked) {
		uint16_t id = stream->id;
		bool more;

		if (id == CONTRACT_COUNTERS_GET)
			more = tell_counters(stream, config, link);
		else if (stream->kind == CONTRACT_DUMP_BINDINGS)
			more = dump_binding(stream, config, link);
		else
			more = dump_sa(stream, config, link);
		if (!more) {
			stream->id = 0;
			inbox_link_answer(link, id, stream->request, RESULT_OK);
		}
	}
}

void inbox_stream_begin(struct inbox_stream *stream, const struct contract_header *request)
{
	const struct contract_dump *dump = (const void *)request;

	*stream = (struct inbox_stream){.id = request->id, .request = request->request};
	if (request->id == CONTRACT_DUMP)
		stream->kind = dump->kind;
}
