/* Rules read and not built yet: compile_source.c makes it, compile.c builds it. */
#ifndef SEKISHO_CONTROLPLANE_POLICY_COMPILE_STATE_H
#define SEKISHO_CONTROLPLANE_POLICY_COMPILE_STATE_H

#include "controlplane/policy/compile.h"
#include "controlplane/policy/expressions.h"

struct policy_source {
	struct policy_settings settings;
	uint64_t generation;
	struct policy_rule *rule;
	uint32_t count, capacity;
	char *strings;
	size_t strings_length, strings_capacity;
	struct expressions patterns; /* numbered by place among the rules */
	struct expressions screen;
};

#endif
