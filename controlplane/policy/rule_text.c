#include "controlplane/policy/rule_text.h"

#include <stdio.h>
#include <string.h>

#include "controlplane/aor.h"
#include "controlplane/policy/pattern.h"
#include "shared/sip/method.h"
#include "shared/writer.h"

#define GROUP_PREFIX "group:"
#define OTHER_NAME   "OTHER"

bool rule_group_name_is_good(const char *name)
{
	size_t length = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "0123456789-_.");

	return length > 0 && length <= STORE_GROUP_NAME_BYTES && name[length] == '\0';
}

/* The domain of a canonical AOR made of it: so that all spellings of a host are the same. */
static enum result domain_parse(const char *text, struct store_party *party)
{
	char spelled[LIMIT_AOR_BYTES + 3], canonical[LIMIT_AOR_BYTES + 1];
	int length = snprintf(spelled, sizeof(spelled), "x@%s", text);
	struct slice domain;

	if (length < 0 || (size_t)length >= sizeof(spelled) || strchr(text, '@') != NULL ||
	    aor_canonical(spelled, canonical) != RESULT_OK)
		return RESULT_BAD;
	domain = aor_domain(slice_make(canonical, strlen(canonical)));
	/* A port, or parameters, would have been left out. */
	if (domain.len == 0 || domain.len != strlen(text))
		return RESULT_BAD;
	memcpy(party->text, domain.at, domain.len);
	party->text[domain.len] = '\0';
	return RESULT_OK;
}

enum result rule_party_parse(const char *text, struct store_party *party)
{
	struct store_party read = {.match = POLICY_MATCH_AOR};

	if (strcmp(text, "any") == 0) {
		read.match = POLICY_MATCH_ANY;
	} else if (strncmp(text, GROUP_PREFIX, strlen(GROUP_PREFIX)) == 0) {
		const char *name = text + strlen(GROUP_PREFIX);

		if (!rule_group_name_is_good(name))
			return RESULT_BAD;
		read.match = POLICY_MATCH_GROUP;
		strcpy(read.text, name);
	} else if (text[0] == '~') {
		if (text[1] == '\0' || strlen(text + 1) > PATTERN_BYTES)
			return RESULT_BAD;
		read.match = POLICY_MATCH_PATTERN;
		strcpy(read.text, text + 1);
	} else if (text[0] == '@') {
		read.match = POLICY_MATCH_DOMAIN;
		if (domain_parse(text + 1, &read) != RESULT_OK)
			return RESULT_BAD;
	} else if ((strchr(text, '@') == NULL && strchr(text, ':') == NULL) ||
		   aor_canonical(text, read.text) != RESULT_OK) {
		return RESULT_BAD;
	}
	*party = read;
	return RESULT_OK;
}

void rule_party_show(const struct store_party *party, char out[RULE_PARTY_TEXT_BYTES])
{
	const char *prefix = party->match == POLICY_MATCH_GROUP	   ? GROUP_PREFIX
			     : party->match == POLICY_MATCH_DOMAIN ? "@"
			     : party->match == POLICY_MATCH_PATTERN ? "~"
								    : "";

	snprintf(out, RULE_PARTY_TEXT_BYTES, "%s%s", prefix,
		 party->match == POLICY_MATCH_ANY ? "any" : party->text);
}

static enum result method_parse(struct slice word, uint32_t *methods)
{
	enum sip_method method = sip_method_find(word);

	if (method == SIP_METHOD_ACK || method == SIP_METHOD_CANCEL ||
	    method == SIP_METHOD_REGISTER)
		return RESULT_BAD;
	if (method == SIP_METHOD_OTHER && !slice_is_equal(word, SLICE(OTHER_NAME)))
		return RESULT_BAD;
	*methods |= 1u << method;
	return RESULT_OK;
}

enum result rule_methods_parse(const char *text, uint32_t *methods)
{
	uint32_t read = 0;

	if (text[0] == '\0' || strcmp(text, "any") == 0) {
		*methods = 0;
		return RESULT_OK;
	}
	for (;;) {
		size_t length = strcspn(text, ",");

		if (method_parse(slice_make(text, length), &read) != RESULT_OK)
			return RESULT_BAD;
		if (text[length] == '\0')
			break;
		text += length + 1;
	}
	*methods = read;
	return RESULT_OK;
}

void rule_methods_show(uint32_t methods, char out[STORE_METHODS_BYTES + 1])
{
	struct writer w = writer_make(out, STORE_METHODS_BYTES);

	for (unsigned method = 0; method < SIP_METHOD_COUNT; method++) {
		if ((methods & 1u << method) == 0)
			continue;
		if (w.len > 0)
			writer_char(&w, ',');
		writer_slice(&w, method == SIP_METHOD_OTHER
					 ? SLICE(OTHER_NAME)
					 : sip_method_name((enum sip_method)method));
	}
	out[w.len] = '\0';
}
