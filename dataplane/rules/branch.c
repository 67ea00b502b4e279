#include "dataplane/rules/branch.h"

#include <string.h>

#include "shared/base64url.h"
#include "shared/sip/entries.h"
#include "shared/writer.h"

#define COOKIE		  "z9hG4bK"
#define COOKIE_CHARS	  7
#define TRANSACTION_BYTES 9
#define ROUTING_AT	  (BRANCH_CHARS - BRANCH_ROUTING_CHARS)

/* One thing more that the way depends on (docs/protocol.md 3.3). */
static inline uint64_t way_add(uint64_t way, struct slice text)
{
	return text_key_mix(way ^ 0xa0761d6478bd642fu, text_hash(text) ^ 0xe7037ed1a0b428dbu);
}

static uint64_t way_make(const struct sip_message *request, const struct leg *ingress,
			 const struct text_key *target)
{
	struct sip_entries entries = sip_entries_begin(request, SIP_HEADER_ROUTE);
	uint64_t way = way_add(target->hash, leg_slice(ingress));
	struct sip_entry entry;

	while (sip_entries_next(&entries, &entry))
		way = way_add(way, entry.text);
	return way;
}

static size_t transaction_size(const struct sip_message *request, const struct leg *ingress)
{
	return 6 * KEYED_HASH_FIELD_HEAD + request->via.branch.len + request->via.sent_by.len +
	       ingress->length + request->call_id.len + request->from.tag.len + sizeof(uint32_t) +
	       request->uri.text.len + sizeof(uint64_t);
}

void branch_begin(struct branch_making *making, const struct keyed_hash_key *key,
		  const struct sip_message *request, const struct leg *ingress,
		  const struct text_key *target)
{
	struct keyed_hash *hash = &making->transaction;
	uint8_t *at = keyed_hash_open(hash, key, transaction_size(request, ingress));

	making->way = way_make(request, ingress, target);
	at = keyed_hash_put_field(hash, at, request->via.branch);
	at = keyed_hash_put_field(hash, at, request->via.sent_by);
	at = keyed_hash_put_field(hash, at, leg_slice(ingress));
	at = keyed_hash_put_field(hash, at, request->call_id);
	at = keyed_hash_put_field(hash, at, request->from.tag);
	at = keyed_hash_put_u32(hash, at, request->cseq.number);
	at = keyed_hash_put_field(hash, at, request->uri.text);
	at = keyed_hash_put_u64(hash, at, making->way);
	keyed_hash_close(hash, at);
}

void branch_write(const struct branch_making *making, char out[BRANCH_CHARS])
{
	struct writer w = writer_make(out, BRANCH_CHARS);
	uint32_t routing = __builtin_bswap32((uint32_t)(making->way >> 32));

	WRITER_LITERAL(&w, COOKIE);
	base64url_encode(&w, making->transaction.result, TRANSACTION_BYTES);
	writer_hex(&w, &routing, sizeof(routing));
}

/* Does the entry have a branch of our form that ends in these digits? */
static bool is_same_way(struct slice entry, const char *routing)
{
	const char *found = memmem(entry.at, entry.len, routing, BRANCH_ROUTING_CHARS);
	struct sip_via via;

	if (!found || sip_via_parse(entry, &via) != RESULT_OK)
		return false;
	return via.branch.len == BRANCH_CHARS && via.sk.len > 0 &&
	       memcmp(via.branch.at, COOKIE, COOKIE_CHARS) == 0 &&
	       memcmp(via.branch.at + ROUTING_AT, routing, BRANCH_ROUTING_CHARS) == 0;
}

bool branch_is_loop(const struct sip_message *request, const char branch[BRANCH_CHARS])
{
	struct sip_entries entries;
	struct sip_entry entry;

	if (request->via_count < 2)
		return false;
	entries = sip_entries_begin(request, SIP_HEADER_VIA);
	while (sip_entries_next(&entries, &entry)) {
		if (entry.text.at != request->via.text.at &&
		    is_same_way(entry.text, branch + ROUTING_AT))
			return true;
	}
	return false;
}
