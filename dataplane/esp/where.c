#include "dataplane/esp/where.h"

#include <string.h>

#define KIND_AT	   ESP_WHERE_LABEL_BYTES
#define COOKIE_AT  (KIND_AT + 1)
#define FAMILY_AT  (COOKIE_AT + ESP_WHERE_COOKIE_BYTES)
#define PORT_AT	   (FAMILY_AT + 1)
#define ADDRESS_AT (PORT_AT + 2)

enum { WHERE_QUESTION, WHERE_ANSWER };

bool esp_where_is_question(struct slice content, uint8_t cookie[ESP_WHERE_COOKIE_BYTES])
{
	if (content.len != ESP_WHERE_BYTES ||
	    memcmp(content.at, ESP_WHERE_LABEL, ESP_WHERE_LABEL_BYTES) != 0 ||
	    content.at[KIND_AT] != WHERE_QUESTION)
		return false;
	memcpy(cookie, content.at + COOKIE_AT, ESP_WHERE_COOKIE_BYTES);
	return true;
}

void esp_where_answer(const struct esp_probe_place *place, bool is_ipv4,
		      const uint8_t cookie[ESP_WHERE_COOKIE_BYTES],
		      uint8_t content[ESP_WHERE_BYTES])
{
	memcpy(content, ESP_WHERE_LABEL, ESP_WHERE_LABEL_BYTES);
	content[KIND_AT] = WHERE_ANSWER;
	memcpy(content + COOKIE_AT, cookie, ESP_WHERE_COOKIE_BYTES);
	content[FAMILY_AT] = is_ipv4 ? 4 : 6;
	memcpy(content + PORT_AT, &place->port_be16, 2);
	memcpy(content + ADDRESS_AT, place->address, sizeof(place->address));
}
