#include "controlplane/keyexchange/answer_tag.h"

#include "shared/base64url.h"
#include "shared/keyexchange/kdf.h"

/* Bytes of the MAC in a tag: 12 characters behind "sk". */
#define MAC_BYTES 9

enum result answer_tag_make(const struct secret *persistent, const struct sip_message *request,
			    struct answer_tag *out)
{
	/* of a request that did not parse only the Via is known (message.h) */
	bool is_whole = request->fault == SIP_FAULT_NONE;
	/* a line end stands in none of the texts, so it keeps them apart */
	const struct slice parts[] = {
		SLICE("sekisho answer\n"),
		request->via.branch,
		SLICE("\n"),
		slice_make(&request->cseq.number, is_whole ? sizeof(request->cseq.number) : 0),
		is_whole ? request->call_id : SLICE(""),
		SLICE("\n"),
		is_whole ? request->from.tag : SLICE(""),
	};
	struct writer w = writer_make(out->at, sizeof(out->at));
	uint8_t mac[KDF_HASH_BYTES];
	enum result result = kdf_hmac(slice_make(persistent->bytes, SECRET_BYTES), parts,
				      sizeof(parts) / sizeof(parts[0]), mac);

	if (result != RESULT_OK)
		return result;
	WRITER_LITERAL(&w, "sk");
	base64url_encode(&w, mac, MAC_BYTES);
	return RESULT_OK;
}
