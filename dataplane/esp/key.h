/* An SA's key as the engine that uses it has prepared it (engine.h): no one else looks inside. */
#ifndef SEKISHO_DATAPLANE_ESP_KEY_H
#define SEKISHO_DATAPLANE_ESP_KEY_H

#include "dataplane/esp/cbc.h"
#include "dataplane/esp/gcm.h"

/* Of an engine that keeps keys elsewhere. */
struct device_key {
	void *session;
	uint8_t material[CBC_MATERIAL_BYTES];
};

struct esp_key {
	union {
		struct gcm_key gcm; /* GCM and GMAC */
		struct cbc_key cbc; /* HMAC, with CBC or alone */
		struct device_key device;
	};
};

_Static_assert(sizeof(struct esp_key) == 1024, "sixteen cache lines");

#endif
