/*
 * The shared-memory file through which live SAs outlast the process: per SA index the identity of
 * the SA, its inbound replay window and how far outbound numbers are reserved. After kill -9 of the
 * data plane no (key, IV) pair is used twice and no packet seen before is accepted again. It holds
 * no keys.
 */
#ifndef SEKISHO_DATAPLANE_ESP_STATE_FILE_H
#define SEKISHO_DATAPLANE_ESP_STATE_FILE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dataplane/esp/replay.h"
#include "shared/result.h"

/* Outbound numbers are reserved this many at a time; a reload skips at most about that many. */
#define STATE_RESERVE_NUMBERS (1u << 16)
#define STATE_SKIP_NUMBERS    (1u << 20) /* a record that says more is damaged */

/* What makes an SA this SA and no other. */
struct state_identity {
	uint32_t handle; /* generation << 24 | index */
	uint32_t spi_out;
	uint64_t key_in_digest; /* state_key_digest(), 0: no such half */
	uint64_t key_out_digest;
};

struct state_record {
	uint8_t boot_id[16]; /* of the machine's boot in which the record was made */
	struct state_identity identity;
	_Atomic uint64_t checksum; /* of the two above; 0: no record. Writer: control lcore */
	/*
	 * Outbound numbers below this one may have been used. Written twice, the second not before
	 * the first. Writers: any worker that seals by this SA, only upwards.
	 */
	_Atomic uint64_t reserved[2];
	struct replay_window window; /* starts a cache line */
} __attribute__((aligned(64)));

_Static_assert(sizeof(struct state_record) == 256, "four cache lines an SA");

struct state_file {
	struct state_record *records; /* [capacity], shared */
	void *map;		      /* all of the file */
	size_t bytes;
	uint32_t capacity;
	int fd; /* locked: a second process is refused; -1: memory of this process only */
	uint8_t boot_id[16];
};

/*
 * Open the file at path, or make it, for SA indices below capacity, and lock it. A file of another
 * format, size or boot is emptied: nothing of it may be resumed. path NULL: no file, nothing is
 * ever resumed (benches, tests); then is_huge tries hugepages first, which a file has if it lies on
 * hugetlbfs. The file is 0600 and must be ours alone.
 * RESULT_OK, RESULT_EXISTS (another process has it), RESULT_DENIED (not a plain file of ours),
 * RESULT_IO, RESULT_MEMORY.
 */
enum result state_file_open(const char *path, uint32_t capacity, bool is_huge,
			    struct state_file *file) SEKISHO_MUST_USE;
void state_file_close(struct state_file *file);

/* A short one-way name of key material: 8 bytes of SHA-256, never 0. */
uint64_t state_key_digest(const uint8_t *material, size_t len);

/*
 * A record for a new SA: outbound numbers from 1, nothing seen. RESULT_OK; RESULT_EXISTS if the
 * record that stands there has one of these keys: it would use numbers again; RESULT_IO if the
 * file system has no room.
 */
enum result state_record_begin(struct state_file *file, uint32_t index,
			       const struct state_identity *identity) SEKISHO_MUST_USE;

/*
 * Take up the record of an SA that was live in an earlier process; *next_number is the first
 * outbound number that was certainly not used. RESULT_OK; RESULT_NOT_FOUND (no record);
 * RESULT_STALE (of another boot, generation or key); RESULT_BAD (torn or damaged). Unless
 * RESULT_OK the record stays as it is, and the SA must not be used.
 */
enum result state_record_resume(struct state_file *file, uint32_t index,
				const struct state_identity *identity,
				uint64_t *next_number) SEKISHO_MUST_USE;

/*
 * Reserve outbound numbers up to at least `number` and more, before it is used, and raise *bound
 * (release) to the first that is not reserved. Any worker, at any time.
 */
void state_record_reserve(struct state_record *record, uint64_t number, _Atomic uint64_t *bound);

/*
 * The SA is gone: nothing of it can be resumed. What keys it had stays known until the next SA of
 * this index begins, so that they do not come back.
 */
void state_record_end(struct state_file *file, uint32_t index);

#endif
