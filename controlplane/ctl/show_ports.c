/* `show ports`: what the data plane said of each port when it greeted. */
#include <string.h>

#include "controlplane/ctl/commands.h"
#include "controlplane/ctl/gathering.h"
#include "controlplane/ctl/show_values.h"
#include "shared/contract/port_spread.h"

static const char *spread_name(uint8_t spread)
{
	switch (spread) {
	case CONTRACT_SPREAD_NOT_NEEDED:
		return "one-queue";
	case CONTRACT_SPREAD_NONE:
		return "none";
	case CONTRACT_SPREAD_ADDRESSES:
		return "addresses";
	default:
		return "spi";
	}
}

static json_t *port_json(unsigned number, const struct contract_port *port)
{
	json_t *addresses = json_array();

	for (unsigned i = 0; i < 2; i++)
		if (port->address[i].family != 0)
			json_array_append_new(addresses, show_host(&port->address[i]));
	return json_pack("{s:i,s:o,s:o,s:o,s:i,s:s,s:s}", "port", (int)number, "device",
			 show_text(slice_make(port->device, strlen(port->device))), "exception",
			 show_text(slice_make(port->exception, strlen(port->exception))),
			 "addresses", addresses, "mtu", (int)port->mtu, "spread",
			 spread_name(port->spread), "spread_text", port_spread_text(port->spread));
}

void ctl_show_ports(struct gateway *gateway, const json_t *request, struct ctl_reply *reply)
{
	const struct contract_welcome *welcome = gateway_welcome(gateway);
	json_t *list;

	(void)request;
	if (welcome == NULL) {
		reply_no_data_plane(gateway, reply);
		return;
	}
	list = json_array();
	for (unsigned i = 0; i < welcome->port_count; i++)
		json_array_append_new(list, port_json(i, &welcome->port[i]));
	ctl_reply_result(reply, list);
}
