#include "dataplane/tables/peer.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/sha.h>

#include "dataplane/tables/settings.h"

static enum result put_check(const struct contract_peer *put)
{
	if (put->index == 0 || put->index >= PEER_CAPACITY || put->level > 3 ||
	    put->domain_count > PEER_DOMAINS || put->reach_count > PEER_DOMAINS ||
	    put->address_count > PEER_ADDRESSES || put->sa_out_count > PEER_WORKERS ||
	    !memchr(put->name, 0, sizeof(put->name)))
		return RESULT_BAD;
	for (unsigned i = 0; i < PEER_DOMAINS; i++) {
		if (!memchr(put->domain[i], 0, sizeof(put->domain[i])) ||
		    !memchr(put->reach[i], 0, sizeof(put->reach[i])))
			return RESULT_BAD;
	}
	return RESULT_OK;
}

static void leg_set(struct peer *made, const char *name)
{
	uint8_t digest[SHA256_DIGEST_LENGTH];
	char lower[LIMIT_DOMAIN_BYTES + 1];
	size_t length = strlen(name);

	for (size_t i = 0; i < length; i++)
		lower[i] = (char)tolower((unsigned char)name[i]);
	SHA256((const unsigned char *)lower, length, digest);
	memcpy(made->leg, digest, sizeof(made->leg));
}

static void texts_set(struct peer *made, const struct contract_peer *put)
{
	memcpy(made->text, put->domain, sizeof(put->domain));
	memcpy(made->text[PEER_DOMAINS], put->reach, sizeof(put->reach));
	for (unsigned i = 0; i < PEER_DOMAINS; i++) {
		char *domain = made->text[i], *reach = made->text[PEER_DOMAINS + i];

		made->domain[i] = text_key_make(slice_make(domain, strlen(domain)));
		made->reach[i] = text_key_make(slice_make(reach, strlen(reach)));
	}
}

enum result peer_make(const struct contract_peer *put, struct peer **peer)
{
	enum result result = put_check(put);
	struct peer *made;

	if (result != RESULT_OK)
		return result;
	made = calloc(1, sizeof(*made));
	if (!made)
		return RESULT_MEMORY;
	made->index = (uint8_t)put->index;
	made->level = put->level;
	made->is_trusted = put->is_trusted != 0;
	made->is_transit = put->is_transit != 0;
	made->is_sibling = put->is_sibling != 0;
	made->is_tls = put->is_tls != 0;
	made->port = put->port;
	made->route_security = put->route_security;
	made->domain_count = put->domain_count;
	made->reach_count = put->reach_count;
	made->address_count = put->address_count;
	made->sa_out_count = put->sa_out_count;
	made->priority = put->priority;
	made->weight = put->weight == 0 ? 1 : put->weight;
	made->is_lost = put->is_lost != 0;
	for (unsigned i = 0; i < put->address_count; i++)
		made->address[i] = settings_address(&put->address[i]);
	memcpy(made->sa_out, put->sa_out, sizeof(made->sa_out));
	memcpy(made->sa_out_generation, put->sa_out_generation, sizeof(made->sa_out_generation));
	leg_set(made, put->name);
	texts_set(made, put);
	*peer = made;
	return RESULT_OK;
}

bool peer_speaks_for(const struct peer *peer, const struct text_key *domain)
{
	for (unsigned i = 0; i < peer->domain_count; i++) {
		if (text_key_is_equal(&peer->domain[i], domain))
			return true;
	}
	return false;
}

bool peer_may_reach(const struct peer *peer, const struct text_key *domain)
{
	for (unsigned i = 0; i < peer->reach_count; i++) {
		if (text_key_is_equal(&peer->reach[i], domain))
			return true;
	}
	return false;
}

bool peer_has_address(const struct peer *peer, const struct sip_address *address)
{
	for (unsigned i = 0; i < peer->address_count; i++) {
		if (sip_address_is_same_host(&peer->address[i], address))
			return true;
	}
	return false;
}
