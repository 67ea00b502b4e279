/* When two URIs are the same: sip_uri_is_equal. */
#include "shared/sip/uri.h"

#include "shared/limits.h"
#include "shared/sip/escape.h"
#include "shared/sip/host.h"

/* One "name" or "name=value" of a URI's parameters or headers. */
struct pair {
	struct slice name;
	struct slice value;
};

struct pairs {
	struct pair at[SIP_URI_COMPARED_MAX];
	unsigned count;
};

/* Splits at the separator; false if there are too many to compare. */
static bool pairs_split(struct slice text, char separator, struct pairs *out)
{
	const char *at = text.at, *end = text.at + text.len;

	out->count = 0;
	if (text.len != 0 && *at == separator)
		at++;
	while (at < end) {
		const char *next = memchr(at, separator, (size_t)(end - at)), *sign;

		if (next == NULL)
			next = end;
		if (out->count == SIP_URI_COMPARED_MAX)
			return false;
		sign = memchr(at, '=', (size_t)(next - at));
		if (sign == NULL)
			sign = next;
		out->at[out->count].name = slice_make(at, (size_t)(sign - at));
		out->at[out->count].value = slice_make(sign, (size_t)(next - sign));
		out->count++;
		at = next == end ? end : next + 1;
	}
	return true;
}

static const struct pair *pairs_find(const struct pairs *pairs, struct slice name)
{
	for (unsigned i = 0; i < pairs->count; i++)
		if (sip_escape_is_equal(pairs->at[i].name, name, false))
			return &pairs->at[i];
	return NULL;
}

/* Parameters that count even when only one of the two URIs has them. */
static bool is_never_ignored(struct slice name)
{
	return slice_is_equal_nocase(name, SLICE("user")) ||
	       slice_is_equal_nocase(name, SLICE("ttl")) ||
	       slice_is_equal_nocase(name, SLICE("method")) ||
	       slice_is_equal_nocase(name, SLICE("maddr")) ||
	       slice_is_equal_nocase(name, SLICE("transport"));
}

/* Every parameter of a is matched in b, or is one that may be absent there. */
static bool params_are_matched(const struct pairs *a, const struct pairs *b)
{
	for (unsigned i = 0; i < a->count; i++) {
		const struct pair *other = pairs_find(b, a->at[i].name);

		if (other == NULL ? is_never_ignored(a->at[i].name)
				  : !sip_escape_is_equal(a->at[i].value, other->value, false))
			return false;
	}
	return true;
}

static bool headers_are_matched(const struct pairs *a, const struct pairs *b)
{
	for (unsigned i = 0; i < a->count; i++) {
		const struct pair *other = pairs_find(b, a->at[i].name);

		if (other == NULL || !sip_escape_is_equal(a->at[i].value, other->value, true))
			return false;
	}
	return true;
}

static bool params_are_equal(const struct sip_uri *a, const struct sip_uri *b)
{
	struct pairs x, y;

	if (a->params.len == 0 && b->params.len == 0)
		return true;
	return pairs_split(a->params, ';', &x) && pairs_split(b->params, ';', &y) &&
	       params_are_matched(&x, &y) && params_are_matched(&y, &x);
}

static bool headers_are_equal(const struct sip_uri *a, const struct sip_uri *b)
{
	struct pairs x, y;

	if (a->headers.len == 0 && b->headers.len == 0)
		return true;
	return pairs_split(a->headers, '&', &x) && pairs_split(b->headers, '&', &y) &&
	       x.count == y.count && headers_are_matched(&x, &y) && headers_are_matched(&y, &x);
}

static bool canonical_is_equal(const struct sip_uri *a, const struct sip_uri *b)
{
	char x[LIMIT_AOR_BYTES], y[LIMIT_AOR_BYTES];
	struct slice s, t;

	if (sip_uri_aor(a, x, &s) != RESULT_OK || sip_uri_aor(b, y, &t) != RESULT_OK)
		return slice_is_equal(a->text, b->text);
	return slice_is_equal(s, t);
}

bool sip_uri_is_equal(const struct sip_uri *a, const struct sip_uri *b)
{
	if (a->scheme != b->scheme)
		return false;
	if (a->scheme != SIP_SCHEME_SIP && a->scheme != SIP_SCHEME_SIPS)
		return canonical_is_equal(a, b);
	return sip_escape_is_equal(a->user, b->user, true) && a->has_password == b->has_password &&
	       sip_escape_is_equal(a->password, b->password, true) &&
	       sip_host_is_equal(a->host, b->host) && a->port == b->port &&
	       params_are_equal(a, b) && headers_are_equal(a, b);
}
