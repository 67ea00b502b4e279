/* Messages between gateways on the TLS stream: u32(length), big endian, and that many bytes. */
#ifndef SEKISHO_CONTROLPLANE_PEERS_FRAME_H
#define SEKISHO_CONTROLPLANE_PEERS_FRAME_H

#include <stddef.h>

#include "shared/result.h"

struct evbuffer;

#define FRAME_BYTES_MAX 65536

/*
 * The first frame of what has arrived, borrowed until the evbuffer is touched again. RESULT_MORE:
 * not all of it is there; RESULT_BAD: empty or over FRAME_BYTES_MAX.
 */
enum result frame_view(struct evbuffer *input, const char **at, size_t *length) SEKISHO_MUST_USE;

/* Take off the frame that frame_view showed. */
void frame_drop(struct evbuffer *input, size_t length);

enum result frame_add(struct evbuffer *output, const char *at, size_t length) SEKISHO_MUST_USE;

#endif
