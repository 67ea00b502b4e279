/* A parameter of a plain value, and what it means there: for both widths of plain.h's readers. */
#ifndef SEKISHO_SHARED_SIP_PLAIN_PARAMS_H
#define SEKISHO_SHARED_SIP_PLAIN_PARAMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/sip/via.h"
#include "shared/sip/words.h"
#include "shared/slice.h"

/* One ";name=value" or ";name", taken up to what stands behind it. */
struct param {
	const char *name;
	const char *name_end;
	struct slice value; /* empty: none */
};

/* The byte behind the name, whichever it is, is read with it. */
static inline bool is_tag(const struct param *param)
{
	return param->name_end - param->name == 3 &&
	       ((sip_four(param->name) & UINT32_C(0xffffff)) | SIP_THREE_LOWER) ==
		       SIP_WORD('t', 'a', 'g', 0);
}

/* Is the parameter's name this one of four letters or more, case aside? By two words. */
static inline bool is_named(const struct param *param, const char *name, size_t len)
{
	return (size_t)(param->name_end - param->name) == len &&
	       (sip_four(param->name) | SIP_FOUR_LOWER) == sip_four(name) &&
	       (sip_four(param->name_end - 4) | SIP_FOUR_LOWER) == sip_four(name + len - 4);
}

/* What a Via is taken apart into: which slice a parameter belongs to; NULL: none of ours. */
static inline struct slice *via_place(struct sip_via *via, const struct param *param)
{
	switch (param->name_end - param->name) {
	case 2:
		return (param->name[0] | 0x20) == 's' && (param->name[1] | 0x20) == 'k' ? &via->sk
											: NULL;
	case 6:
		return is_named(param, "branch", 6) ? &via->branch : NULL;
	case 8:
		return is_named(param, "received", 8) ? &via->received : NULL;
	default:
		return NULL;
	}
}

static inline bool via_param_note(struct sip_via *via, const struct param *param)
{
	struct slice *place;

	if (is_named(param, "rport", 5)) {
		const char *end = param->value.at + param->value.len;

		if (via->has_rport)
			return false;
		via->has_rport = true;
		via->rport = param->value;
		via->rport_text = slice_make(param->name, (size_t)(end - param->name));
		return true;
	}
	place = via_place(via, param);
	if (place == NULL)
		return true;
	if (place->len != 0 || param->value.len == 0)
		return false;
	*place = param->value;
	return true;
}

#endif
