#include "shared/statics/static_terminals.h"

#include <stdlib.h>
#include <string.h>

#include "shared/keyexchange/kdf.h"
#include "shared/keyexchange/suites.h"
#include "shared/sip/host.h"
#include "shared/writer.h"

/* An address counts on in its last four bytes. */
static uint8_t *low_bytes(struct contract_address *address)
{
	return address->bytes + (address->family == 4 ? 0 : 12);
}

static uint32_t low_get(struct contract_address address)
{
	const uint8_t *at = low_bytes(&address);

	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

struct contract_address static_terminal_address(const struct static_terminals *statics,
						uint32_t number)
{
	struct contract_address address = statics->first;
	uint32_t low = low_get(address) + (number - 1);
	uint8_t *at = low_bytes(&address);

	for (int i = 0; i < 4; i++)
		at[i] = (uint8_t)(low >> (24 - 8 * i));
	return address;
}

uint32_t static_terminal_of(const struct static_terminals *statics,
			    const struct contract_address *address)
{
	uint32_t number;

	if (address->family != statics->first.family)
		return 0;
	number = low_get(*address) - low_get(statics->first) + 1;
	if (number == 0 || number > statics->count)
		return 0;
	return address->family == 4 || memcmp(address->bytes, statics->first.bytes, 12) == 0
		       ? number
		       : 0;
}

void static_terminal_aor(const struct static_terminals *statics, uint32_t number,
			 char aor[LIMIT_AOR_BYTES + 1])
{
	snprintf(aor, LIMIT_AOR_BYTES + 1, "t%u@%s", number, statics->domain);
}

void static_terminal_contact(const struct static_terminals *statics, uint32_t number,
			     char contact[LIMIT_CONTACT_BYTES + 1])
{
	struct contract_address from = static_terminal_address(statics, number);
	struct sip_address address = {.family = from.family, .port = from.port};
	char text[SIP_ADDRESS_PORT_CHARS];
	struct writer w = writer_make(text, sizeof(text));

	memcpy(address.bytes, from.bytes, sizeof(address.bytes));
	sip_address_write(&address, &w);
	snprintf(contact, LIMIT_CONTACT_BYTES + 1, "sip:t%u@%.*s", number, (int)w.len, text);
}

uint32_t static_spi_gateway(uint32_t number)
{
	return (uint32_t)STATIC_GENERATION << LIMIT_SA_INDEX_BITS | number;
}

uint32_t static_spi_terminal(uint32_t number)
{
	return STATIC_SPI_TERMINAL + number;
}

size_t static_key_bytes(const struct static_terminals *statics)
{
	return suite_key_bytes(suite_find(statics->suite));
}

enum result static_terminal_key(const struct static_terminals *statics, uint32_t number,
				bool is_to_gateway, uint8_t key[STATIC_KEY_BYTES])
{
	static const char label[] = "sekisho static terminal";
	char info[sizeof(label) + 4];

	memcpy(info, label, sizeof(label) - 1);
	for (size_t i = 0; i < 4; i++)
		info[sizeof(label) - 1 + i] = (char)(number >> (24 - 8 * i));
	info[sizeof(info) - 1] = (char)is_to_gateway;
	return kdf_expand(&statics->secret, slice_make(info, sizeof(info)), key, STATIC_KEY_BYTES);
}
