/* A gateway and a terminal in one process: an exchange, an initiator, a store and a clock. */
#ifndef SEKISHO_TESTS_UNIT_KEYEXCHANGE_EXCHANGE_SCENE_H
#define SEKISHO_TESTS_UNIT_KEYEXCHANGE_EXCHANGE_SCENE_H

#include "controlplane/keyexchange/exchange.h"
#include "shared/keyexchange/initiator.h"

#define SCENE_PASSWORD	 SLICE("correct horse")
#define SCENE_ALICE	 SLICE("user-a@abc.com")
#define SCENE_TEST(test) cmocka_unit_test_setup_teardown(test, scene_set_up, scene_tear_down)

struct scene {
	struct exchange_settings settings;
	struct exchange *gateway;
	struct sa_allocator *allocator;
	struct inner_pool *pool;	    /* fd00:1::/126, two addresses */
	struct subscriber_credential alice; /* user-a@abc.com, also user-a2@abc.com */
	struct subscriber_credential carol; /* id "carol", user-c@abc.com */
	struct subscriber_credential dave;  /* user-d@abc.com, by certificate */
	enum result store_result;	    /* what the store says instead, if not RESULT_OK */
	unsigned store_reads;
	uint64_t now_ms;
	struct sip_address source; /* where the terminal seems to be */
	struct exchange_through through;
	bool is_unsettled; /* whether an SA is there is for the test to say */
	bool is_stream;	   /* the terminal comes by TCP, from another port each time */
	struct exchange_outcome outcome;
	char whole[32768];			 /* the reply with what follows it */
	char sent[LIMIT_KEYEXCHANGE_LONG_BYTES]; /* the last message given to the gateway */
	size_t sent_len;
};

/* RESULT_OK always; for cmocka's set-up. */
int scene_set_up(void **state);
int scene_tear_down(void **state);

/* The gateway starts again with scene->settings. */
void scene_restart(struct scene *scene);

/* A terminal at [2001:1234::10]:5060. */
struct initiator_settings scene_terminal(struct slice aor, struct slice password);
struct initiator *scene_initiator(const struct initiator_settings *settings);

/* That terminal with its message 1 ready. */
struct initiator *scene_started(struct slice aor, struct slice password);

/* Hands a datagram to the gateway; the outcome is in scene->outcome. */
enum exchange_verdict scene_give(struct scene *scene, struct slice datagram);
struct slice scene_reply(struct scene *scene);

/* Hands the reply to the terminal and asserts the event. */
void scene_return(struct scene *scene, struct initiator *initiator, enum initiator_event want);

/* Messages 1 and 2, so that message 3 is in initiator_message(). */
void scene_to_message_3(struct scene *scene, struct initiator *initiator);

/* A text of at most 2048 bytes with one part replaced by another, in a buffer of its own. */
struct slice scene_changed(struct slice text, const char *from, const char *to);

/* Status code of the reply, 0 if there is none. */
unsigned scene_status(const struct scene *scene);

#endif
