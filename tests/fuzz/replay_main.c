/* Gives a fuzz target every file of the folders named, each in memory of exactly its size. */
#include <dirent.h>
#include <string.h>

#include "tests/fuzz/target.h"

#define FILE_BYTES_MAX 1000000

static int replay_file(const char *path)
{
	static uint8_t buffer[FILE_BYTES_MAX];
	FILE *file = fopen(path, "rb");
	uint8_t *copy;
	size_t len;

	if (file == NULL) {
		perror(path);
		return -1;
	}
	len = fread(buffer, 1, sizeof(buffer), file);
	(void)fclose(file);
	copy = malloc(len == 0 ? 1 : len);
	if (copy == NULL)
		return -1;
	memcpy(copy, buffer, len);
	(void)LLVMFuzzerTestOneInput(copy, len);
	free(copy);
	return 0;
}

/* Returns how many files were given, or -1. */
static int replay_folder(const char *folder)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;
	int count = 0;

	if (dir == NULL) {
		perror(folder);
		return -1;
	}
	while (count >= 0 && (entry = readdir(dir)) != NULL) {
		char path[4096];

		if (entry->d_name[0] == '.')
			continue;
		(void)snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		count = replay_file(path) == 0 ? count + 1 : -1;
	}
	(void)closedir(dir);
	return count;
}

int main(int argc, char **argv)
{
	int total = 0;

	for (int i = 1; i < argc; i++) {
		int count = replay_folder(argv[i]);

		if (count <= 0) {
			(void)fprintf(stderr, "%s: nothing to replay\n", argv[i]);
			return 1;
		}
		total += count;
	}
	(void)printf("%d inputs\n", total);
	return total == 0;
}
