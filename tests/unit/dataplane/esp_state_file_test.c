/* The state file: what is resumed and what is not. (What a kill leaves: esp_crash_test.c.) */
#include "dataplane/esp/state_file.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define CAPACITY 64

static char path[64];
static const struct state_identity one = {0x07000005, 0x12345678, 111, 222};

static int make_path(void **state)
{
	int fd;

	(void)state;
	strcpy(path, "/tmp/sekisho-state-test-XXXXXX");
	fd = mkstemp(path);
	if (fd < 0)
		return -1;
	close(fd);
	return unlink(path);
}

static int remove_path(void **state)
{
	(void)state;
	unlink(path);
	return 0;
}

static struct state_file opened(void)
{
	struct state_file file;

	assert_int_equal(state_file_open(path, CAPACITY, false, &file), RESULT_OK);
	return file;
}

static enum result resumed(struct state_file *file, const struct state_identity *identity,
			   uint64_t *next)
{
	return state_record_resume(file, 5, identity, next);
}

/* A file with record 5, closed. */
static void file_with_record(void)
{
	struct state_file file = opened();

	assert_int_equal(state_record_begin(&file, 5, &one), RESULT_OK);
	state_file_close(&file);
}

static void what_was_begun_is_resumed(void **state)
{
	struct state_file file;
	_Atomic uint64_t bound = 1;
	uint64_t next = 0;

	(void)state;
	file = opened();
	assert_int_equal(resumed(&file, &one, &next), RESULT_NOT_FOUND);
	assert_int_equal(state_record_begin(&file, 5, &one), RESULT_OK);
	state_record_reserve(&file.records[5], 1, &bound);
	assert_int_equal(bound, 1 + STATE_RESERVE_NUMBERS);
	replay_update(&file.records[5].window, 42);
	state_file_close(&file);
	file = opened();
	assert_int_equal(resumed(&file, &one, &next), RESULT_OK);
	assert_int_equal(next, 1 + STATE_RESERVE_NUMBERS);
	assert_int_equal(replay_check(&file.records[5].window, 42), RESULT_EXISTS);
	assert_int_equal(replay_check(&file.records[5].window, 43), RESULT_OK);
	/* Every other index has nothing. */
	assert_int_equal(state_record_resume(&file, 6, &one, &next), RESULT_NOT_FOUND);
	state_file_close(&file);
}

static void reserving_skips_at_most_2_to_20(void **state)
{
	struct state_file file = opened();
	_Atomic uint64_t bound = 1;

	(void)state;
	assert_int_equal(state_record_begin(&file, 5, &one), RESULT_OK);
	for (uint64_t number = 1; number < 1000000; number++) {
		if (number >= bound)
			state_record_reserve(&file.records[5], number, &bound);
		assert_true(file.records[5].reserved[0] > number);
		assert_true(file.records[5].reserved[1] > number);
		assert_true(file.records[5].reserved[0] - number <= STATE_SKIP_NUMBERS);
	}
	state_file_close(&file);
}

static void another_generation_spi_or_key_is_not_resumed(void **state)
{
	struct state_identity other = one;
	struct state_file file;
	uint64_t next;

	(void)state;
	file_with_record();
	file = opened();
	other.handle += 1u << 24;
	assert_int_equal(resumed(&file, &other, &next), RESULT_STALE);
	other = one;
	other.spi_out++;
	assert_int_equal(resumed(&file, &other, &next), RESULT_STALE);
	other = one;
	other.key_in_digest++;
	assert_int_equal(resumed(&file, &other, &next), RESULT_STALE);
	other = one;
	other.key_out_digest++;
	assert_int_equal(resumed(&file, &other, &next), RESULT_STALE);
	assert_int_equal(resumed(&file, &one, &next), RESULT_OK);
	state_file_close(&file);
}

static void a_record_or_file_of_another_boot_is_not_resumed(void **state)
{
	struct state_file file;
	uint64_t next;
	int fd;

	(void)state;
	file_with_record();
	file = opened();
	file.boot_id[3] ^= 1;
	assert_int_equal(resumed(&file, &one, &next), RESULT_STALE);
	state_file_close(&file);
	/* In the file's header: the boot id stands after magic and two sizes. */
	fd = open(path, O_RDWR);
	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, "\xff\xee", 2, 24), 2);
	close(fd);
	file = opened();
	assert_int_equal(resumed(&file, &one, &next), RESULT_NOT_FOUND);
	state_file_close(&file);
}

static void any_damaged_byte_is_either_noticed_or_harmless(void **state)
{
	struct state_record sound, *record;
	struct state_file file;
	uint64_t next;

	(void)state;
	file = opened();
	assert_int_equal(state_record_begin(&file, 5, &one), RESULT_OK);
	record = &file.records[5];
	for (uint64_t number = 1; number < 3000; number += 2)
		replay_update(&record->window, number);
	record->reserved[0] = record->reserved[1] = 70000;
	memcpy(&sound, record, sizeof(sound));
	for (size_t bit = 0; bit < sizeof(*record) * 8; bit++) {
		enum result result;

		((uint8_t *)record)[bit / 8] ^= (uint8_t)(1u << bit % 8);
		result = resumed(&file, &one, &next);
		if (result == RESULT_OK) {
			assert_true(next >= 70000 && next <= 70000 + STATE_SKIP_NUMBERS);
			for (uint64_t number = 1; number < 3000; number += 2)
				assert_int_not_equal(replay_check(&record->window, number),
						     RESULT_OK);
		}
		memcpy(record, &sound, sizeof(sound));
	}
	assert_int_equal(resumed(&file, &one, &next), RESULT_OK);
	state_file_close(&file);
}

static void an_ended_record_is_gone_and_its_keys_do_not_come_back(void **state)
{
	struct state_identity next_sa = {0x08000005, 0x22222222, 333, 444};
	struct state_file file = opened();
	uint64_t next;

	(void)state;
	assert_int_equal(state_record_begin(&file, 5, &one), RESULT_OK);
	assert_int_equal(state_record_begin(&file, 5, &one), RESULT_EXISTS);
	state_record_end(&file, 5);
	assert_int_equal(resumed(&file, &one, &next), RESULT_NOT_FOUND);
	next_sa.key_in_digest = one.key_in_digest;
	assert_int_equal(state_record_begin(&file, 5, &next_sa), RESULT_EXISTS);
	next_sa.key_in_digest = 333;
	next_sa.key_out_digest = one.key_out_digest;
	assert_int_equal(state_record_begin(&file, 5, &next_sa), RESULT_EXISTS);
	next_sa.key_out_digest = 444;
	assert_int_equal(state_record_begin(&file, 5, &next_sa), RESULT_OK);
	assert_int_equal(file.records[5].reserved[0], 1);
	assert_int_equal(file.records[5].window.top, 0);
	state_file_close(&file);
}

static void one_way_sas_share_no_key_with_nothing(void **state)
{
	struct state_identity in = {0x01000005, 0, 111, 0}, out = {0x02000005, 9999, 0, 222};
	struct state_file file = opened();

	(void)state;
	assert_int_equal(state_record_begin(&file, 5, &in), RESULT_OK);
	assert_int_equal(state_record_begin(&file, 5, &out), RESULT_OK);
	state_file_close(&file);
}

static void a_second_process_is_refused(void **state)
{
	struct state_file file = opened(), second;

	(void)state;
	assert_int_equal(state_file_open(path, CAPACITY, false, &second), RESULT_EXISTS);
	state_file_close(&file);
	second = opened();
	state_file_close(&second);
}

static void a_file_that_is_not_ours_alone_is_refused(void **state)
{
	struct state_file file;
	char other[80];

	(void)state;
	file_with_record();
	assert_int_equal(chmod(path, 0640), 0);
	assert_int_equal(state_file_open(path, CAPACITY, false, &file), RESULT_DENIED);
	assert_int_equal(chmod(path, 0600), 0);
	snprintf(other, sizeof(other), "%s-link", path);
	assert_int_equal(link(path, other), 0);
	assert_int_equal(state_file_open(path, CAPACITY, false, &file), RESULT_DENIED);
	assert_int_equal(unlink(other), 0);
	assert_int_equal(symlink(path, other), 0);
	assert_int_equal(state_file_open(other, CAPACITY, false, &file), RESULT_DENIED);
	assert_int_equal(unlink(other), 0);
	assert_int_equal(state_file_open("/tmp/no-such-folder/state", CAPACITY, false, &file), RESULT_IO);
	assert_int_equal(state_file_open("/tmp", CAPACITY, false, &file), RESULT_IO);
}

static void garbage_is_emptied_and_another_capacity_keeps_what_fits(void **state)
{
	struct state_file file;
	uint64_t next;
	int fd;

	(void)state;
	fd = open(path, O_RDWR | O_CREAT, 0600);
	assert_true(fd >= 0);
	for (int i = 0; i < 1000; i++)
		assert_int_equal(write(fd, "garbage garbage garbage ", 24), 24);
	close(fd);
	file = opened();
	for (uint32_t i = 0; i < CAPACITY; i++)
		assert_int_equal(state_record_resume(&file, i, &one, &next), RESULT_NOT_FOUND);
	assert_int_equal(state_record_begin(&file, 5, &one), RESULT_OK);
	state_file_close(&file);
	assert_int_equal(state_file_open(path, 4096, false, &file), RESULT_OK);
	assert_int_equal(resumed(&file, &one, &next), RESULT_OK);
	assert_int_equal(state_record_resume(&file, 4095, &one, &next), RESULT_NOT_FOUND);
	state_file_close(&file);
}

static void without_a_file_nothing_is_resumed(void **state)
{
	struct state_file file;
	uint64_t next;

	(void)state;
	for (int is_huge = 0; is_huge < 2; is_huge++) {
		assert_int_equal(state_file_open(NULL, CAPACITY, is_huge, &file), RESULT_OK);
		assert_int_equal(state_record_begin(&file, 5, &one), RESULT_OK);
		state_file_close(&file);
		assert_int_equal(state_file_open(NULL, CAPACITY, is_huge, &file), RESULT_OK);
		assert_int_equal(resumed(&file, &one, &next), RESULT_NOT_FOUND);
		state_file_close(&file);
	}
}

/* A folder of hugetlbfs that this process alone sees; false: it may not mount one. */
static bool is_mounted(char *folder)
{
	return mkdtemp(folder) != NULL && unshare(CLONE_NEWNS) == 0 &&
	       mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
	       mount("none", folder, "hugetlbfs", 0, NULL) == 0;
}

/* Where the machine has no huge page to give there is nothing to see, but that it is said. */
static void a_file_on_hugetlbfs_is_of_huge_pages_and_resumed(void **state)
{
	char folder[] = "/tmp/sekisho-state-test-XXXXXX", there[64];
	struct state_file file;
	enum result result;
	uint64_t next;

	(void)state;
	if (!is_mounted(folder)) {
		rmdir(folder);
		skip();
	}
	snprintf(there, sizeof(there), "%s/state", folder);
	result = state_file_open(there, CAPACITY, false, &file);
	if (result == RESULT_OK) {
		struct stat st;

		assert_int_equal(stat(there, &st), 0);
		assert_int_equal(st.st_size, 2 << 20);
		assert_int_equal(state_record_begin(&file, 5, &one), RESULT_OK);
		state_file_close(&file);
		assert_int_equal(state_file_open(there, CAPACITY, false, &file), RESULT_OK);
		assert_int_equal(resumed(&file, &one, &next), RESULT_OK);
		state_file_close(&file);
	}
	unlink(there);
	umount(folder);
	rmdir(folder);
	if (result != RESULT_OK)
		assert_int_equal(result, RESULT_MEMORY);
}

static void a_key_digest_tells_keys_apart_and_is_never_none(void **state)
{
	uint8_t key[72] = {0};
	uint64_t zero = state_key_digest(key, 20);

	(void)state;
	assert_int_not_equal(zero, 0);
	assert_int_not_equal(zero, state_key_digest(key, 36));
	key[19] = 1;
	assert_int_not_equal(zero, state_key_digest(key, 20));
	key[19] = 0;
	assert_int_equal(zero, state_key_digest(key, 20));
}

#define THREADS 4
#define EACH	100000

struct taker {
	pthread_t thread;
	struct state_record *record;
	_Atomic uint64_t *next, *bound;
};

static void *take_numbers(void *arg)
{
	struct taker *taker = arg;
	uintptr_t wrong = 0;

	for (int i = 0; i < EACH; i++) {
		uint64_t number = atomic_fetch_add(taker->next, 1);

		if (number >= atomic_load(taker->bound))
			state_record_reserve(taker->record, number, taker->bound);
		wrong += atomic_load(&taker->record->reserved[0]) <= number;
		wrong += atomic_load(&taker->record->reserved[1]) <= number;
	}
	return (void *)wrong;
}

static void workers_together_use_no_number_that_is_not_reserved(void **state)
{
	struct state_file file = opened();
	_Atomic uint64_t next = 1, bound = 1;
	struct taker takers[THREADS];

	(void)state;
	assert_int_equal(state_record_begin(&file, 5, &one), RESULT_OK);
	for (int i = 0; i < THREADS; i++) {
		takers[i] = (struct taker){0, &file.records[5], &next, &bound};
		assert_int_equal(pthread_create(&takers[i].thread, NULL, take_numbers, &takers[i]),
				 0);
	}
	for (int i = 0; i < THREADS; i++) {
		void *wrong;

		pthread_join(takers[i].thread, &wrong);
		assert_null(wrong);
	}
	assert_int_equal(next, 1 + THREADS * EACH);
	assert_true(file.records[5].reserved[0] - next <= STATE_SKIP_NUMBERS);
	state_file_close(&file);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_path, remove_path)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_was_begun_is_resumed),
		TEST(reserving_skips_at_most_2_to_20),
		TEST(another_generation_spi_or_key_is_not_resumed),
		TEST(a_record_or_file_of_another_boot_is_not_resumed),
		TEST(any_damaged_byte_is_either_noticed_or_harmless),
		TEST(an_ended_record_is_gone_and_its_keys_do_not_come_back),
		TEST(one_way_sas_share_no_key_with_nothing),
		TEST(a_second_process_is_refused),
		TEST(a_file_that_is_not_ours_alone_is_refused),
		TEST(garbage_is_emptied_and_another_capacity_keeps_what_fits),
		TEST(without_a_file_nothing_is_resumed),
		TEST(a_file_on_hugetlbfs_is_of_huge_pages_and_resumed),
		TEST(a_key_digest_tells_keys_apart_and_is_never_none),
		TEST(workers_together_use_no_number_that_is_not_reserved),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
