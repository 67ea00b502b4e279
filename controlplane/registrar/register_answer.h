/* The header lines that the answer to a REGISTER has of its own (RFC 3261 10.3, 8). */
#ifndef SEKISHO_CONTROLPLANE_REGISTRAR_REGISTER_ANSWER_H
#define SEKISHO_CONTROLPLANE_REGISTRAR_REGISTER_ANSWER_H

#include "controlplane/registrar/registrar_state.h"
#include "shared/sip/message.h"

/* Of a 200 the longest: a Contact for each terminal of the identity. */
#define REGISTER_ANSWER_BYTES (REGISTRAR_BINDINGS_PER_IDENTITY * 512)

/* request has been answered with status; aor is the name it registers. */
void register_answer_write(const struct registrar *r, const struct sip_message *request,
			   struct slice aor, unsigned status, uint64_t now_s, struct writer *out);

#endif
