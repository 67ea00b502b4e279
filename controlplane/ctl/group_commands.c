#include "controlplane/ctl/commands.h"
#include "controlplane/ctl/fields.h"
#include "controlplane/policy/rule_text.h"

static bool member_read(const json_t *request, const char **group, char aor[LIMIT_AOR_BYTES + 1],
			struct ctl_reply *reply)
{
	if (!field_text(request, "group", STORE_GROUP_NAME_BYTES, group, reply) ||
	    !field_aor(request, "aor", aor, reply))
		return false;
	if (rule_group_name_is_good(*group))
		return true;
	ctl_reply_error(reply, "\"%s\" is no group's name: letters, digits, \"-\", \"_\", \".\"",
			*group);
	return false;
}

void ctl_group_add(struct gateway *gateway, const json_t *request, struct ctl_reply *reply)
{
	struct store *store = gateway_store(gateway);
	char aor[LIMIT_AOR_BYTES + 1];
	const char *group;
	enum result result;

	if (!member_read(request, &group, aor, reply))
		return;
	result = store_group_add(store, group, aor);
	if (result == RESULT_BAD) {
		ctl_reply_error(reply, "%s is in %d groups already, as many as can be", aor,
				LIMIT_IDENTITY_GROUPS);
	} else if (result != RESULT_OK) {
		reply_store_error(store, result, "", "it is a member already", reply);
	} else {
		ctl_reply_result(reply, NULL);
	}
}

void ctl_group_remove(struct gateway *gateway, const json_t *request, struct ctl_reply *reply)
{
	struct store *store = gateway_store(gateway);
	char aor[LIMIT_AOR_BYTES + 1];
	const char *group;
	enum result result;

	if (!member_read(request, &group, aor, reply))
		return;
	result = store_group_remove(store, group, aor);
	if (result != RESULT_OK) {
		reply_store_error(store, result, "it is no member of such a group", "", reply);
	} else {
		ctl_reply_result(reply, NULL);
	}
}

static bool member_list(void *ctx, const struct store_group *group, const char *aor)
{
	json_array_append_new(ctx, json_pack("{s:s,s:s}", "group", group->name, "aor", aor));
	return true;
}

void ctl_group_list(struct gateway *gateway, const json_t *request, struct ctl_reply *reply)
{
	struct store *store = gateway_store(gateway);
	json_t *list = json_array();
	enum result result = store_members_each(store, member_list, list);

	(void)request;
	if (result == RESULT_OK) {
		ctl_reply_result(reply, list);
		return;
	}
	json_decref(list);
	reply_store_error(store, result, "", "", reply);
}
