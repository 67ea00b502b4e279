/*
 * What the store says, to the data plane: the policy at once, a million names in pieces. The next piece
 * goes when the data plane has answered the last of the one before, so that whoever attaches or registers
 * meanwhile waits for one piece and not for all: his own names are told then, whatever has been.
 */
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "controlplane/gateway_state.h"

#define PIECE 2048

static void identity_put(struct gateway *gateway, const struct store_identity *identity,
			 contract_done *done)
{
	struct contract_identity message = {
		.kind = identity->is_subscribers ? CONTRACT_IDENTITY_LOCAL
						 : CONTRACT_IDENTITY_REMOTE,
		.group_count = identity->group_count,
		.minimum_level = identity->minimum_level,
		.must_be_secure = identity->must_be_secure,
	};
	struct slice aor = slice_make(identity->aor, strlen(identity->aor));

	memcpy(message.group, identity->group, sizeof(identity->group));
	memcpy(message.aor, identity->aor, sizeof(identity->aor));
	/* Here, else at the sibling that has it. */
	if (gateway->parts.registrar == NULL ||
	    !registrar_primary(gateway->parts.registrar, aor, &message.binding_index,
			       &message.binding_generation))
		message.sibling = gateway_sibling_of(gateway, aor);
	contract_header_set(&message.header, CONTRACT_IDENTITY_PUT, sizeof(message), 0);
	contract_client_send(gateway->contract, &message.header, done, gateway);
}

void gateway_identity_tell(struct gateway *gateway, struct slice aor)
{
	struct contract_identity message = {0};
	struct store_identity identity;

	if (directory_identity_find(gateway->directory, aor, &identity) == RESULT_OK) {
		identity_put(gateway, &identity, NULL);
		return;
	}
	memcpy(message.aor, identity.aor, sizeof(identity.aor));
	contract_header_set(&message.header, CONTRACT_IDENTITY_DELETE, sizeof(message), 0);
	contract_client_send(gateway->contract, &message.header, NULL, NULL);
}

static void piece_answered(void *arg, enum result result)
{
	static const struct timeval at_once = {0, 0};
	struct gateway *gateway = arg;

	gateway->tell_waiting--;
	/* the data plane is gone: the next one is told from the beginning */
	if (result == RESULT_IO)
		gateway->is_telling = false;
	else if (result != RESULT_OK)
		gateway_on_refused(gateway, CONTRACT_IDENTITY_PUT, result);
	if (gateway->tell_waiting == 0 && gateway->is_telling && gateway->tell != NULL)
		event_add(gateway->tell, &at_once);
}

static void push(void *ctx, const struct store_identity *identity)
{
	struct gateway *gateway = ctx;

	gateway->tell_waiting++;
	identity_put(gateway, identity, piece_answered);
}

static void next_piece(evutil_socket_t fd, short what, void *arg)
{
	struct gateway *gateway = arg;

	(void)fd, (void)what;
	if (!directory_identities_walk(gateway->directory, &gateway->tell_walk, PIECE, push,
				       gateway))
		gateway->is_telling = false;
}

enum result gateway_tell_start(struct gateway *gateway)
{
	gateway->tell = evtimer_new(gateway->base, next_piece, gateway);
	return gateway->tell != NULL ? RESULT_OK : RESULT_MEMORY;
}

void gateway_tell_stop(struct gateway *gateway)
{
	if (gateway->tell != NULL)
		event_free(gateway->tell);
	gateway->tell = NULL;
}

void gateway_tell_begin(struct gateway *gateway)
{
	static const struct timeval at_once = {0, 0};

	gateway_policy_tell(gateway);
	gateway->tell_walk = (struct directory_walk){0};
	gateway->is_telling = true;
	if (gateway->tell_waiting == 0)
		event_add(gateway->tell, &at_once);
}
