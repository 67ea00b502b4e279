#include "dataplane/rules/branch.h"

#include <string.h>

#include "shared/base64url.h"
#include "shared/sip/entries.h"
#include "shared/writer.h"

#define COOKIE		  "z9hG4bK"
#define COOKIE_CHARS	  7
#define TRANSACTION_BYTES 9
#define ROUTING_BYTES	  (BRANCH_ROUTING_CHARS / 2)
#define ROUTING_AT	  (BRANCH_CHARS - BRANCH_ROUTING_CHARS)

static void routes_hash(struct keyed_hash *hash, const struct sip_message *request)
{
	struct sip_entries entries = sip_entries_begin(request, SIP_HEADER_ROUTE);
	struct sip_entry entry;

	while (sip_entries_next(&entries, &entry))
		keyed_hash_field(hash, entry.text);
}

void branch_make(const struct keyed_hash_key *key, const struct sip_message *request,
		 const struct leg *ingress, struct slice target, char out[BRANCH_CHARS])
{
	struct writer w = writer_make(out, BRANCH_CHARS);
	uint8_t result[TRANSACTION_BYTES];
	struct keyed_hash hash;

	keyed_hash_begin(&hash, key);
	keyed_hash_field(&hash, request->via.branch);
	keyed_hash_field(&hash, request->via.sent_by);
	keyed_hash_field(&hash, leg_slice(ingress));
	keyed_hash_field(&hash, request->call_id);
	keyed_hash_field(&hash, request->from.tag);
	keyed_hash_u32(&hash, request->cseq.number);
	keyed_hash_field(&hash, request->uri.text);
	routes_hash(&hash, request);
	keyed_hash_end(&hash, result, sizeof(result));
	WRITER_LITERAL(&w, COOKIE);
	base64url_encode(&w, result, sizeof(result));

	keyed_hash_begin(&hash, key);
	keyed_hash_field(&hash, SLICE("routing"));
	keyed_hash_field(&hash, target);
	routes_hash(&hash, request);
	keyed_hash_field(&hash, leg_slice(ingress));
	keyed_hash_end(&hash, result, ROUTING_BYTES);
	writer_hex(&w, result, ROUTING_BYTES);
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
