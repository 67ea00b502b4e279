#include "controlplane/config_file.h"

#include <unistd.h>

bool config_file_read(struct config_node map, const char *key, enum config_need need,
		      char out[CONFIG_PATH_BYTES])
{
	if (!config_path(map, key, need, out, CONFIG_PATH_BYTES))
		return false;
	if (access(out, R_OK) != 0)
		config_mistake(map, key, "the file cannot be read");
	return true;
}
