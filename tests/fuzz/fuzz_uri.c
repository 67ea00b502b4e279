/* Any bytes as a URI, or two parted by a line feed: parsed, made canonical, compared. */
#include <string.h>

#include "shared/sip/chars.h"
#include "shared/sip/name_addr.h"
#include "shared/sip/uri.h"
#include "tests/fuzz/target.h"

#define CANONICAL_BYTES 4096

/* The canonical text, or length 0 if there is none. */
static struct slice canonical(const struct sip_uri *uri, char *buffer)
{
	struct writer w = writer_make(buffer, CANONICAL_BYTES);
	struct slice out;

	if (sip_uri_canonical_aor(uri, &w) != RESULT_OK || writer_finish(&w, &out) != RESULT_OK)
		return slice_make(buffer, 0);
	return out;
}

/* An identity is printable, and the identity of its own text. */
static void canonical_check(struct slice text, enum sip_scheme scheme)
{
	char again[CANONICAL_BYTES], whole[CANONICAL_BYTES + 5] = "sip:";
	struct slice second;
	struct sip_uri uri;

	for (size_t i = 0; i < text.len; i++)
		MUST(text.at[i] > ' ' && text.at[i] < 0x7f);
	if (scheme == SIP_SCHEME_SIP || scheme == SIP_SCHEME_SIPS) {
		memcpy(whole + 4, text.at, text.len);
		MUST(sip_uri_parse(slice_make(whole, text.len + 4), &uri) == RESULT_OK);
	} else {
		MUST(sip_uri_parse(text, &uri) == RESULT_OK);
	}
	second = canonical(&uri, again);
	MUST(slice_is_equal(text, second) || (scheme == SIP_SCHEME_SIPS && uri.port == 5060));
}

static bool parse_one(struct slice text, struct sip_uri *uri)
{
	static char buffer[CANONICAL_BYTES];
	struct sip_name_addr addr;
	struct slice aor;

	(void)!sip_name_addr_parse(text, &addr);
	if (sip_uri_parse(text, uri) != RESULT_OK)
		return false;
	aor = canonical(uri, buffer);
	if (aor.len != 0)
		canonical_check(aor, uri->scheme);
	MUST(sip_uri_is_equal(uri, uri) || uri->params.len + uri->headers.len != 0);
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char left[CANONICAL_BYTES], right[CANONICAL_BYTES];
	const uint8_t *end = size == 0 ? NULL : memchr(data, '\n', size);
	struct slice first = slice_make(data, end == NULL ? size : (size_t)(end - data));
	struct sip_uri a, b;
	struct slice x, y;

	if (first.len > CANONICAL_BYTES / 4 || !parse_one(first, &a) || end == NULL)
		return 0;
	if (!parse_one(slice_make(end + 1, size - first.len - 1), &b))
		return 0;
	MUST(sip_uri_is_equal(&a, &b) == sip_uri_is_equal(&b, &a));
	x = canonical(&a, left);
	y = canonical(&b, right);
	if (x.len != 0 && y.len != 0 && sip_uri_is_equal(&a, &b))
		MUST(slice_is_equal(x, y));
	return 0;
}
