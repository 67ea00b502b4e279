#include "bench/loadgen/pcap.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#define MAGIC	      0xa1b2c3d4u
#define SNAP_BYTES    65535
#define LINK_ETHERNET 1

struct file_header {
	uint32_t magic;
	uint16_t major, minor;
	int32_t zone;
	uint32_t figures, snap, link;
};

struct frame_header {
	uint32_t seconds, microseconds, kept, length;
};

static bool frames_write(FILE *file, const struct plan *plan)
{
	const struct file_header head = {MAGIC, 2, 4, 0, 0, SNAP_BYTES, LINK_ETHERNET};
	bool is_written = fwrite(&head, sizeof(head), 1, file) == 1;

	for (uint32_t i = 0; is_written && i < plan->count; i++) {
		const struct planned *planned = &plan->planned[i];
		const struct frame_header frame = {i / 1000000, i % 1000000, planned->length,
						   planned->length};

		is_written = fwrite(&frame, sizeof(frame), 1, file) == 1 &&
			     fwrite(plan->frames + planned->frame, planned->length, 1, file) == 1;
	}
	return is_written;
}

enum result pcap_write(const char *path, const struct plan *plan)
{
	FILE *file = fopen(path, "wbe");
	bool is_written;
	int error;

	if (!file)
		return RESULT_IO;
	is_written = frames_write(file, plan);
	error = errno;
	if (fclose(file) == 0 && is_written)
		return RESULT_OK;
	(void)unlink(path);
	errno = error;
	return RESULT_IO;
}
