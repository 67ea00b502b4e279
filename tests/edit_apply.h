/* An edit applied in a buffer of known size, for tests: what the data plane does with room that it has seen to. */
#ifndef SEKISHO_TESTS_EDIT_APPLY_H
#define SEKISHO_TESTS_EDIT_APPLY_H

#include "shared/sip/edit.h"

/*
 * Changes the len bytes at at, where cap bytes and a stride more stand. RESULT_OK, RESULT_BAD as
 * sip_edit_check(), RESULT_SPACE also where what comes out is longer than cap; then nothing has been touched.
 */
SEKISHO_MUST_USE static inline enum result edit_apply(const struct sip_edit *edit, char *at, size_t len,
						      size_t cap, size_t *out_len)
{
	enum result result = sip_edit_check(edit, len);

	if (result != RESULT_OK)
		return result;
	if (len + (size_t)edit->growth > cap)
		return RESULT_SPACE;
	sip_edit_put(edit, at, len, at);
	*out_len = len + (size_t)edit->growth;
	return RESULT_OK;
}

#endif
