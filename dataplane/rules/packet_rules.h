/*
 * What the rules know of one message: found out step by step (docs/packet-path), used by the steps
 * after. One for each packet context, written by the worker that walks, shared with nobody.
 */
#ifndef SEKISHO_DATAPLANE_RULES_PACKET_RULES_H
#define SEKISHO_DATAPLANE_RULES_PACKET_RULES_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_common.h>

#include "dataplane/drop_reason.h"
#include "dataplane/event_ring.h"
#include "dataplane/rules/branch.h"
#include "dataplane/rules/link.h"
#include "dataplane/rules/route.h"
#include "dataplane/rules/token.h"
#include "dataplane/rules/via_state.h"
#include "dataplane/tables/key_table.h"
#include "dataplane/tables/text_key.h"
#include "shared/limits.h"
#include "shared/sip/edit.h"
#include "shared/sip/message.h"
#include "shared/sip/route_security.h"

struct identity;

/* How a message goes on after a step. Which of them a step may answer stands with the step. */
enum rules_way {
	RULES_NEXT,	   /* to the next step */
	RULES_REPLY,	   /* we answer, with `status` */
	RULES_DROP,	   /* no further, for `drop_reason` */
	RULES_TO_CONTROL,  /* it is for the gateway itself */
	RULES_RESPONSE,	   /* it is a response */
	RULES_IN_DIALOG,   /* its token says where it goes: policy and look-up are not asked */
	RULES_BAD_GATEWAY, /* a response came back wrong: a 502 goes on in its stead */
};

/*
 * Messages whose hashes are worked out together (rules_*_prove, rules_branches_make), before each
 * of them takes the step that asks for them. Many enough that none is waited for, few enough that
 * all stays near.
 */
#define RULES_TOGETHER 8

/* Lines that a request gets, as they are lent to sip_edit: in whole strides, with own texts in
 * them. */
#define VIA_LINE_CHARS	  (OWN_TEXT_CHARS + BRANCH_CHARS + 4 + VIA_STATE_CHARS_MAX + 2)
#define RECORD_LINE_CHARS (19 + TOKEN_CHARS_MAX + OWN_TEXT_CHARS + 2)
#define LINE_ROOM(chars)  RTE_ALIGN_CEIL(chars, SIP_EDIT_STRIDE)

/* What a request will carry. */
struct rewriting {
	bool has_own;	  /* our Route-Security entry */
	bool is_withheld; /* towards a leg marked legacy, by which it may not go */
	unsigned count;	  /* of the whole series as sent */
	struct via_state state;
	struct sip_via_patch patches[SIP_VIA_PATCHES]; /* of the Via below ours */
	unsigned patch_count;
	uint16_t via_length, record_length;
	char via[LINE_ROOM(VIA_LINE_CHARS)];	   /* ours, with all we would have to remember */
	char record[LINE_ROOM(RECORD_LINE_CHARS)]; /* of a request that forms a dialog */
};

/* A response on its way through the checks. */
struct returning {
	enum drop_reason fault; /* not DROP_NONE: nothing else is set */
	struct via_state state;
	const struct rotating_key *key;
	uint32_t likely;      /* binding that it most likely goes back to (link.h); 0: nobody is known */
	bool is_proven;	      /* the MAC of sk= holds */
	bool is_same_series;  /* the digest of the last entries is the one in sk= */
	bool is_token_proven; /* our Record-Route entry is there as sent */
};

/* Canonical AORs of a message: From, To, Request-URI, and what stands for an anonymous From. */
#define PACKET_RULES_AORS 4

struct packet_rules {
	/* The world as it is for this message, one for a burst: rules_begin. */
	const struct tables *tables;
	const struct settings *settings;
	const struct key_picture *keys;
	struct event_ring *events;
	uint64_t now_ms; /* Unix time */
	uint64_t now_s;
	bool has_controlplane; /* without it peers over TLS are not reached: sip_parse */
	bool is_keyed; /* there is a key for all that is made: else only REGISTER is served */

	/* From here to ingress all is nothing at first, which rules_begin makes it at once. */
	struct sip_message *message; /* receive */
	/* from_check: canonical URIs; empty: it has no canonical form that we could know, or one
	 * longer than any name here */
	struct text_key from;
	struct text_key to;	/* looked up by nobody: no hash */
	struct text_key target; /* Request-URI */
	struct text_key caller; /* the identity that is proven: From, or what stands for it */
	const struct identity *callee; /* policy: of our own domain; NULL: another's */
	const struct peer *next_peer;  /* NULL: our own domain's */
	unsigned aor_count;
	uint16_t status;      /* RULES_REPLY */
	uint16_t drop_reason; /* enum drop_reason: RULES_DROP */
	bool has_token;	      /* a To tag, and a Route entry of ours with a user part on top */
	bool is_token_tried;  /* is_token_proven says whether its MAC holds for the likelier side */
	bool is_for_gateway;  /* addressed to one of our domains or addresses, no user */
	bool is_annotated;    /* an entry with the previous hop's address, no level, goes on top */
	bool has_branch;      /* branch is set */
	bool is_asked;	      /* is_callee_ours and domain are set */
	bool is_rewrite_proven; /* rewriting is set */
	bool is_return_read;	/* fault, state and key of returning are set */
	bool is_return_proven;	/* all of it is */

	/* Where it came from: ingress_of_*. */
	struct link ingress;
	/* Whose texts the message most likely has: ingress.binding, or who is registered in the clear
	 * where it came from. It proves nothing. NULL: nobody is known. */
	const struct binding *likely;
	uint32_t sa_handle; /* for events; 0: clear */

	/* from_check */
	struct route route;
	bool is_caller_first; /* caller is the first of the sender's binding */
	bool is_target_to;    /* To and Request-URI name the same */
	bool is_token;	      /* has_token, and token is one of our form: unproven */
	bool is_token_proven;
	struct token token; /* of a request that forms a dialog: the one it will carry */
	uint32_t ahead;	    /* binding that the token seems to lead to (ahead.h) */

	/* hop_check */
	struct sip_route_security series; /* as received */

	/* forwards_check */
	char branch[BRANCH_CHARS]; /* ours */

	/* asked */
	bool is_callee_ours;	/* of a domain of our own, or without one */
	struct text_key domain; /* the callee's; empty for tel and urn; no hash if it is ours */

	/* dialog, locate, response */
	struct link egress;
	bool is_recorded; /* response: its request formed a dialog, our Record-Route was on it */

	struct rewriting rewriting;
	struct returning returning;

	char aor_room[PACKET_RULES_AORS][LIMIT_AOR_BYTES];
};

/* The tables as they are now: pointers are good until the worker's next quiescent state. events may
 * be NULL: nobody listens. */
void rules_begin(struct packet_rules *rules, const struct tables *tables, struct event_ring *events,
		 uint64_t now_ms);

/* The same for another message of the burst that `beside` is of. */
void rules_begin_beside(struct packet_rules *rules, const struct packet_rules *beside);

/* The same as rules_canonical_text, for a URI of which is_canonical is not known. */
struct slice rules_canonical_odd(struct packet_rules *rules, const struct sip_uri *uri);

/* Where it came from in canonical text without brackets, where that is at hand; else empty. */
static inline struct slice rules_remote_text(const struct packet_rules *rules)
{
	if (!rules->likely ||
	    !sip_address_is_same_host(&rules->likely->address, &rules->ingress.remote))
		return slice_make("", 0);
	return binding_address_text(rules->likely);
}

/* A URI's canonical AOR, in the message or its own room; an empty text if it has none or too long a
 * one. */
static inline struct slice rules_canonical_text(struct packet_rules *rules,
						const struct sip_uri *uri)
{
	const char *start = uri->user.at;
	size_t length = (size_t)(uri->host.at + uri->host.len - start);

	if (uri->is_canonical && length <= LIMIT_AOR_BYTES)
		return slice_make(start, length);
	return rules_canonical_odd(rules, uri);
}

/* The host of a canonical AOR, port left out; empty for tel and urn. */
struct slice rules_aor_domain(struct slice aor);

/* Tells the operator that it goes no further. claimed is what a wrong From said, else empty. */
void rules_tell_refusal(struct packet_rules *rules, enum contract_event_kind kind, uint16_t status,
			struct slice claimed);

/* Tells the operator of a request that cannot be used; status 0: it is not answered. */
void rules_tell_malformed(struct packet_rules *rules, enum sip_fault fault, uint16_t status);

/* Tells the operator of a dialog's start or end, when egress is known. */
void rules_tell_dialog(struct packet_rules *rules, enum contract_event_kind kind, uint16_t status);

/* Ends a step: we answer with this status. */
enum rules_way rules_reply(struct packet_rules *rules, uint16_t status);

/* Ends a step: no further, for this reason. */
enum rules_way rules_drop(struct packet_rules *rules, enum drop_reason reason);

/* Ends a step: the request is refused. An ACK, which is never answered, is dropped instead. */
enum rules_way rules_refuse(struct packet_rules *rules, uint16_t status, enum drop_reason reason);

#endif
