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

/* Both hashes end with, or have in them, every Route entry: read once. */
static void routes_hash(struct keyed_hash *transaction, struct keyed_hash *routing,
			const struct sip_message *request)
{
	struct sip_entries entries = sip_entries_begin(request, SIP_HEADER_ROUTE);
	struct sip_entry entry;

	while (sip_entries_next(&entries, &entry)) {
		keyed_hash_field(transaction, entry.text);
		keyed_hash_field(routing, entry.text);
	}
}

void branch_begin(struct branch_hashes *hashes, const struct keyed_hash_key *key,
		  const struct sip_message *request, const struct leg *ingress, struct slice target)
{
	struct keyed_hash *transaction = &hashes->transaction, *routing = &hashes->routing;

	keyed_hash_begin(transaction, key);
	keyed_hash_field(transaction, request->via.branch);
	keyed_hash_field(transaction, request->via.sent_by);
	keyed_hash_field(transaction, leg_slice(ingress));
	keyed_hash_field(transaction, request->call_id);
	keyed_hash_field(transaction, request->from.tag);
	keyed_hash_u32(transaction, request->cseq.number);
	keyed_hash_field(transaction, request->uri.text);
	keyed_hash_begin(routing, key);
	keyed_hash_field(routing, SLICE("routing"));
	keyed_hash_field(routing, target);
	routes_hash(transaction, routing, request);
	keyed_hash_field(routing, leg_slice(ingress));
}

void branch_write(const struct branch_hashes *hashes, char out[BRANCH_CHARS])
{
	struct writer w = writer_make(out, BRANCH_CHARS);

	WRITER_LITERAL(&w, COOKIE);
	base64url_encode(&w, hashes->transaction.result, TRANSACTION_BYTES);
	writer_hex(&w, hashes->routing.result, ROUTING_BYTES);
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
