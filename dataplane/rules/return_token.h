/* The token that a response must bring back in our Record-Route entry, if its request formed a dialog. */
#ifndef SEKISHO_DATAPLANE_RULES_RETURN_TOKEN_H
#define SEKISHO_DATAPLANE_RULES_RETURN_TOKEN_H

#include "dataplane/rules/packet_rules.h"

/* Begins the proof of the first entry's token that seems to be ours, with returning.state, from and to set:
 * rules->token. False: there is none, or none is needed. */
bool return_token_begin(struct packet_rules *rules, struct keyed_hash *hash);

/* With returning.is_token_proven set: is our entry there as it was sent, if it must be? */
bool return_token_is_right(const struct packet_rules *rules);

#endif
