#include "terminal/esp/where.h"

#include <string.h>

#include "terminal/esp/bytes.h"

#define KIND_AT	   WHERE_LABEL_BYTES
#define COOKIE_AT  (KIND_AT + 1)
#define FAMILY_AT  (COOKIE_AT + WHERE_COOKIE_BYTES)
#define PORT_AT	   (FAMILY_AT + 1)
#define ADDRESS_AT (PORT_AT + 2)

enum { WHERE_QUESTION, WHERE_ANSWER };

void where_ask(const uint8_t cookie[WHERE_COOKIE_BYTES], uint8_t question[WHERE_BYTES])
{
	memset(question, 0, WHERE_BYTES);
	memcpy(question, WHERE_LABEL, WHERE_LABEL_BYTES);
	question[KIND_AT] = WHERE_QUESTION;
	memcpy(question + COOKIE_AT, cookie, WHERE_COOKIE_BYTES);
}

bool where_take(const uint8_t *content, size_t len, const uint8_t cookie[WHERE_COOKIE_BYTES],
		struct sip_address *seen)
{
	struct sip_address address = {0};

	if (len != WHERE_BYTES || memcmp(content, WHERE_LABEL, WHERE_LABEL_BYTES) != 0 ||
	    content[KIND_AT] != WHERE_ANSWER ||
	    memcmp(content + COOKIE_AT, cookie, WHERE_COOKIE_BYTES) != 0)
		return false;
	address.family = content[FAMILY_AT];
	address.port = bytes_get_u16(content + PORT_AT);
	if ((address.family != 4 && address.family != 6) || address.port == 0)
		return false;
	memcpy(address.bytes, content + ADDRESS_AT, address.family == 4 ? 4 : 16);
	*seen = address;
	return true;
}
