/* Exchanges by certificate for tests: a gateway that has one, and a subscriber who has one too. */
#ifndef SEKISHO_TESTS_UNIT_KEYEXCHANGE_CERTIFIED_H
#define SEKISHO_TESTS_UNIT_KEYEXCHANGE_CERTIFIED_H

#include "tests/unit/keyexchange/exchange_scene.h"
#include "tests/unit/keyexchange/issued.h"

#define D "user-d@abc.com"

/* A gateway of abc.com with a certificate, and user-d@abc.com, who has one too. */
struct certified {
	struct scene *scene;
	struct issued issued;
	struct signer *gateway;
	struct signer *dave;
	struct trust *trust; /* of both sides, with a list */
};

/* For cmocka's set-up; the state is a struct certified. */
int certified_set_up(void **state);
int certified_tear_down(void **state);
#define CERTIFIED(name) cmocka_unit_test_setup_teardown(name, certified_set_up, certified_tear_down)

/* The gateway starts again with its certificate. */
void certified_start(struct certified *c);

/* A terminal that proves itself by signer and knows the gateway's certificate. */
struct initiator_settings certified_settings(const struct certified *c,
					     const struct signer *signer);
struct initiator *certified_terminal(const struct certified *c, const struct signer *signer);

/* Asserts that both sides have the same SA. */
void certified_same_keys(const struct scene *s, const struct initiator *i);

/* When all of it happens, in seconds. */
uint64_t certified_now_s(void);

bool certified_holds(struct slice message, const char *text);

/* Asserts that who signs so is refused for this reason; takes the signer. */
void certified_refused(struct certified *c, struct signer *signer, const char *reason);

#endif
