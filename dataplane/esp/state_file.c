#include "dataplane/esp/state_file.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/sha.h>
#include <stdbool.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* The file: a page of header, then the records. */
#define HEADER_BYTES 4096

#define HUGE_BYTES ((size_t)2 << 20)

struct state_header {
	char magic[16];
	uint32_t record_bytes;
	uint32_t window_packets;
	uint8_t boot_id[16];
};

static const char state_magic[16] = "sekisho state 1";

static uint64_t mix(uint64_t hash, const void *at, size_t len)
{
	const uint8_t *bytes = at;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ bytes[i]) * UINT64_C(0x100000001b3); /* FNV-1a */
	return hash;
}

static uint64_t record_checksum(const struct state_record *record)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	hash = mix(hash, record->boot_id, sizeof(record->boot_id));
	hash = mix(hash, &record->identity, sizeof(record->identity));
	return hash != 0 ? hash : 1;
}

/* The kernel's name for this boot of the machine, 36 characters of UUID, packed. */
static enum result boot_id_read(uint8_t boot_id[16])
{
	char text[36];
	ssize_t got;
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return RESULT_IO;
	got = read(fd, text, sizeof(text));
	close(fd);
	if (got != (ssize_t)sizeof(text)) {
		errno = EIO;
		return RESULT_IO;
	}
	memset(boot_id, 0, 16);
	for (size_t i = 0, nibble = 0; i < sizeof(text) && nibble < 32; i++) {
		char c = text[i];

		if (c == '-')
			continue;
		boot_id[nibble / 2] = (uint8_t)(boot_id[nibble / 2] << 4 |
						(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10));
		nibble++;
	}
	return RESULT_OK;
}

/* A plain file, ours, named once, closed to others. */
static enum result file_is_ours(int fd)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return RESULT_IO;
	if (!S_ISREG(st.st_mode) || st.st_uid != geteuid() || (st.st_mode & 077) != 0 ||
	    st.st_nlink != 1)
		return RESULT_DENIED;
	if (flock(fd, LOCK_EX | LOCK_NB) != 0)
		return errno == EWOULDBLOCK ? RESULT_EXISTS : RESULT_IO;
	return RESULT_OK;
}

/* Empty it unless it is of this format and boot; give it its size. */
static enum result file_prepare(int fd, const struct state_header *want, off_t size)
{
	struct state_header have;
	ssize_t got = pread(fd, &have, sizeof(have), 0);

	if (got < 0)
		return RESULT_IO;
	if ((got != (ssize_t)sizeof(have) || memcmp(&have, want, sizeof(have)) != 0) &&
	    ftruncate(fd, 0) != 0)
		return RESULT_IO;
	return ftruncate(fd, size) == 0 ? RESULT_OK : RESULT_IO;
}

/* In whole pages of the file system's: on hugetlbfs huge ones, of which alone a file there is made. */
static size_t file_bytes(int fd, uint32_t capacity)
{
	size_t bytes = HEADER_BYTES + (size_t)capacity * sizeof(struct state_record);
	size_t page = HUGE_BYTES;
	struct stat st;

	if (fd >= 0 && fstat(fd, &st) == 0 && st.st_blksize > 0)
		page = (size_t)st.st_blksize;
	return (bytes + page - 1) / page * page;
}

static void *map(int fd, size_t bytes, int flags)
{
	void *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | flags, fd, 0);

	return at == MAP_FAILED ? NULL : at;
}

/* Of a window in small pages a worker waits for the page before it waits for the window. */
static enum result file_map(struct state_file *file, bool is_huge)
{
	if (file->fd >= 0)
		file->map = map(file->fd, file->bytes, 0);
	else if (is_huge)
		file->map = map(-1, file->bytes, MAP_ANONYMOUS | MAP_HUGETLB);
	if (file->map == NULL && file->fd < 0)
		file->map = map(-1, file->bytes, MAP_ANONYMOUS | MAP_NORESERVE);
	if (file->map == NULL)
		return RESULT_MEMORY;
	if (is_huge)
		(void)madvise(file->map, file->bytes, MADV_HUGEPAGE); /* a wish */
	file->records = (struct state_record *)((uint8_t *)file->map + HEADER_BYTES);
	return RESULT_OK;
}

/* By the mapping: hugetlbfs lets nobody write otherwise. */
static enum result header_put(const struct state_file *file, const struct state_header *header)
{
	int error = posix_fallocate(file->fd, 0, HEADER_BYTES);

	if (error != 0) {
		errno = error;
		return RESULT_IO;
	}
	memcpy(file->map, header, sizeof(*header));
	return RESULT_OK;
}

static enum result file_take(const char *path, uint32_t capacity, struct state_file *file)
{
	struct state_header header = {.record_bytes = sizeof(struct state_record),
				      .window_packets = LIMIT_ESP_WINDOW};
	enum result result;

	memcpy(header.magic, state_magic, sizeof(header.magic));
	memcpy(header.boot_id, file->boot_id, sizeof(header.boot_id));
	file->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (file->fd < 0)
		return errno == ELOOP ? RESULT_DENIED : RESULT_IO;
	file->bytes = file_bytes(file->fd, capacity);
	result = file_is_ours(file->fd);
	if (result == RESULT_OK)
		result = file_prepare(file->fd, &header, (off_t)file->bytes);
	if (result == RESULT_OK)
		result = file_map(file, true);
	if (result == RESULT_OK)
		result = header_put(file, &header);
	return result;
}

enum result state_file_open(const char *path, uint32_t capacity, bool is_huge,
			    struct state_file *file)
{
	struct state_file made = {
		.capacity = capacity, .bytes = file_bytes(-1, capacity), .fd = -1};
	enum result result = boot_id_read(made.boot_id);

	if (result == RESULT_OK)
		result = path != NULL ? file_take(path, capacity, &made) : file_map(&made, is_huge);
	if (result != RESULT_OK) {
		state_file_close(&made);
		return result;
	}
	*file = made;
	return RESULT_OK;
}

void state_file_close(struct state_file *file)
{
	if (file->map != NULL)
		munmap(file->map, file->bytes);
	if (file->fd >= 0)
		close(file->fd);
	*file = (struct state_file){.fd = -1};
}

uint64_t state_key_digest(const uint8_t *material, size_t len)
{
	static const char label[] = "sekisho state file";
	uint8_t input[sizeof(label) + 128], hash[SHA256_DIGEST_LENGTH];
	uint64_t digest;

	if (len > sizeof(input) - sizeof(label))
		len = sizeof(input) - sizeof(label);
	memcpy(input, label, sizeof(label));
	memcpy(input + sizeof(label), material, len);
	SHA256(input, sizeof(label) + len, hash);
	memcpy(&digest, hash, sizeof(digest));
	OPENSSL_cleanse(input, sizeof(input));
	OPENSSL_cleanse(hash, sizeof(hash));
	return digest != 0 ? digest : 1;
}

static bool is_same_key(uint64_t a, uint64_t b)
{
	return a != 0 && a == b;
}

/* Have the file system's promise for the record's page: a worker must not meet SIGBUS. */
static enum result record_allocate(const struct state_file *file, uint32_t index)
{
	off_t at = HEADER_BYTES + (off_t)index * (off_t)sizeof(struct state_record);
	int error;

	if (file->fd < 0)
		return RESULT_OK;
	error = posix_fallocate(file->fd, at, sizeof(struct state_record));
	if (error == 0)
		return RESULT_OK;
	errno = error;
	return RESULT_IO;
}

enum result state_record_begin(struct state_file *file, uint32_t index,
			       const struct state_identity *identity)
{
	struct state_record *record = &file->records[index];
	enum result result = record_allocate(file, index);

	if (result != RESULT_OK)
		return result;
	/* What was ended still says which keys it had. */
	if (is_same_key(record->identity.key_in_digest, identity->key_in_digest) ||
	    is_same_key(record->identity.key_out_digest, identity->key_out_digest))
		return RESULT_EXISTS;
	atomic_store_explicit(&record->checksum, 0, memory_order_release);
	atomic_signal_fence(memory_order_seq_cst);
	memcpy(record->boot_id, file->boot_id, sizeof(record->boot_id));
	record->identity = *identity;
	atomic_store_explicit(&record->reserved[0], 1, memory_order_release);
	atomic_store_explicit(&record->reserved[1], 1, memory_order_release);
	replay_init(&record->window);
	atomic_store_explicit(&record->checksum, record_checksum(record), memory_order_release);
	return RESULT_OK;
}

enum result state_record_resume(struct state_file *file, uint32_t index,
				const struct state_identity *identity, uint64_t *next_number)
{
	struct state_record *record = &file->records[index];
	enum result result = record_allocate(file, index);
	uint64_t checksum, first, second;

	if (result != RESULT_OK)
		return result;
	checksum = atomic_load_explicit(&record->checksum, memory_order_acquire);
	first = atomic_load_explicit(&record->reserved[0], memory_order_relaxed);
	second = atomic_load_explicit(&record->reserved[1], memory_order_relaxed);
	if (checksum == 0)
		return RESULT_NOT_FOUND;
	if (checksum != record_checksum(record))
		return RESULT_BAD;
	if (memcmp(record->boot_id, file->boot_id, sizeof(record->boot_id)) != 0 ||
	    memcmp(&record->identity, identity, sizeof(*identity)) != 0)
		return RESULT_STALE;
	/* Raised in this order, so a death between the two leaves the first ahead. */
	if (second == 0 || first < second || first - second > STATE_SKIP_NUMBERS)
		return RESULT_BAD;
	if (replay_recover(&record->window) != RESULT_OK)
		return RESULT_BAD;
	atomic_store_explicit(&record->reserved[1], first, memory_order_release);
	*next_number = first;
	return RESULT_OK;
}

/* Raise it to at least `to`, whatever others do; returns what stands there then. */
static uint64_t raise_to(_Atomic uint64_t *at, uint64_t to)
{
	uint64_t now = atomic_load_explicit(at, memory_order_relaxed);

	while (now < to && !atomic_compare_exchange_weak_explicit(
				   at, &now, to, memory_order_acq_rel, memory_order_relaxed))
		;
	return now < to ? to : now;
}

void state_record_reserve(struct state_record *record, uint64_t number, _Atomic uint64_t *bound)
{
	uint64_t reserved = raise_to(&record->reserved[0], number + STATE_RESERVE_NUMBERS);

	raise_to(&record->reserved[1], reserved);
	raise_to(bound, reserved);
}

void state_record_end(struct state_file *file, uint32_t index)
{
	atomic_store_explicit(&file->records[index].checksum, 0, memory_order_release);
}
