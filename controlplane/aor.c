#include "controlplane/aor.h"

#include <string.h>

#include "shared/sip/uri.h"

enum result aor_canonical(const char *text, char out[LIMIT_AOR_BYTES + 1])
{
	char whole[2 * LIMIT_AOR_BYTES];
	struct writer spelled = writer_make(whole, sizeof(whole));
	struct slice bytes, canonical;
	enum result result;
	struct sip_uri uri;
	const char *at = strchr(text, '@'), *colon = strchr(text, ':');

	/* A scheme's colon stands before any "@"; "user:password@host" is not taken for one. */
	if (colon == NULL || (at != NULL && colon > at))
		WRITER_LITERAL(&spelled, "sip:");
	writer_bytes(&spelled, text, strlen(text));
	if (writer_finish(&spelled, &bytes) != RESULT_OK)
		return RESULT_SPACE;
	if (sip_uri_parse(bytes, &uri) != RESULT_OK)
		return RESULT_BAD;
	if ((uri.scheme == SIP_SCHEME_SIP || uri.scheme == SIP_SCHEME_SIPS) && uri.user.len == 0)
		return RESULT_BAD;
	result = sip_uri_aor(&uri, out, &canonical);
	if (result == RESULT_OK)
		out[canonical.len] = '\0';
	return result;
}

enum result aor_subscriber(struct slice id, char out[LIMIT_AOR_BYTES + 1])
{
	char text[LIMIT_AOR_BYTES + 1];

	if (id.len > LIMIT_AOR_BYTES || memchr(id.at, 0, id.len) != NULL)
		return RESULT_NOT_FOUND;
	memcpy(text, id.at, id.len);
	text[id.len] = '\0';
	if (strchr(text, '@') == NULL || aor_canonical(text, out) != RESULT_OK)
		memcpy(out, text, sizeof(text));
	return RESULT_OK;
}

struct slice aor_domain(struct slice aor)
{
	const char *at = memrchr(aor.at, '@', aor.len);
	const char *host = at == NULL ? NULL : at + 1;
	struct slice domain = {"", 0};
	const char *port;

	if (host == NULL)
		return domain;
	domain = slice_make(host, (size_t)(aor.at + aor.len - host));
	port = domain.len > 0 && host[0] == '[' ? NULL : memchr(host, ':', domain.len);
	if (port != NULL)
		domain.len = (size_t)(port - host);
	return domain;
}
