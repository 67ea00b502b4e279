/* Names as local clients write them, and as they are outside. */
#ifndef SEKISHO_TERMINAL_UA_NAMING_H
#define SEKISHO_TERMINAL_UA_NAMING_H

#include "terminal/ua/state.h"

/*
 * Is it the loopback as a client would name it (an address of it, or localhost)? There it stands
 * for our domain.
 */
bool naming_is_here(const struct sip_uri *uri);

/*
 * Whom a client may be, and the From that leaves: our name; our user at the loopback, which becomes
 * our name; or anonymous (RFC 3323). False for anybody else.
 */
bool naming_from(const struct ua *ua, const struct sip_uri *from, struct slice *out);

/*
 * Whom a client wants: a name as it is, a user at the loopback as one of our domain. False for what
 * cannot be called (the loopback itself, other schemes, headers in the URI).
 */
bool naming_to(const struct ua *ua, const struct sip_uri *to, struct writer *w);

#endif
