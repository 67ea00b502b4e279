/* The gateway's own keys: what waits for the store is done by the keeper's thread on a copy. */
#include <stdlib.h>

#include "controlplane/gateway_state.h"

struct turn {
	struct gateway *gateway;
	struct secrets *copy;
	bool is_rotation;
	keeper_done *done; /* NULL: nobody asked for it */
	void *arg;
};

static enum result turn_work(struct store *store, void *arg)
{
	struct turn *turn = arg;

	(void)store; /* the copy knows it */
	return turn->is_rotation ? secrets_rotate(turn->copy, gateway_now_s())
				 : secrets_tick(turn->copy, gateway_now_s());
}

static void turn_done(void *arg, enum result result)
{
	struct turn *turn = arg;
	struct gateway *gateway = turn->gateway;

	gateway->has_keys_turn = false;
	if (result == RESULT_OK)
		secrets_turn_take(gateway->secrets, turn->copy);
	else
		secrets_destroy(turn->copy);
	if (result == RESULT_DENIED)
		log_say("the keys in the data base are sealed under another key file");
	if (turn->done != NULL)
		turn->done(turn->arg, result);
	free(turn);
}

enum result gateway_keys_turn(struct gateway *gateway, bool is_rotation, keeper_done *done,
			      void *arg)
{
	struct turn *turn;
	enum result result;

	/* one at a time: a turn that is under way sees what is new as well, or the next does */
	if (gateway->has_keys_turn || gateway->keeper == NULL)
		return RESULT_STALE;
	turn = calloc(1, sizeof(*turn));
	if (turn == NULL)
		return RESULT_MEMORY;
	*turn = (struct turn){gateway, secrets_turn_begin(gateway->secrets), is_rotation, done, arg};
	result = turn->copy == NULL ? RESULT_MEMORY
				    : keeper_do(gateway->keeper, turn_work, turn_done, turn);
	gateway->has_keys_turn = result == RESULT_OK;
	if (result != RESULT_OK) {
		secrets_destroy(turn->copy);
		free(turn);
	}
	return result;
}
