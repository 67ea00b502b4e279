/* A registrar whose words to the data plane are written down, and SAs to speak to it through. */
#ifndef SEKISHO_TESTS_UNIT_REGISTRAR_REGISTRAR_SCENE_H
#define SEKISHO_TESTS_UNIT_REGISTRAR_REGISTRAR_SCENE_H

#include "controlplane/registrar/registrar.h"

#define SCENE_SENT_MAX 512

union scene_sent {
	struct contract_header header;
	struct contract_sa sa;
	struct contract_sa_ref sa_ref;
	struct contract_binding binding;
	struct contract_binding_ref binding_ref;
	struct contract_identity identity;
};

struct scene {
	struct registrar_settings settings;
	struct registrar *registrar;
	uint64_t now_s;
	union scene_sent sent[SCENE_SENT_MAX];
	unsigned sent_count;
	unsigned released;
	unsigned ended; /* SAs that the operator heard of */
	unsigned refused; /* REGISTERs likewise */
	const char *reason; /* of the last of either */
	bool is_legacy; /* what the store says of user-a@abc.com */
	enum result store_result; /* what the store says instead, if not RESULT_OK */
	char reply[16384];
	size_t reply_len;
	struct sip_message parsed; /* of the reply */
	uint32_t cseq;
};

int scene_set_up(void **state);
int scene_tear_down(void **state);
void scene_restart(struct scene *scene);

/* An SA of user-a@abc.com or another subscriber, inner address [2001:1234::HOST]:5060. */
struct exchange_sa scene_sa(uint32_t index, const char *subscriber, unsigned host);
void scene_attach(struct scene *scene, const struct exchange_sa *sa);

/* attach and register: AOR and subscriber the same, at host HOST, with this instance. */
void scene_register(struct scene *scene, uint32_t index, const char *aor, unsigned host,
		    const char *instance);

/*
 * A REGISTER for aor through SA index (generation 1), with these further header lines: the status
 * of the answer. Call-ID and CSeq are new each time unless lines hold them.
 */
unsigned scene_request(struct scene *scene, uint32_t index, const char *from, const char *to,
		       const char *lines);

/* How many messages of an id have gone out, and the last of them (it must be there). */
unsigned scene_count(const struct scene *scene, enum contract_id id);
const union scene_sent *scene_last(const struct scene *scene, enum contract_id id);

/* Forgets what has gone out. */
void scene_forget(struct scene *scene);

/* Is text in the reply? */
bool scene_reply_has(const struct scene *scene, const char *text);

#define SCENE(test) cmocka_unit_test_setup_teardown(test, scene_set_up, scene_tear_down)

#endif
