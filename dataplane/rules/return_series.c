#include "dataplane/rules/return_series.h"

#include "shared/sip/entries.h"

/* What may stand above the entries that we sent; `above` of them. */
static bool is_above_right(const struct packet_rules *rules, unsigned above)
{
	const struct sip_route_security_entry *entries = rules->series.entries;
	const struct peer *peer = rules->ingress.peer;

	/* Directly above ours: the next node's remark that our entry was missing or wrong. */
	if (above > 0 && sip_route_security_entry_is(&entries[above - 1], &rules->ingress.local,
						     SIP_LEVEL_ABSENT))
		above--;
	if (above == 0)
		return true;
	return peer && entries[above - 1].is_wellformed &&
	       peer_has_address(peer, &entries[above - 1].address);
}

/* Who does not know the header said nothing of it: sk= knows what he should have said. */
static bool must_restore(const struct packet_rules *rules)
{
	return rules->returning.state.has_series && rules->series.count == 0;
}

bool return_series_is_right(const struct packet_rules *rules)
{
	unsigned count = rules->series.count, sent = rules->returning.state.count;

	if (must_restore(rules))
		return true;
	/* A 502 that a gateway made from a response carries none (docs/protocol.md 2). */
	if (count == 0 && rules->message->status == 502)
		return true;
	if (count < sent || count > LIMIT_ROUTE_SECURITY_ENTRIES)
		return false;
	return rules->returning.is_same_series && is_above_right(rules, count - sent);
}

/* Did the request leave with an entry of ours on top? */
static bool is_own_entry_there(const struct packet_rules *rules, unsigned at)
{
	const struct sip_route_security_entry *entry = &rules->series.entries[at];

	return entry->is_wellformed && entry->level != SIP_LEVEL_ABSENT &&
	       sip_address_is_same_host(&entry->address, &rules->ingress.local);
}

/* A link too weak for our entry shows itself to the caller by a remark of ours, if it is not there yet. */
static bool must_remark(const struct packet_rules *rules, unsigned above)
{
	if (rules->returning.state.count == 0 || rules->series.count == 0 ||
	    is_own_entry_there(rules, above))
		return false;
	return above == 0 || !sip_route_security_entry_is(&rules->series.entries[above - 1],
							  &rules->ingress.local, SIP_LEVEL_ABSENT);
}

/* Directly above the entries that we sent, `above` of them. */
static void remark_write(const struct packet_rules *rules, unsigned above, struct sip_edit *edit)
{
	struct sip_entries entries = sip_entries_begin(rules->message, SIP_HEADER_ROUTE_SECURITY);
	struct sip_entry entry = {0};
	struct writer *w;

	for (unsigned i = 0; i <= above; i++) {
		if (!sip_entries_next(&entries, &entry))
			return;
	}
	w = sip_edit_open(edit);
	if (entry.is_first) {
		sip_route_security_write(&rules->ingress.local, SIP_LEVEL_ABSENT, w);
		sip_edit_close(edit, rules->message->lines[entry.line].start, 0);
		return;
	}
	sip_address_write_host(&rules->ingress.local, w);
	WRITER_LITERAL(w, ", ");
	sip_edit_close(edit, entry.start, 0);
}

static void remark_edit(const struct packet_rules *rules, struct sip_edit *edit)
{
	unsigned above = rules->series.count - rules->returning.state.count;

	if (must_remark(rules, above))
		remark_write(rules, above, edit);
}

/*
 * The series is put back, above it an entry that says that the next hop did not confirm it, and,
 * as in remark_edit(), where it began without an entry of ours.
 */
static void restore_edit(struct packet_rules *rules, struct sip_edit *edit)
{
	const struct sip_message *message = rules->message;
	struct writer *w = sip_edit_open(edit);

	if (series_unpack(&rules->returning.state.series, &rules->series) != RESULT_OK)
		return; /* via_state_read() has done the same */
	sip_route_security_write(&rules->ingress.remote, SIP_LEVEL_ABSENT, w);
	if (!is_own_entry_there(rules, 0))
		sip_route_security_write(&rules->ingress.local, SIP_LEVEL_ABSENT, w);
	for (unsigned i = 0; i < rules->series.count; i++)
		sip_route_security_write(&rules->series.entries[i].address,
					 rules->series.entries[i].level, w);
	sip_edit_close(edit, message->lines[message->first[SIP_HEADER_VIA]].start, 0);
}

void return_series_edit(struct packet_rules *rules, struct sip_edit *edit)
{
	if (must_restore(rules))
		restore_edit(rules, edit);
	else
		remark_edit(rules, edit);
}
