#include "shared/keyexchange/name_constraints.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "shared/sip/uri.h"

static struct slice ia5_slice(const ASN1_IA5STRING *text)
{
	return slice_make(ASN1_STRING_get0_data(text), (size_t)ASN1_STRING_length(text));
}

bool name_constraint_matches(struct slice constraint, struct slice host)
{
	if (constraint.len == 0 || constraint.at[0] != '.')
		return slice_is_equal_nocase(constraint, host);
	return host.len > constraint.len &&
	       slice_is_equal_nocase(
		       constraint, slice_make(host.at + host.len - constraint.len, constraint.len));
}

/* Does one of the URI subtrees match? *has_any: there is one at all. */
static bool is_in(const STACK_OF(GENERAL_SUBTREE) * trees, struct slice host, bool *has_any)
{
	bool is_found = false;

	*has_any = false;
	for (int i = 0; i < sk_GENERAL_SUBTREE_num(trees); i++) {
		const GENERAL_NAME *base = sk_GENERAL_SUBTREE_value(trees, i)->base;

		if (base->type != GEN_URI)
			continue;
		*has_any = true;
		is_found = is_found || name_constraint_matches(
					       ia5_slice(base->d.uniformResourceIdentifier), host);
	}
	return is_found;
}

static bool is_within(const NAME_CONSTRAINTS *constraints, struct slice host)
{
	bool has_permitted, has_excluded;
	bool is_permitted = is_in(constraints->permittedSubtrees, host, &has_permitted);
	bool is_excluded = is_in(constraints->excludedSubtrees, host, &has_excluded);

	return !is_excluded && (is_permitted || !has_permitted);
}

static bool are_within(const NAME_CONSTRAINTS *constraints, const GENERAL_NAMES *names)
{
	for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
		const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
		struct sip_uri uri;

		if (name->type != GEN_URI ||
		    sip_uri_parse(ia5_slice(name->d.uniformResourceIdentifier), &uri) !=
			    RESULT_OK ||
		    uri.scheme != SIP_SCHEME_SIP || !is_within(constraints, uri.host))
			return false;
	}
	return true;
}

bool name_constraints_hold(STACK_OF(X509) * chain)
{
	GENERAL_NAMES *names =
		X509_get_ext_d2i(sk_X509_value(chain, 0), NID_subject_alt_name, NULL, NULL);
	bool hold = names != NULL;

	for (int i = 1; hold && i < sk_X509_num(chain); i++) {
		int critical = -1;
		NAME_CONSTRAINTS *constraints = X509_get_ext_d2i(
			sk_X509_value(chain, i), NID_name_constraints, &critical, NULL);

		/* -1: it has none; anything else unread is malformed or there twice */
		hold = constraints ? are_within(constraints, names) : critical == -1;
		NAME_CONSTRAINTS_free(constraints);
	}
	GENERAL_NAMES_free(names);
	ERR_clear_error();
	return hold;
}
