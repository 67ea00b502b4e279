#include <stdio.h>
#include <string.h>

#include "controlplane/gateway_state.h"

static void secrets_follow(struct gateway *gateway)
{
	const struct control_config *config = gateway->config;

	secrets_adjust(gateway->secrets, config->rotation.sk_s, config->rotation.sk_overlap_s,
		       config->rotation.token_s, config->max_dialog_s);
}

/* What can fail comes first, so that nothing has to be taken back. */
enum result gateway_reconfigure(void *ctx, const struct control_config *before, char *message,
				size_t size)
{
	struct gateway *gateway = ctx;
	bool has_new_cdr = strcmp(before->cdr_file, gateway->config->cdr_file) != 0;
	struct peers_plan *plan = NULL;
	struct cdr *cdr = NULL;
	enum result result;

	if (!gateway_siblings_are_same(before, gateway->config)) {
		snprintf(message, size, "siblings come and go with a restart of the control plane");
		return RESULT_BAD;
	}
	result = gateway_peers_plan(gateway, message, size, &plan);
	if (result == RESULT_OK)
		snprintf(message, size, "the configuration cannot be taken over");
	if (result == RESULT_OK && has_new_cdr)
		result = gateway_cdr_start(gateway, &cdr, message, size);
	if (result == RESULT_OK)
		result = gateway_parts_adjust(gateway);
	if (result != RESULT_OK) {
		peers_plan_destroy(plan);
		cdr_destroy(cdr);
		return result;
	}
	if (gateway->parts.peers != NULL)
		peers_plan_apply(gateway->parts.peers, plan);
	else
		peers_plan_destroy(plan);
	if (has_new_cdr) {
		cdr_destroy(gateway->cdr);
		gateway->cdr = cdr;
	}
	secrets_follow(gateway);
	atomic_store_explicit(&gateway->shared.password_iterations,
			      gateway->config->password_iterations, memory_order_relaxed);
	gateway_settings_put(gateway);
	gateway_policy_settle(gateway);
	return RESULT_OK;
}
