#include "shared/sip/via.h"

#include "shared/sip/chars.h"
#include "shared/sip/params.h"

/* token LWS sep LWS; past it, or NULL. */
static const char *token_and_slash(const char *at, const char *end, const char **token_end)
{
	const char *past = sip_chars_skip(at, end, SIP_CHAR_TOKEN);

	if (past == at)
		return NULL;
	*token_end = past;
	past = sip_chars_skip(past, end, SIP_CHAR_LWS);
	if (past == end || *past != '/')
		return NULL;
	return sip_chars_skip(past + 1, end, SIP_CHAR_LWS);
}

/* name "/" version "/" transport LWS; past it, or NULL. */
static const char *sent_protocol_parse(const char *at, const char *end, struct sip_via *via)
{
	const char *first = at, *token_end, *past;

	at = token_and_slash(at, end, &token_end);
	if (at == NULL)
		return NULL;
	at = token_and_slash(at, end, &token_end);
	if (at == NULL)
		return NULL;
	via->protocol = slice_make(first, (size_t)(token_end - first));
	past = sip_chars_skip(at, end, SIP_CHAR_TOKEN);
	if (past == at || past == end || !sip_char_is(*past, SIP_CHAR_LWS))
		return NULL;
	via->transport = slice_make(at, (size_t)(past - at));
	return sip_chars_skip(past, end, SIP_CHAR_LWS);
}

/* host [ ":" port ], space around the colon legal; past it, or NULL. */
static const char *sent_by_parse(const char *at, const char *end, struct sip_via *via)
{
	const char *past = sip_host_scan_address(at, end, &via->host, &via->address), *colon;

	if (past == NULL)
		return NULL;
	via->port = 0;
	colon = sip_chars_skip(past, end, SIP_CHAR_LWS);
	if (colon < end && *colon == ':') {
		colon = sip_chars_skip(colon + 1, end, SIP_CHAR_LWS);
		past = sip_port_scan(colon, end, &via->port);
		if (past == NULL)
			return NULL;
	}
	via->sent_by = slice_make(at, (size_t)(past - at));
	return past;
}

/* The slice that a parameter of ours to know is kept in; NULL for the others. */
static struct slice *param_place(struct sip_via *via, struct slice name)
{
	if (slice_is_equal_nocase(name, SLICE("branch")))
		return &via->branch;
	if (slice_is_equal_nocase(name, SLICE("received")))
		return &via->received;
	if (slice_is_equal_nocase(name, SLICE("sk")))
		return &via->sk;
	return NULL;
}

static bool param_take(struct sip_via *via, const struct sip_param *param)
{
	struct slice *place;

	if (slice_is_equal_nocase(param->name, SLICE("rport"))) {
		if (via->has_rport)
			return false;
		via->has_rport = true;
		via->rport = param->value;
		via->rport_text = param->text;
		return true;
	}
	place = param_place(via, param->name);
	if (place == NULL)
		return true;
	if (place->len != 0 || param->value.len == 0)
		return false;
	*place = param->value;
	return true;
}

enum result sip_via_parse(struct slice text, struct sip_via *out)
{
	struct slice whole = sip_slice_trim(text), none = slice_make(whole.at, 0);
	const char *end = whole.at + whole.len, *at;
	struct sip_params params;
	struct sip_param param;
	enum result result;

	out->text = whole;
	out->branch = out->received = out->rport = out->rport_text = out->sk = none;
	out->has_rport = false;
	at = sent_protocol_parse(whole.at, end, out);
	if (at == NULL)
		return RESULT_BAD;
	at = sent_by_parse(at, end, out);
	if (at == NULL)
		return RESULT_BAD;
	params = sip_params_begin(slice_make(at, (size_t)(end - at)));
	while ((result = sip_params_next(&params, &param)) == RESULT_OK)
		if (!param_take(out, &param))
			return RESULT_BAD;
	return result == RESULT_NOT_FOUND ? RESULT_OK : RESULT_BAD;
}

static void patch_finish(struct sip_via_patch *patch, const struct writer *w, struct slice where,
			 const struct sip_via *via)
{
	patch->offset = (uint16_t)(where.at - via->text.at);
	patch->remove = (uint16_t)where.len;
	patch->len = (uint16_t)w->len;
}

static void received_write(const struct sip_address *source, struct slice host, struct writer *w)
{
	if (host.len > 0)
		writer_slice(w, host);
	else
		sip_address_write_bare(source, w);
}

/* Where rport stands at the end, received, if it is to be new, is put behind it at once. */
static bool rport_patch(const struct sip_via *via, const struct sip_address *source,
			struct slice host, struct sip_via_patch *patch)
{
	struct writer w = writer_make(patch->text, sizeof(patch->text));
	bool is_last = via->received.len == 0 &&
		       via->rport_text.at + via->rport_text.len == via->text.at + via->text.len;

	WRITER_LITERAL(&w, "rport=");
	writer_u32(&w, source->port);
	if (is_last) {
		WRITER_LITERAL(&w, ";received=");
		received_write(source, host, &w);
	}
	patch_finish(patch, &w, via->rport_text, via);
	return is_last;
}

/* Takes the place of a received that the sender wrote, or stands at the entry's end. */
static void received_patch(const struct sip_via *via, const struct sip_address *source,
			   struct slice host, struct sip_via_patch *patch)
{
	struct writer w = writer_make(patch->text, sizeof(patch->text));
	struct slice where = via->received;

	if (where.len == 0) {
		WRITER_LITERAL(&w, ";received=");
		where = slice_make(via->text.at + via->text.len, 0);
	}
	received_write(source, host, &w);
	patch_finish(patch, &w, where, via);
}

unsigned sip_via_stamp(const struct sip_via *via, const struct sip_address *source,
		       struct slice host, struct sip_via_patch patches[SIP_VIA_PATCHES])
{
	unsigned count = 0;
	bool is_other = !sip_address_is_same_host(&via->address, source);

	if (via->has_rport && rport_patch(via, source, host, &patches[count++]))
		return count;
	if (via->has_rport || is_other || via->received.len != 0)
		received_patch(via, source, host, &patches[count++]);
	if (count == 2 && patches[0].offset > patches[1].offset) {
		struct sip_via_patch first = patches[1];

		patches[1] = patches[0];
		patches[0] = first;
	}
	return count;
}
