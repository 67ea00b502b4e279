/*
 * May those who are attached go on? Asked after certificates, revocation lists or CAs were read again,
 * and of who was attached before this process began: a piece of all SAs in each turn of the loop.
 */
#include <event2/event.h>
#include <string.h>

#include "controlplane/gateway_state.h"

#define PIECE 8192

/* A certificate may have been revoked, or its CA taken away. */
static const char *path_fault(const struct gateway *gateway, const struct contract_vouching *v)
{
	const struct trust *trust = gateway_certificates_view(gateway->certificates).trust;
	struct trust_path path = {.until_s = v->until_s, .anchor = v->anchor};

	memcpy(path.certificate, v->certificate, sizeof(path.certificate));
	return trust == NULL ? "certificates are not taken any more"
			     : trust_path_fault(trust, &path);
}

static const char *judge(void *ctx, const struct contract_sa *sa)
{
	struct gateway *gateway = ctx;
	bool is_by_certificate = sa->vouching.anchor != 0;
	struct subscriber_credential credential;
	const char *reason = NULL;

	if (gateway_lookup_credential(gateway, slice_make(sa->subscriber, strlen(sa->subscriber)),
				      &credential) != RESULT_OK)
		return "there is no such subscriber any more";
	if (!credential.is_enabled)
		reason = "the subscriber is disabled";
	else if (is_by_certificate != credential.is_by_certificate)
		reason = "the subscriber proves itself in another way now";
	else if (is_by_certificate)
		reason = path_fault(gateway, &sa->vouching);
	secret_wipe_bytes(&credential, sizeof(credential));
	return reason;
}

void gateway_sa_ended(void *ctx, const struct contract_sa *sa, const char *reason)
{
	struct gateway *gateway = ctx;

	if (gateway->cdr != NULL)
		cdr_take_ended(gateway->cdr, gateway_now_ms(), sa, reason);
	if (log_limit_admit(&gateway->ended_limit, gateway_now_ms(), "sentences about ended SAs"))
		log_say("SA %u of %s ends: %s", sa->index, sa->subscriber, reason);
}

static void next_piece(evutil_socket_t fd, short what, void *arg)
{
	static const struct timeval at_once = {0, 0};
	struct gateway *gateway = arg;

	(void)fd, (void)what;
	/* what a dump brings is reviewed when it is there */
	if (gateway->parts.registrar == NULL || gateway->is_restoring)
		return;
	gateway->review_at = registrar_review(gateway->parts.registrar, gateway->review_at, PIECE,
					      judge, gateway, gateway_now_s());
	if (gateway->review_at != 0)
		event_add(gateway->review, &at_once);
}

enum result gateway_review_start(struct gateway *gateway)
{
	gateway->ended_limit = log_limit_make(50, 200);
	gateway->review = evtimer_new(gateway->base, next_piece, gateway);
	return gateway->review != NULL ? RESULT_OK : RESULT_MEMORY;
}

void gateway_review_stop(struct gateway *gateway)
{
	if (gateway->review != NULL)
		event_free(gateway->review);
}

void gateway_review_begin(struct gateway *gateway)
{
	static const struct timeval at_once = {0, 0};

	gateway->review_at = 1;
	event_add(gateway->review, &at_once);
}
