#include "controlplane/config_places.h"

#include <grp.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <string.h>

static uint32_t users_read(struct config_node admin, const char *key, uid_t out[CONTROL_USERS_MAX])
{
	struct config_node list;
	uint32_t count = 0;
	char name[64];

	config_list(admin, key, CONFIG_OPTIONAL, 0, CONTROL_USERS_MAX, &list);
	for (size_t i = 0; i < config_count(list); i++) {
		struct config_node item = config_item(list, i);
		struct passwd *user;

		if (!config_text(item, NULL, CONFIG_REQUIRED, name, sizeof(name)))
			continue;
		user = getpwnam(name);
		if (user == NULL)
			config_mistake(item, NULL, "there is no user \"%s\" on this machine", name);
		else
			out[count++] = user->pw_uid;
	}
	return count;
}

static void admin_read(struct config_node root, struct control_admin *admin)
{
	struct config_node map;
	struct group *group;
	char name[64];

	config_map(root, "admin", CONFIG_REQUIRED, &map);
	config_path(map, "socket", CONFIG_REQUIRED, admin->socket, sizeof(admin->socket));
	if (config_text(map, "group", CONFIG_OPTIONAL, name, sizeof(name))) {
		group = getgrnam(name);
		if (group == NULL)
			config_mistake(map, "group", "there is no group \"%s\" on this machine",
				       name);
		admin->has_group = group != NULL;
		admin->group = group != NULL ? group->gr_gid : 0;
	}
	admin->administrator_count = users_read(map, "administrators", admin->administrator);
	admin->reader_count = users_read(map, "readers", admin->reader);
}

/* What libpq can read, and no password in it: configurations are shown and copied. */
static void conninfo_check(struct config_node map, const char *conninfo)
{
	char *error = NULL;
	PQconninfoOption *options = PQconninfoParse(conninfo, &error);

	if (options == NULL)
		config_mistake(map, "postgres", "libpq cannot read this: %s",
			       error != NULL ? error : "there is no memory");
	for (const PQconninfoOption *option = options; option && option->keyword; option++)
		if (option->val != NULL && strcmp(option->keyword, "password") == 0)
			config_mistake(map, "postgres",
				       "a password belongs into a file: \"password-file\"");
	PQfreemem(error);
	PQconninfoFree(options);
}

static void store_read(struct config_node root, struct control_config *config)
{
	struct config_node map;
	bool is_postgres;

	config_map(root, "store", CONFIG_REQUIRED, &map);
	is_postgres = config_text(map, "postgres", CONFIG_OPTIONAL, config->store_postgres,
				  sizeof(config->store_postgres));
	if (config_path(map, "sqlite", is_postgres ? CONFIG_OPTIONAL : CONFIG_REQUIRED,
			config->store_path, CONFIG_PATH_BYTES) &&
	    is_postgres)
		config_mistake(map, "sqlite", "the store is either \"sqlite\" or \"postgres\"");
	if (config_path(map, "password-file", CONFIG_OPTIONAL, config->store_password_file,
			CONFIG_PATH_BYTES) &&
	    !is_postgres)
		config_mistake(map, "password-file", "only \"postgres\" has a password");
	if (is_postgres)
		conninfo_check(map, config->store_postgres);
}

void config_places_read(struct config_node root, struct control_config *config)
{
	struct config_node map;

	config_map(root, "contract", CONFIG_REQUIRED, &map);
	config_path(map, "socket", CONFIG_REQUIRED, config->contract_socket,
		    sizeof(config->contract_socket));
	admin_read(root, &config->admin);
	store_read(root, config);
	config_path(root, "secrets", CONFIG_REQUIRED, config->secrets_folder, CONFIG_PATH_BYTES);
	config_path(root, "persistent-secret", CONFIG_OPTIONAL, config->persistent_secret_file,
		    CONFIG_PATH_BYTES);
	config_path(root, "cdr", CONFIG_OPTIONAL, config->cdr_file, CONFIG_PATH_BYTES);
	config_path(root, "key-log", CONFIG_OPTIONAL, config->key_log, CONFIG_PATH_BYTES);
}
