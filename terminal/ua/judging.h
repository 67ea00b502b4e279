/* What comes from the gateway, judged by its Route-Security series (P13, P14). */
#ifndef SEKISHO_TERMINAL_UA_JUDGING_H
#define SEKISHO_TERMINAL_UA_JUDGING_H

#include "terminal/ua/state.h"

/* sentence points into buffer: never copied. */
struct judgement {
	struct sip_route_security series;
	bool is_refused;       /* the policy does not take what was found */
	struct slice sentence; /* what was found; empty: nothing is wrong */
	char buffer[UA_SENTENCE_CHARS];
};

/* Tells what is wrong as an event. */
void judge_request(struct ua *ua, const struct sip_message *request, struct judgement *out);
void judge_response(struct ua *ua, const struct sip_message *request,
		    const struct sip_message *response, struct judgement *out);

/* The way of a message of party's, or of ours to party, drawn for people. */
void judgement_draw(const struct ua *ua, const struct judgement *judgement, struct slice party,
		    bool is_ours, struct writer *w);

/* For a local client: Sekisho-Path with the drawing and Sekisho-Fault with the sentence. */
void judgement_write(const struct ua *ua, const struct judgement *judgement, struct slice party,
		     bool is_ours, struct writer *w);

#endif
