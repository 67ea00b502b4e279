#include "dataplane/rules/forwards_check.h"

void rules_branches_make(struct packet_rules *const rules[], unsigned count)
{
	struct branch_making making[RULES_TOGETHER];
	struct keyed_hash *all[RULES_TOGETHER];

	for (unsigned i = 0; i < RULES_TOGETHER; i++)
		all[i] = &making[i].transaction;
	for (unsigned i = 0; i < count; i++) {
		const struct sip_message *message = rules[i]->message;
		struct text_key target = rules[i]->target;

		if (target.text.len == 0)
			target = text_key_make(message->uri.text);
		branch_begin(&making[i], rules[i]->keys->branch, message, &rules[i]->ingress.leg,
			     &target);
	}
	keyed_hash_finish(all, count);
	for (unsigned i = 0; i < count; i++) {
		branch_write(&making[i], rules[i]->branch);
		rules[i]->has_branch = true;
	}
}

enum rules_way rules_forwards_check(struct packet_rules *rules)
{
	const struct sip_message *message = rules->message;

	if (message->has_max_forwards && message->max_forwards == 0)
		return rules_refuse(rules, 483, DROP_sip_ack_refused);
	if (!rules->has_branch)
		rules_branches_make(&rules, 1);
	if (branch_is_loop(message, rules->branch))
		return rules_refuse(rules, 482, DROP_sip_ack_refused);
	return RULES_NEXT;
}
