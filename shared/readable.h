/*
 * Text from outside made fit for a terminal's screen: what it could be commanded by is shown as
 * "?".
 */
#ifndef SEKISHO_SHARED_READABLE_H
#define SEKISHO_SHARED_READABLE_H

#include <stddef.h>

/*
 * In place and byte for byte: control characters (C0 but those in `kept`, DEL, and C1 as UTF-8 has
 * them, U+0080 to U+009F, among which are the ESC-less beginnings of command sequences) and every
 * byte of what is no UTF-8 (RFC 3629).
 */
void readable_make(char *text, size_t len, const char *kept);

#endif
