#include "controlplane/config_policy.h"

#include <string.h>
#include <time.h>

#include "controlplane/policy/pattern.h"
#include "controlplane/policy/zone.h"

/* Hours of rules are in this zone. */
static void zone_take(struct config_node root, struct policy_settings *policy)
{
	char name[64] = "UTC";

	config_text(root, "time-zone", CONFIG_OPTIONAL, name, sizeof(name));
	if (zone_read(name, (uint64_t)time(NULL), policy->zone, &policy->zone_count) != RESULT_OK &&
	    strcmp(name, "UTC") != 0)
		config_mistake(root, "time-zone", "there is no time zone \"%s\" on this machine",
			       name);
}

/* Signatures of scanners: patterns, in whatever case and wherever they stand. */
static void screen_read(struct config_node root, struct policy_settings *policy)
{
	struct config_node map, list;
	struct pattern_fault fault;

	config_map(root, "screen", CONFIG_OPTIONAL, &map);
	config_list(map, "patterns", CONFIG_OPTIONAL, 0, POLICY_SCREEN_MAX, &list);
	for (size_t i = 0; i < config_count(list); i++) {
		struct config_node item = config_item(list, i);
		char *pattern = policy->screen[policy->screen_count];

		if (!config_text(item, NULL, CONFIG_REQUIRED, pattern, POLICY_SCREEN_BYTES + 1))
			continue;
		if (pattern_check_screen(pattern, &fault) != RESULT_OK)
			config_mistake(item, NULL, "the pattern is refused at character %zu: %s",
				       fault.position + 1, fault.reason);
		else
			policy->screen_count++;
	}
}

void config_policy_read(struct config_node root, struct policy_settings *policy)
{
	zone_take(root, policy);
	screen_read(root, policy);
}
