#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "controlplane/gateway_state.h"

static const char *peer_name(const void *ctx, uint32_t index)
{
	const struct gateway *gateway = ctx;

	return gateway->parts.peers != NULL ? peers_name(gateway->parts.peers, index) : NULL;
}

enum result gateway_cdr_start(struct gateway *gateway, struct cdr **cdr, char *message, size_t size)
{
	const char *path = gateway->config->cdr_file;
	enum result result;

	*cdr = NULL;
	if (path[0] == '\0')
		return RESULT_OK;
	result = cdr_create(path, peer_name, gateway, cdr);
	if (result != RESULT_OK)
		snprintf(message, size, "the call detail records %s: %s", path,
			 result == RESULT_IO ? strerror(errno) : "there is no memory");
	return result;
}

void gateway_files_reopen(struct gateway *gateway)
{
	if (gateway->cdr != NULL)
		cdr_reopen(gateway->cdr);
}

bool gateway_cdr_state(struct gateway *gateway, struct cdr_journal_state *state)
{
	if (gateway->cdr == NULL)
		return false;
	*state = cdr_state_get(gateway->cdr);
	return true;
}
