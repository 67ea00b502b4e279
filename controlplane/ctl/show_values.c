#include "controlplane/ctl/show_values.h"

#include <arpa/inet.h>

#include "controlplane/registrar/addresses.h"

json_t *show_address(const struct contract_address *from)
{
	const struct sip_address address = address_from_contract(from);
	char text[SIP_ADDRESS_PORT_CHARS + 1];
	struct writer w = writer_make(text, sizeof(text));

	if (from->family == 0)
		return json_null();
	sip_address_write(&address, &w);
	return json_stringn(w.at, w.len);
}

json_t *show_host(const struct contract_address *address)
{
	char text[INET6_ADDRSTRLEN];

	if (address->family == 0 || inet_ntop(address->family == 4 ? AF_INET : AF_INET6,
					      address->bytes, text, sizeof(text)) == NULL)
		return json_null();
	return json_string(text);
}

json_t *show_text(struct slice text)
{
	json_t *json = json_stringn(text.at, text.len);

	return json != NULL ? json : json_null();
}
