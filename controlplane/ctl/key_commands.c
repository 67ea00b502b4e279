#include "controlplane/ctl/commands.h"
#include "controlplane/ctl/fields.h"
#include "controlplane/ctl/gathering.h"
#include "controlplane/peers/peers.h"

#include <stdlib.h>

struct rotation {
	struct gateway *gateway;
	struct ctl_reply *reply;
};

static void rotated(void *arg, enum result result)
{
	struct rotation *rotation = arg;
	struct keeper_state state;

	if (result == RESULT_OK) {
		ctl_reply_result(rotation->reply, NULL);
	} else if (result == RESULT_EXISTS) {
		ctl_reply_error(rotation->reply,
				"every key id is in use until older keys have expired");
	} else {
		keeper_state_get(gateway_keeper(rotation->gateway), &state);
		ctl_reply_error(rotation->reply, "the keys were not rotated: %s", state.sentence);
	}
	free(rotation);
}

void ctl_key_rotate(struct gateway *gateway, const json_t *request, struct ctl_reply *reply)
{
	struct rotation *rotation = calloc(1, sizeof(*rotation));
	enum result result = RESULT_MEMORY;

	(void)request;
	if (rotation != NULL) {
		*rotation = (struct rotation){gateway, reply};
		result = gateway_keys_rotate(gateway, rotated, rotation);
	}
	if (result == RESULT_OK)
		return;
	free(rotation);
	ctl_reply_error(reply, "the keys are being looked at, or the store is busy: try again");
}

void ctl_peer_rekey(struct gateway *gateway, const json_t *request, struct ctl_reply *reply)
{
	struct peers *peers = gateway_peers(gateway);
	const char *name;
	uint32_t begun;
	enum result result;

	if (!field_text_or(request, "name", LIMIT_DOMAIN_BYTES, NULL, &name, reply))
		return;
	if (peers == NULL) {
		reply_no_data_plane(gateway, reply);
		return;
	}
	result = peers_rekey(peers, name, &begun);
	if (result == RESULT_NOT_FOUND)
		ctl_reply_error(reply, "there is no peer and no gateway \"%s\"", name);
	else if (result != RESULT_OK)
		ctl_reply_error(reply, "\"%s\" speaks SIP over TLS: there are no SAs to key", name);
	else if (name != NULL && begun == 0)
		ctl_reply_error(reply, "\"%s\" is not connected: it gets fresh keys when it is",
				name);
	else
		ctl_reply_result(reply, json_pack("{s:I}", "links", (json_int_t)begun));
}

/* What a client needs to know to make a verifier. */
void ctl_terms(struct gateway *gateway, const json_t *request, struct ctl_reply *reply)
{
	const struct control_config *config = gateway_config(gateway);

	(void)request;
	ctl_reply_result(reply,
			 json_pack("{s:I,s:s}", "iterations",
				   (json_int_t)config->password_iterations, "realm",
				   config->domain[0]));
}
