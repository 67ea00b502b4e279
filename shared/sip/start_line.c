#include "shared/sip/start_line.h"

#include "shared/sip/chars.h"
#include "shared/sip/plain.h"
#include "shared/sip/words.h"

/* "SIP/" digits "." digits, in any case, up to the end. */
static bool version_is_legal(struct slice version)
{
	const char *end = version.at + version.len, *at, *dot;

	if (version.len < 7 || !slice_is_equal_nocase(slice_make(version.at, 4), SLICE("SIP/")))
		return false;
	at = version.at + 4;
	dot = sip_chars_skip(at, end, SIP_CHAR_DIGIT);
	if (dot == at || dot == end || *dot != '.' || dot + 1 == end)
		return false;
	return sip_chars_skip(dot + 1, end, SIP_CHAR_DIGIT) == end;
}

static enum sip_fault version_check(struct slice version)
{
	if (slice_is_equal(version, SLICE("SIP/2.0")) ||
	    slice_is_equal_nocase(version, SLICE("SIP/2.0")))
		return SIP_FAULT_NONE;
	return version_is_legal(version) ? SIP_FAULT_VERSION : SIP_FAULT_START_LINE;
}

/* The last space, which the version follows; NULL if there is none. */
static const char *uri_end_find(struct slice line)
{
	const char *version = line.at + line.len - 8;

	if (line.len > 8 && memcmp(version, " SIP/2.0", 8) == 0)
		return version;
	return memrchr(line.at, ' ', line.len);
}

static bool uri_parse(struct slice text, const char *last, struct sip_uri *out)
{
	if (last != NULL && sip_plain_uri(text, last, out))
		return true;
	return sip_uri_parse(text, out) == RESULT_OK && out->headers.len == 0;
}

/* The version is looked at before the rest: a later one may have another grammar. */
static enum sip_fault request_line_parse(struct slice line, const char *last,
					 struct sip_message *out)
{
	const char *at = line.at, *end = at + line.len, *uri_end = uri_end_find(line), *past;
	enum sip_fault fault;

	past = sip_chars_skip(at, end, SIP_CHAR_TOKEN);
	out->method_name = slice_make(at, (size_t)(past - at));
	out->method = sip_method_find(out->method_name);
	if (past == at || past == end || *past != ' ' || uri_end <= past + 1)
		return SIP_FAULT_START_LINE;
	out->version = slice_make(uri_end + 1, (size_t)(end - uri_end - 1));
	fault = version_check(out->version);
	if (fault != SIP_FAULT_NONE)
		return fault;
	if (out->method_name.len > LIMIT_SIP_METHOD_BYTES)
		return SIP_FAULT_METHOD_LENGTH;
	if (!uri_parse(slice_make(past + 1, (size_t)(uri_end - past - 1)), last, &out->uri))
		return SIP_FAULT_REQUEST_URI;
	return SIP_FAULT_NONE;
}

#define STATUS_START	   "SIP/2.0 "
#define STATUS_START_CHARS 8
#define STATUS_CHARS	   4 /* and the space behind it */

/* As nearly all are written. */
static inline bool status_line_take(struct slice line, struct sip_message *out)
{
	const char *status = line.at + STATUS_START_CHARS, *space = status + STATUS_CHARS - 1;
	uint32_t value;

	if (line.len <= STATUS_START_CHARS + STATUS_CHARS ||
	    sip_eight(line.at) != sip_eight(STATUS_START) || *space != ' ' ||
	    !sip_digits(space, 3, &value) || value - 100 >= 600)
		return false;
	out->version = slice_make(line.at, STATUS_START_CHARS - 1);
	out->status = (uint16_t)value;
	out->reason = slice_make(space + 1, line.len - STATUS_START_CHARS - STATUS_CHARS);
	return true;
}

static enum sip_fault status_line_parse(struct slice line, const char *last,
					struct sip_message *out)
{
	const char *at = line.at, *end = at + line.len, *space;
	enum sip_fault fault;
	uint32_t status;

	if (last != NULL && status_line_take(line, out))
		return SIP_FAULT_NONE;
	space = memchr(at, ' ', line.len);
	if (space == NULL)
		return SIP_FAULT_START_LINE;
	out->version = slice_make(at, (size_t)(space - at));
	fault = version_check(out->version);
	if (fault != SIP_FAULT_NONE)
		return fault;
	at = sip_chars_skip(space + 1, end, SIP_CHAR_DIGIT);
	if (at == end || *at != ' ' || at == space + 1)
		return SIP_FAULT_START_LINE;
	if (at - space != 4 || !sip_number_parse(slice_make(space + 1, 3), 699, &status) ||
	    status < 100)
		return SIP_FAULT_STATUS;
	out->status = (uint16_t)status;
	out->reason = slice_make(at + 1, (size_t)(end - at - 1));
	return SIP_FAULT_NONE;
}

/* "SIP/" in any case. */
static bool is_status_line(struct slice line)
{
	return line.len >= 4 &&
	       (sip_four(line.at) | SIP_THREE_LOWER) == SIP_WORD('s', 'i', 'p', '/');
}

enum sip_fault sip_start_line_parse(struct slice line, const char *last, struct sip_message *out)
{
	out->is_request = !is_status_line(line);
	return out->is_request ? request_line_parse(line, last, out)
			       : status_line_parse(line, last, out);
}
