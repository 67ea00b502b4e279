#include "controlplane/ctl/gathering.h"

#include <stdlib.h>

struct gathering {
	struct gateway *gateway;
	struct ctl_reply *reply;
	contract_record *take;
	json_t *list;
};

void reply_no_data_plane(struct gateway *gateway, struct ctl_reply *reply)
{
	ctl_reply_error(reply,
			"the data plane is not connected: does sekisho-dataplane run, and listen "
			"at %s?",
			gateway_config(gateway)->contract_socket);
}

static void message_gather(void *arg, const struct contract_header *message)
{
	struct gathering *gathering = arg;

	gathering->take(gathering->list, message);
}

static void gathered(void *arg, enum result result)
{
	struct gathering *gathering = arg;

	if (result == RESULT_OK) {
		ctl_reply_result(gathering->reply, gathering->list);
	} else {
		json_decref(gathering->list);
		reply_no_data_plane(gathering->gateway, gathering->reply);
	}
	free(gathering);
}

void gathering_begin(struct gateway *gateway, struct contract_header *request,
		     contract_record *take, struct ctl_reply *reply)
{
	struct gathering *gathering = calloc(1, sizeof(*gathering));

	if (gathering == NULL) {
		ctl_reply_error(reply, "there is no memory");
		return;
	}
	*gathering = (struct gathering){gateway, reply, take, json_array()};
	contract_client_ask(gateway_contract(gateway), request, message_gather, gathered,
			    gathering);
}
