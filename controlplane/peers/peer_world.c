#include "controlplane/peers/peer_world.h"

#include <stdio.h>
#include <time.h>

uint64_t peer_now_s(void)
{
	return (uint64_t)time(NULL);
}

void peer_world_say(const struct peer_world *world, const char *name, const char *what)
{
	char sentence[512];

	snprintf(sentence, sizeof(sentence), "peer %s: %s", name, what);
	world->out.log(world->out.ctx, sentence);
}

bool peer_world_port(const struct peer_world *world, uint8_t family, uint8_t *port,
		     struct contract_address *address)
{
	for (uint32_t i = 0; i < world->welcome.port_count; i++) {
		const struct contract_address *own = &world->welcome.port[i].address[family == 6];

		if (own->family == family) {
			*port = (uint8_t)i;
			*address = *own;
			return true;
		}
	}
	return false;
}
