#include "controlplane/digest/digest.h"

#include <stdlib.h>
#include <string.h>

#include "controlplane/aor.h"
#include "controlplane/digest/credentials.h"
#include "controlplane/keyexchange/failure_limit.h"
#include "shared/keyexchange/secret.h"
#include "shared/sip/entries.h"
#include "shared/sip/name_addr.h"
#include "shared/writer.h"

struct digest {
	struct nonces *nonces;
	struct failure_limit *failures;
	struct secret nobody; /* the verifier of users that are not there */
	digest_lookup *lookup;
	void *ctx;
};

enum result digest_create(struct random_source random, digest_lookup *lookup, void *ctx,
			  struct digest **digest)
{
	struct digest *made = calloc(1, sizeof(*made));
	enum result result;

	if (made == NULL)
		return RESULT_MEMORY;
	made->lookup = lookup;
	made->ctx = ctx;
	result = random_fill(&random, made->nobody.bytes, SECRET_BYTES);
	if (result == RESULT_OK)
		result = nonces_create(random, &made->nonces);
	if (result == RESULT_OK)
		result = failure_limit_create(&made->failures);
	if (result != RESULT_OK) {
		digest_destroy(made);
		return result;
	}
	*digest = made;
	return RESULT_OK;
}

void digest_destroy(struct digest *digest)
{
	if (digest == NULL)
		return;
	nonces_destroy(digest->nonces);
	failure_limit_destroy(digest->failures);
	secret_wipe(&digest->nobody);
	free(digest);
}

/* ACK and CANCEL bear the credentials of their INVITE (RFC 3261 22.1). */
static bool is_of_invite(const struct sip_message *request)
{
	return request->method == SIP_METHOD_ACK || request->method == SIP_METHOD_CANCEL;
}

static uint64_t first_64(const uint8_t digest[DIGEST_BYTES])
{
	uint64_t value;

	memcpy(&value, digest, sizeof(value));
	return value;
}

static bool use_make(const struct sip_message *request, struct nonce_use *use)
{
	char number[10];
	struct writer w = writer_make(number, sizeof(number));
	uint8_t digest[DIGEST_BYTES];

	writer_u32(&w, request->cseq.number);
	const struct slice parts[] = {request->call_id, slice_make(number, w.len),
				      request->via.branch};

	if (digest_hash(parts, 2, digest) != RESULT_OK)
		return false;
	use->call = first_64(digest);
	if (digest_hash(parts, 3, digest) != RESULT_OK)
		return false;
	use->request = first_64(digest);
	return true;
}

/* Credentials for our realm; those for others' are not ours to look at. */
static enum result credentials_find(const struct sip_message *request, struct slice realm,
				    struct digest_credentials *out)
{
	if (!sip_message_has(request, SIP_HEADER_PROXY_AUTHORIZATION))
		return RESULT_NOT_FOUND;
	for (unsigned i = request->first[SIP_HEADER_PROXY_AUTHORIZATION];
	     i <= request->last[SIP_HEADER_PROXY_AUTHORIZATION]; i++) {
		enum result result;

		if (request->lines[i].id != SIP_HEADER_PROXY_AUTHORIZATION)
			continue;
		result = digest_credentials_parse(sip_message_line_value(request, i), out);
		if (result == RESULT_BAD)
			return RESULT_BAD;
		if (result == RESULT_OK && slice_is_equal_nocase(out->realm, realm))
			return RESULT_OK;
	}
	return RESULT_NOT_FOUND;
}

static enum result challenge(struct digest *digest, const struct sip_address *source,
			     struct slice realm, bool is_stale, uint64_t now_s,
			     struct digest_outcome *out)
{
	struct writer w = writer_make(out->challenge, sizeof(out->challenge));
	char nonce[NONCE_CHARS];
	enum result result = nonces_make(digest->nonces, source, now_s, nonce);

	if (result != RESULT_OK)
		return result;
	WRITER_LITERAL(&w, "Proxy-Authenticate: Digest realm=\"");
	writer_slice(&w, realm);
	WRITER_LITERAL(&w, "\", nonce=\"");
	writer_bytes(&w, nonce, sizeof(nonce));
	WRITER_LITERAL(&w, "\", algorithm=SHA-256, qop=\"auth\"");
	if (is_stale)
		WRITER_LITERAL(&w, ", stale=true");
	WRITER_LITERAL(&w, "\r\n");
	out->verdict = DIGEST_CHALLENGED;
	out->challenge_len = w.len;
	return w.is_full ? RESULT_IO : RESULT_OK;
}

/* The identity that a request claims: From, or what an anonymous one prefers. Empty: none. */
static struct slice claimed_read(const struct sip_message *request, char out[LIMIT_AOR_BYTES])
{
	struct slice aor = slice_make(out, 0);
	struct sip_uri uri = request->from.uri;
	struct sip_name_addr preferred;
	struct sip_entries entries;
	struct sip_entry entry;

	if (sip_uri_is_anonymous(&uri)) {
		entries = sip_entries_begin(request, SIP_HEADER_P_PREFERRED_IDENTITY);
		if (!sip_entries_next(&entries, &entry) ||
		    sip_name_addr_parse(entry.text, &preferred) != RESULT_OK ||
		    sip_uri_parse(preferred.uri, &uri) != RESULT_OK)
			return slice_make(out, 0);
	}
	return sip_uri_aor(&uri, out, &aor) == RESULT_OK ? aor : slice_make(out, 0);
}

static bool is_identity(const struct digest_user *user, const struct sip_message *request)
{
	char room[LIMIT_AOR_BYTES];
	struct slice claimed = claimed_read(request, room);

	for (uint8_t i = 0; claimed.len > 0 && i < user->identity_count; i++)
		if (slice_is_equal(claimed,
				   slice_make(user->identity[i], strlen(user->identity[i]))))
			return true;
	return false;
}

/* A request's digest-uri is its own; an ACK and a CANCEL bear their INVITE's. */
static bool is_uri_right(const struct digest_credentials *said, const struct sip_message *request)
{
	struct sip_uri uri;

	return is_of_invite(request) || (sip_uri_parse(said->uri, &uri) == RESULT_OK &&
					 sip_uri_is_equal(&uri, &request->uri));
}

/* Does the response hold? The same work is done for a user that is not there. */
static enum result response_check(const struct digest *digest,
				  const struct digest_credentials *said,
				  const struct sip_message *request, struct digest_user *user,
				  bool *is_right)
{
	enum result found = digest->lookup(digest->ctx, said->username, user);
	const struct slice method = is_of_invite(request) ? SLICE("INVITE") : request->method_name;
	char expected[DIGEST_HEX_CHARS];

	if (found != RESULT_OK && found != RESULT_NOT_FOUND)
		return RESULT_STALE;
	if (found == RESULT_NOT_FOUND)
		memcpy(user->verifier, digest->nobody.bytes, DIGEST_BYTES);
	if (digest_response_make(said, method, user->verifier, expected) != RESULT_OK)
		return RESULT_IO;
	*is_right = said->response.len == DIGEST_HEX_CHARS &&
		    secret_is_equal(said->response.at, expected, DIGEST_HEX_CHARS) &&
		    found == RESULT_OK;
	secret_wipe_bytes(user->verifier, DIGEST_BYTES);
	return RESULT_OK;
}

/* What is tried, and by whom. The name is in id. */
struct guess {
	struct failure_attempt attempt;
	char id[LIMIT_AOR_BYTES + 1];
	uint8_t hash[DIGEST_BYTES]; /* of what is the same in a request that is sent again */
	uint64_t now_ms;
};

static enum result guess_make(const struct digest_credentials *said,
			      const struct sip_address *source, uint64_t now_s, struct guess *guess)
{
	const struct slice parts[] = {said->nonce, said->response};

	if (aor_subscriber(said->username, guess->id) != RESULT_OK)
		guess->id[0] = '\0';
	guess->attempt = (struct failure_attempt){.source = source,
						  .who = slice_make(guess->id, strlen(guess->id))};
	guess->now_ms = now_s * 1000;
	return digest_hash(parts, 2, guess->hash);
}

static void refuse(enum digest_verdict verdict, const char *reason, struct digest_outcome *out)
{
	out->verdict = verdict;
	out->reason = reason;
}

/* May it be tried at all? RESULT_SPACE: no, and the outcome says so. */
static enum result guess_look(const struct digest *digest, const struct guess *guess,
			      struct digest_outcome *out)
{
	enum result result = failure_limit_look(digest->failures, &guess->attempt, guess->now_ms);

	if (result != RESULT_DENIED && result != RESULT_SPACE)
		return result;
	refuse(DIGEST_UNAVAILABLE,
	       result == RESULT_DENIED
		       ? "a request in the clear: its source was wrong about this user too often"
		       : "a request in the clear: its source was wrong too often in all",
	       out);
	return RESULT_SPACE;
}

static enum result response_judge(struct digest *digest, const struct digest_credentials *said,
				  const struct sip_message *request, const struct guess *guess,
				  bool *is_right, struct digest_user *user,
				  struct digest_outcome *out)
{
	enum result result = guess_look(digest, guess, out);

	if (result == RESULT_OK)
		result = response_check(digest, said, request, user, is_right);
	if (result != RESULT_OK || *is_right)
		return result;
	out->reason = "a request in the clear had a wrong password, or is of a user who has none";
	return failure_limit_count(digest->failures, &guess->attempt, guess->hash, guess->now_ms);
}

static enum result credentials_judge(struct digest *digest, const struct digest_credentials *said,
				     const struct sip_message *request,
				     const struct sip_address *source, struct slice realm,
				     uint64_t now_s, struct digest_outcome *out)
{
	bool is_ack = request->method == SIP_METHOD_ACK, is_right = false;
	struct digest_user user = {0};
	enum nonce_verdict nonce;
	struct nonce_use use;
	struct guess guess;
	enum result result;

	if (!use_make(request, &use) || guess_make(said, source, now_s, &guess) != RESULT_OK)
		return RESULT_IO;
	nonce = nonces_check(digest->nonces, said->nonce, source, &use, is_ack, now_s);
	if (nonce == NONCE_FOREIGN || nonce == NONCE_SPENT || !is_uri_right(said, request))
		return challenge(digest, source, realm, false, now_s, out);
	result = response_judge(digest, said, request, &guess, &is_right, &user, out);
	if (result == RESULT_SPACE)
		return RESULT_OK;
	if (result == RESULT_STALE) {
		refuse(DIGEST_UNAVAILABLE,
		       "a request in the clear came while the store could not tell its digest",
		       out);
		return RESULT_OK;
	}
	if (result != RESULT_OK)
		return result;
	if (!is_right || nonce == NONCE_STALE)
		return challenge(digest, source, realm, is_right, now_s, out);
	nonces_spend(digest->nonces, said->nonce, &use);
	out->verdict = DIGEST_PROVED;
	if (!is_identity(&user, request))
		refuse(DIGEST_WRONG_SENDER,
		       "a request in the clear was proved by digest under a name that is another's",
		       out);
	return RESULT_OK;
}

enum result digest_judge(struct digest *digest, const struct sip_message *request,
			 const struct sip_address *source, struct slice realm, uint64_t now_s,
			 struct digest_outcome *out)
{
	struct digest_credentials said;
	enum result result = credentials_find(request, realm, &said);

	memset(out, 0, sizeof(*out));
	if (result == RESULT_BAD) {
		refuse(DIGEST_MALFORMED, "a request in the clear has a digest that is malformed",
		       out);
		result = RESULT_OK;
	} else if (result == RESULT_NOT_FOUND) {
		result = challenge(digest, source, realm, false, now_s, out);
	} else {
		result = credentials_judge(digest, &said, request, source, realm, now_s, out);
	}
	/* An ACK is never answered. */
	if (request->method == SIP_METHOD_ACK && out->verdict != DIGEST_PROVED)
		refuse(DIGEST_DROPPED, "an ACK in the clear proved nothing", out);
	return result;
}
