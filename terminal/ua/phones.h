/* The SIP clients on this machine that have registered here: where a call for us rings. */
#ifndef SEKISHO_TERMINAL_UA_PHONES_H
#define SEKISHO_TERMINAL_UA_PHONES_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/result.h"
#include "shared/sip/message.h"
#include "shared/writer.h"
#include "terminal/ua/flow.h"
#include "terminal/ua/text.h"

/* At once: a softphone, and what else somebody tries. */
#define PHONES_MAX 8

/* A binding lives at most so long, and so long where the client does not say. */
#define PHONES_EXPIRES_S 3600

struct phone {
	struct text contact; /* URI; empty: free */
	struct flow flow;    /* where its requests go */
	uint64_t end_ms;
	uint64_t since; /* counts up with each first registration */
};

struct phones {
	struct phone at[PHONES_MAX];
	uint64_t registrations;
};

/*
 * Does what a REGISTER says: each Contact is bound, bound anew, or with expires=0 let go; "*" lets
 * all go. from is the flow that it came by. RESULT_BAD if a Contact is none we could reach,
 * RESULT_SPACE if there are too many, RESULT_MEMORY; then the ones before it are done.
 */
SEKISHO_MUST_USE enum result phones_register(struct phones *phones, uint64_t now_ms,
					     const struct flow *from,
					     const struct sip_message *request);

/*
 * Where requests for a client's Contact go: to its address if that is one of the loopback, else
 * back to where it spoke from (RFC 5626 does so always).
 */
struct flow phones_flow(const struct sip_uri *contact, const struct flow *from);

/* Contact lines of all bindings, each with what is left of its life. */
void phones_write(const struct phones *phones, uint64_t now_ms, struct writer *w);

/* The one that rings: who came last. NULL if there is none. */
const struct phone *phones_pick(const struct phones *phones, uint64_t now_ms);
unsigned phones_count(const struct phones *phones, uint64_t now_ms);

/* Forgets the one with this flow: it does not answer. */
void phones_forget(struct phones *phones, const struct flow *flow);
void phones_end(struct phones *phones);

#endif
