#include "controlplane/ctl/commands.h"
#include "controlplane/ctl/fields.h"
#include "controlplane/peers/peers.h"

void ctl_key_rotate(struct gateway *gateway, const json_t *request, struct ctl_reply *reply)
{
	enum result result = gateway_keys_rotate(gateway);

	(void)request;
	if (result == RESULT_OK)
		ctl_reply_result(reply, NULL);
	else if (result == RESULT_SPACE)
		ctl_reply_error(reply, "every key id is in use until older keys have expired");
	else
		reply_store_error(gateway_store(gateway), result, "", "", reply);
}

void ctl_peer_rekey(struct gateway *gateway, const json_t *request, struct ctl_reply *reply)
{
	struct peers *peers = gateway_peers(gateway);

	(void)request;
	if (peers == NULL) {
		ctl_reply_error(reply, "the data plane is not connected");
		return;
	}
	peers_rekey(peers);
	ctl_reply_result(reply, NULL);
}

/* What a client needs to know to make a verifier. */
void ctl_terms(struct gateway *gateway, const json_t *request, struct ctl_reply *reply)
{
	const struct control_config *config = gateway_config(gateway);

	(void)request;
	ctl_reply_result(reply,
			 json_pack("{s:I}", "iterations", (json_int_t)config->password_iterations));
}
