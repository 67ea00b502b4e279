#include "tests/unit/shared/sip_oracle.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/time.h>

#include <osipparser2/osip_message.h>
#include <osipparser2/osip_parser.h>
#include <osipparser2/osip_port.h>

#include "shared/sip/chars.h"
#include "shared/sip/entries.h"

#define TEXT_BYTES 20000

/* It tells of every message it refuses; here that is no news. */
static void trace_nothing(const char *file, int line, osip_trace_level_t level, const char *format,
			  va_list arguments)
{
	(void)file, (void)line, (void)level, (void)format, (void)arguments;
}

void sip_oracle_prepare(void)
{
	osip_trace_initialize_func(END_TRACE_LEVEL, trace_nothing);
	(void)parser_init();
}

const char *sip_oracle_point(unsigned index)
{
	static const char *const names[SIP_ORACLE_COUNT] = {
#define SIP_ORACLE_NAME(id, name) name,
		SIP_ORACLE_POINTS(SIP_ORACLE_NAME)
#undef SIP_ORACLE_NAME
	};

	return names[index];
}

/* A slice and a string of theirs, absent and empty being the same. */
static bool is_same(struct slice ours, const char *theirs)
{
	if (theirs == NULL)
		return ours.len == 0;
	return ours.len == strlen(theirs) && memcmp(ours.at, theirs, ours.len) == 0;
}

static unsigned hex_value(char c)
{
	return c <= '9' ? (unsigned)(c - '0') : (unsigned)((c | 0x20) - 'a' + 10);
}

/* They undo every escape in a user part; so do we, here, to compare. */
static bool is_same_user(struct slice ours, const char *theirs)
{
	static char text[TEXT_BYTES];
	size_t len = 0;

	for (size_t i = 0; i < ours.len; i++) {
		if (ours.at[i] == '%' && ours.len - i > 2) {
			text[len++] =
				(char)(hex_value(ours.at[i + 1]) << 4 | hex_value(ours.at[i + 2]));
			i += 2;
		} else {
			text[len++] = ours.at[i];
		}
	}
	return is_same(slice_make(text, len), theirs);
}

static bool is_same_port(uint16_t ours, const char *theirs)
{
	return theirs == NULL ? ours == 0 : (unsigned long)ours == strtoul(theirs, NULL, 10);
}

/* Theirs stands without brackets. */
static bool is_same_host(struct slice ours, const char *theirs)
{
	if (ours.len > 2 && ours.at[0] == '[')
		ours = slice_make(ours.at + 1, ours.len - 2);
	return is_same(ours, theirs);
}

/* Of other schemes they keep the text, or take what starts with "sip" for sip. */
static bool is_same_uri(const struct sip_uri *ours, const osip_uri_t *theirs)
{
	if (theirs == NULL)
		return false;
	if (ours->scheme > SIP_SCHEME_SIPS)
		return true;
	return is_same_user(ours->user, theirs->username) &&
	       is_same_host(ours->host, theirs->host) && is_same_port(ours->port, theirs->port);
}

static bool is_same_tag(struct slice ours, const osip_from_t *theirs)
{
	osip_generic_param_t *param = NULL;

	if (osip_from_get_tag((osip_from_t *)theirs, &param) != 0 || param == NULL)
		return ours.len == 0;
	return is_same(ours, param->gvalue);
}

/* Theirs is cut at the "@". */
static bool is_same_call_id(struct slice ours, const osip_call_id_t *theirs)
{
	static char text[TEXT_BYTES];

	if (theirs == NULL || theirs->number == NULL)
		return false;
	(void)snprintf(text, sizeof(text), "%s%s%s", theirs->number,
		       theirs->host == NULL ? "" : "@", theirs->host == NULL ? "" : theirs->host);
	return is_same(ours, text);
}

static bool is_same_cseq(const struct sip_cseq *ours, const osip_cseq_t *theirs)
{
	return theirs != NULL && theirs->number != NULL &&
	       (unsigned long)ours->number == strtoul(theirs->number, NULL, 10) &&
	       is_same(ours->method_name, theirs->method);
}

static bool is_same_via(const struct sip_via *ours, osip_message_t *theirs)
{
	osip_via_t *via = NULL;
	osip_generic_param_t *branch = NULL;

	if (osip_message_get_via(theirs, 0, &via) < 0 || via == NULL)
		return false;
	(void)osip_generic_param_get_byname(&via->via_params, (char *)"branch", &branch);
	return is_same_host(ours->host, via->host) && is_same_port(ours->port, via->port) &&
	       is_same(ours->transport, via->protocol) &&
	       is_same(ours->branch, branch == NULL ? NULL : branch->gvalue);
}

static bool is_same_count(const struct sip_message *ours, enum sip_header header, int theirs)
{
	return theirs >= 0 && sip_entries_count(ours, header) == (unsigned)theirs;
}

static int series_count(const osip_message_t *theirs)
{
	osip_header_t *header = NULL;
	int at = 0, count = 0;

	while ((at = osip_message_header_get_byname(theirs, "route-security", at, &header)) >= 0) {
		count++;
		at++;
	}
	return count;
}

static unsigned counts_compare(const struct sip_message *ours, osip_message_t *theirs)
{
	unsigned differ = 0;

	if (!is_same_count(ours, SIP_HEADER_VIA, osip_list_size(&theirs->vias)))
		differ |= SIP_ORACLE_VIAS;
	if (!is_same_count(ours, SIP_HEADER_ROUTE, osip_list_size(&theirs->routes)))
		differ |= SIP_ORACLE_ROUTES;
	if (!is_same_count(ours, SIP_HEADER_RECORD_ROUTE, osip_list_size(&theirs->record_routes)))
		differ |= SIP_ORACLE_RECORDS;
	if (!is_same_count(ours, SIP_HEADER_CONTACT, osip_list_size(&theirs->contacts)))
		differ |= SIP_ORACLE_CONTACTS;
	if (!is_same_count(ours, SIP_HEADER_ROUTE_SECURITY, series_count(theirs)))
		differ |= SIP_ORACLE_SERIES;
	return differ;
}

static unsigned start_line_compare(const struct sip_message *ours, const osip_message_t *theirs)
{
	if (ours->is_request != (theirs->sip_method != NULL))
		return SIP_ORACLE_KIND;
	if (!ours->is_request)
		return ours->status == theirs->status_code ? 0 : SIP_ORACLE_STATUS;
	return (is_same(ours->method_name, theirs->sip_method) ? 0 : SIP_ORACLE_KIND) |
	       (is_same_uri(&ours->uri, theirs->req_uri) ? 0 : SIP_ORACLE_URI);
}

static unsigned fields_compare(const struct sip_message *ours, osip_message_t *theirs)
{
	unsigned differ = start_line_compare(ours, theirs);

	if (theirs->from == NULL || theirs->to == NULL)
		return differ | SIP_ORACLE_FROM | SIP_ORACLE_TO;
	if (!is_same_uri(&ours->from.uri, theirs->from->url))
		differ |= SIP_ORACLE_FROM;
	if (!is_same_uri(&ours->to.uri, theirs->to->url))
		differ |= SIP_ORACLE_TO;
	if (!is_same_tag(ours->from.tag, theirs->from))
		differ |= SIP_ORACLE_FROM_TAG;
	if (!is_same_tag(ours->to.tag, (const osip_from_t *)theirs->to))
		differ |= SIP_ORACLE_TO_TAG;
	if (!is_same_call_id(ours->call_id, theirs->call_id))
		differ |= SIP_ORACLE_CALL_ID;
	if (!is_same_cseq(&ours->cseq, theirs->cseq))
		differ |= SIP_ORACLE_CSEQ;
	if (!is_same_via(&ours->via, theirs))
		differ |= SIP_ORACLE_VIA;
	return differ | counts_compare(ours, theirs);
}

unsigned sip_oracle_compare(struct slice bytes, struct sip_message *message)
{
	bool is_ours = sip_message_parse(bytes.at, bytes.len, message) == SIP_VERDICT_OK;
	osip_message_t *theirs = NULL;
	unsigned differ = 0;
	bool is_theirs;

	if (osip_message_init(&theirs) != 0)
		abort();
	is_theirs = osip_message_parse(theirs, bytes.at, bytes.len) == 0;
	if (is_ours != is_theirs)
		differ = SIP_ORACLE_VERDICT;
	else if (is_ours)
		differ = fields_compare(message, theirs);
	osip_message_free(theirs);
	return differ;
}
