#include "controlplane/gateway_policy.h"

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "controlplane/gateway_state.h"
#include "controlplane/policy/sealed_memfd.h"
#include "controlplane/policy/workshop.h"

struct gateway_policy {
	struct gateway *gateway;
	struct policy_workshop *workshop;
	struct policy_source *source;	  /* of the last that was built; NULL: none, or with the workshop */
	uint32_t pattern_count, took_ms;
	struct policy_fault fault;	  /* of the last one that failed since */
	pthread_mutex_t lock;		  /* of in_force and its users */
	struct policy_in_force *in_force; /* NULL: none yet */
};

static void in_force_free(struct policy_in_force *in_force)
{
	pattern_set_destroy(in_force->patterns);
	policy_compiled_free(&in_force->compiled);
	free(in_force);
}

struct policy_in_force *gateway_policy_get(struct gateway *gateway)
{
	struct gateway_policy *policy = gateway->policy;
	struct policy_in_force *in_force;

	pthread_mutex_lock(&policy->lock);
	in_force = policy->in_force;
	if (in_force != NULL)
		in_force->users++;
	pthread_mutex_unlock(&policy->lock);
	return in_force;
}

void gateway_policy_put(struct gateway *gateway, struct policy_in_force *in_force)
{
	struct gateway_policy *policy = gateway->policy;
	bool is_last;

	pthread_mutex_lock(&policy->lock);
	is_last = --in_force->users == 0;
	pthread_mutex_unlock(&policy->lock);
	if (is_last)
		in_force_free(in_force);
}

/* A descriptor of it goes to the data plane, which swaps it for what it has, or has it already. */
static enum result blob_send(struct contract_client *contract,
			     const struct policy_compiled *compiled)
{
	struct contract_policy message = {.generation = compiled->blob->generation,
					  .length = compiled->length};
	enum result result;
	int fd;

	result = sealed_memfd_create("sekisho-policy", compiled->blob, compiled->length,
				     message.sha256, &fd);
	if (result != RESULT_OK)
		return result;
	contract_header_set(&message.header, CONTRACT_POLICY_PUT, sizeof(message), 0);
	contract_client_send_descriptor(contract, &message.header, fd, NULL, NULL);
	close(fd);
	return RESULT_OK;
}

void gateway_policy_tell(struct gateway *gateway)
{
	const struct policy_in_force *in_force = gateway->policy->in_force;

	if (in_force != NULL && gateway->contract != NULL &&
	    contract_client_is_up(gateway->contract) &&
	    blob_send(gateway->contract, &in_force->compiled) != RESULT_OK)
		log_say("the policy cannot be handed to the data plane");
}

/* From here on this one is in force. Takes what was compiled. */
static enum result policy_install(struct gateway_policy *policy, struct policy_compiled *compiled)
{
	struct policy_in_force *made = calloc(1, sizeof(*made)), *before;
	enum result result = made == NULL ? RESULT_MEMORY : RESULT_OK;

	if (result == RESULT_OK && compiled->blob->patterns_length > 0)
		result = pattern_set_read(policy_blob_patterns(compiled->blob),
					  compiled->blob->patterns_length, 1, &made->patterns);
	if (result != RESULT_OK) {
		free(made);
		policy_compiled_free(compiled);
		return result;
	}
	made->compiled = *compiled;
	made->users = 1;
	pthread_mutex_lock(&policy->lock);
	before = policy->in_force;
	policy->in_force = made;
	pthread_mutex_unlock(&policy->lock);
	if (before != NULL)
		gateway_policy_put(policy->gateway, before);
	policy->fault = (struct policy_fault){0};
	gateway_policy_tell(policy->gateway);
	return RESULT_OK;
}

/* What came of a source; it is kept for another zone or screen. Takes all of the work. */
static void work_take(struct gateway_policy *policy, struct policy_work *work)
{
	enum result result = work->result;

	policy_source_free(policy->source);
	policy->source = work->source;
	if (result == RESULT_OK)
		result = policy_install(policy, &work->compiled);
	else
		policy->fault = work->fault;
	if (result != RESULT_OK) {
		log_say("policy %llu cannot be compiled (rule %u: %s): the one before stays in"
			" force",
			(unsigned long long)work->generation, work->fault.rule,
			work->fault.reason);
		return;
	}
	policy->pattern_count = work->patterns;
	policy->took_ms = work->took_ms;
}

static void work_done(void *ctx, struct policy_work *work)
{
	struct gateway_policy *policy = ctx;

	work_take(policy, work);
	if (work->result == RESULT_OK)
		log_say("policy %llu is in force: %u rules with patterns, compiled in %u ms",
			(unsigned long long)work->generation, work->patterns, work->took_ms);
	gateway_policy_settle(policy->gateway);
}

enum result gateway_policy_create(struct gateway *gateway, struct gateway_policy **policy)
{
	struct gateway_policy *made = calloc(1, sizeof(*made));
	enum result result;

	if (made == NULL)
		return RESULT_MEMORY;
	made->gateway = gateway;
	pthread_mutex_init(&made->lock, NULL);
	result = policy_workshop_create(gateway->base, work_done, made, &made->workshop);
	if (result != RESULT_OK) {
		gateway_policy_destroy(made);
		return result;
	}
	*policy = made;
	return RESULT_OK;
}

void gateway_policy_destroy(struct gateway_policy *policy)
{
	if (policy == NULL)
		return;
	policy_workshop_destroy(policy->workshop);
	policy_source_free(policy->source);
	if (policy->in_force != NULL)
		in_force_free(policy->in_force);
	pthread_mutex_destroy(&policy->lock);
	free(policy);
}

/* Where it takes no time. */
static void source_build(struct gateway_policy *policy, struct policy_source *source)
{
	struct policy_work work = {.source = source,
				   .generation = policy_source_generation(source),
				   .patterns = policy_source_patterns(source)};

	work.result = policy_source_build(source, &work.compiled, &work.fault);
	work_take(policy, &work);
}

void gateway_policy_take(struct gateway *gateway, struct policy_source *source)
{
	struct gateway_policy *policy = gateway->policy;

	if (policy_source_settle(source, &gateway->config->policy) != RESULT_OK) {
		log_say("there is no memory for the policy: the one before stays in force");
		policy_source_free(source);
		return;
	}
	/* What is being built is older, and must not come after a quick one. */
	if (policy_source_is_quick(source) && policy_workshop_generation(policy->workshop) == 0)
		source_build(policy, source);
	else
		policy_workshop_order(policy->workshop, source);
}

void gateway_policy_settle(struct gateway *gateway)
{
	struct gateway_policy *policy = gateway->policy;
	struct policy_source *source = policy->source;

	/* What is being built is looked at when it is done. */
	if (source == NULL || policy_workshop_generation(policy->workshop) != 0 ||
	    policy_source_is_settled(source, &gateway->config->policy))
		return;
	policy->source = NULL;
	gateway_policy_take(gateway, source);
}

void gateway_policy_status(const struct gateway *gateway, struct gateway_policy_status *status)
{
	const struct gateway_policy *policy = gateway->policy;
	const struct policy_blob *blob =
		policy->in_force != NULL ? policy->in_force->compiled.blob : NULL;

	*status = (struct gateway_policy_status){
		.in_force = blob != NULL ? blob->generation : 0,
		.building = policy_workshop_generation(policy->workshop),
		.rules = blob != NULL ? blob->rule_count : 0,
		.patterns = policy->pattern_count,
		.took_ms = policy->took_ms,
		.fault = policy->fault,
	};
}
