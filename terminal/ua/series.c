#include "terminal/ua/series.h"

static struct series_finding finding(enum series_fault fault, unsigned entry)
{
	return (struct series_finding){fault, entry};
}

/* Entries beyond the array cannot be looked at. */
static unsigned series_count(const struct sip_route_security *series)
{
	return series->count < LIMIT_ROUTE_SECURITY_ENTRIES ? series->count
							    : LIMIT_ROUTE_SECURITY_ENTRIES;
}

/* Is each of the entries [first, end) well formed, with a level of at least the minimum? */
static struct series_finding judge_levels(const struct series_policy *policy,
					  const struct sip_route_security *series, unsigned first,
					  unsigned end)
{
	for (unsigned i = first; i < end; i++) {
		const struct sip_route_security_entry *entry = &series->entries[i];

		if (!entry->is_wellformed)
			return finding(SERIES_FAULT_MALFORMED, i);
		if (entry->level == SIP_LEVEL_ABSENT)
			return finding(SERIES_FAULT_GAP, i);
		if (entry->level < policy->level_min)
			return finding(SERIES_FAULT_LEVEL, i);
	}
	return finding(SERIES_FAULT_NONE, 0);
}

struct series_finding series_judge_request(const struct series_policy *policy,
					   const struct series_link *link,
					   const struct sip_route_security *series)
{
	unsigned count = series_count(series);

	if (count == 0)
		return finding(SERIES_FAULT_MISSING, 0);
	if (series->count > count)
		return finding(SERIES_FAULT_MALFORMED, count - 1);
	if (!sip_route_security_entry_is(&series->entries[0], &link->gateway, link->level))
		return finding(SERIES_FAULT_GATEWAY, 0);
	return judge_levels(policy, series, 0, policy->trust == SERIES_TRUST_CHAIN ? 1 : count);
}

/* Do the last entries equal what was sent? */
static bool is_ending_with(const struct sip_route_security *series,
			   const struct sip_route_security *sent)
{
	if (series->count > LIMIT_ROUTE_SECURITY_ENTRIES || sent->count > series->count)
		return false;
	for (unsigned i = 0; i < sent->count; i++)
		if (!sip_route_security_entry_is_equal(
			    &series->entries[series->count - sent->count + i], &sent->entries[i]))
			return false;
	return true;
}

struct series_finding series_judge_response(const struct series_policy *policy,
					    const struct series_link *link,
					    const struct sip_route_security *sent,
					    const struct sip_route_security *series,
					    unsigned status, bool is_invite)
{
	unsigned own, gateway;

	if (status == 100 || (series->count == 0 && status == 502))
		return finding(SERIES_FAULT_NONE, 0);
	if (!is_ending_with(series, sent))
		return finding(SERIES_FAULT_OWN, series->count ? series_count(series) - 1 : 0);
	own = series->count - sent->count;
	/* The gateway's annotation of our own hop may stand directly above what we sent. */
	if (own > 0 &&
	    sip_route_security_entry_is(&series->entries[own - 1], &link->own, SIP_LEVEL_ABSENT))
		return finding(SERIES_FAULT_GAP, own - 1);
	if (own == 0) {
		bool is_call = is_invite && status >= 200 && status < 300;

		return finding(is_call ? SERIES_FAULT_MISSING : SERIES_FAULT_NONE, 0);
	}
	gateway = own - 1;
	if (!series->entries[gateway].is_wellformed ||
	    !sip_address_is_same_host(&series->entries[gateway].address, &link->gateway))
		return finding(SERIES_FAULT_GATEWAY, gateway);
	return judge_levels(policy, series, policy->trust == SERIES_TRUST_CHAIN ? gateway : 0, own);
}

#define TEXT(literal)                                                                              \
	{                                                                                          \
		literal, sizeof(literal) - 1                                                       \
	}

void series_finding_write(const struct series_finding *finding,
			  const struct sip_route_security *series, struct writer *w)
{
	static const struct slice sentences[SERIES_FAULT_COUNT] = {
		[SERIES_FAULT_NONE] = TEXT("nothing is wrong"),
		[SERIES_FAULT_MISSING] = TEXT("the gateway's Route-Security entry is missing"),
		[SERIES_FAULT_GATEWAY] = TEXT("not the gateway's Route-Security entry: "),
		[SERIES_FAULT_OWN] = TEXT("our own Route-Security entry came back changed"),
		[SERIES_FAULT_MALFORMED] = TEXT("a Route-Security entry that does not parse: "),
		[SERIES_FAULT_GAP] = TEXT("a gap, the hop did not say how it sent: "),
		[SERIES_FAULT_LEVEL] = TEXT("a level below our minimum: "),
	};

	writer_slice(w, sentences[finding->fault]);
	if (finding->fault == SERIES_FAULT_NONE || finding->fault == SERIES_FAULT_MISSING ||
	    finding->fault == SERIES_FAULT_OWN)
		return;
	writer_slice(w, series->entries[finding->entry].text);
}

static void draw_hop(const struct sip_route_security_entry *entry, struct writer *w)
{
	bool has_level = entry->is_wellformed && entry->level != SIP_LEVEL_ABSENT;
	bool is_secure = has_level && entry->level >= SIP_LEVEL_INTEGRITY;

	if (entry->is_wellformed)
		sip_address_write_host(&entry->address, w);
	else
		writer_slice(w, entry->text);
	writer_slice(w, is_secure ? SLICE(" ==") : SLICE(" --"));
	if (has_level)
		writer_u32(w, entry->level);
	else
		writer_char(w, '?');
	writer_slice(w, is_secure ? SLICE("==> ") : SLICE("--> "));
}

void series_draw(const struct sip_route_security *series, struct slice from, struct slice to,
		 struct writer *w)
{
	writer_slice(w, from);
	writer_char(w, ' ');
	if (series->count == 0)
		WRITER_LITERAL(w, "--?--> ");
	for (unsigned i = series_count(series); i-- > 0;)
		draw_hop(&series->entries[i], w);
	writer_slice(w, to);
}
