/*
 * What a killed data plane leaves behind in the state file: stepped through instruction by
 * instruction, and killed at random while it works. Never a number twice, never a packet twice.
 */
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "dataplane/esp/replay.h"
#include "dataplane/esp/state_file.h"
#include "tests/unit/dataplane/esp_kit.h"

static void *shared(size_t bytes)
{
	void *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	assert_true(at != MAP_FAILED);
	return at;
}

/* Start `work(arg)` in a child that stops before it. */
static pid_t start_traced(void (*work)(void *), void *arg)
{
	pid_t child = fork();
	int status;

	assert_true(child >= 0);
	if (child == 0) {
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		raise(SIGSTOP);
		work(arg);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSTOPPED(status));
	return child;
}

/* One instruction further; false when the child has ended. */
static bool step(pid_t child)
{
	int status;

	assert_int_equal(ptrace(PTRACE_SINGLESTEP, child, NULL, NULL), 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	return !WIFEXITED(status);
}

static struct replay_window *live;
static uint64_t live_number;

static void update_live(void *arg)
{
	(void)arg;
	replay_update(live, live_number);
}

/* Step through one update; at each instruction what lies there must be recoverable and safe. */
static unsigned int step_through_update(uint64_t top, uint64_t number, unsigned int seed)
{
	struct replay_window before, seen = {0};
	unsigned int states = 0;
	pid_t child;

	replay_init(live);
	for (uint64_t i = top > 3000 ? top - 3000 : 1; i <= top; i++) {
		if (i == top || (i != number && rand_r(&seed) % 3 != 0))
			replay_update(live, i);
	}
	memcpy(&before, live, sizeof(before));
	live_number = number;
	child = start_traced(update_live, NULL);
	while (step(child)) {
		struct replay_window left;

		if (memcmp(&seen, live, sizeof(seen)) == 0)
			continue;
		memcpy(&seen, live, sizeof(seen));
		memcpy(&left, live, sizeof(left));
		states++;
		assert_int_equal(replay_recover(&left), RESULT_OK);
		for (uint64_t i = top > 1500 ? top - 1500 : 1; i <= top; i++) {
			if (replay_check(&before, i) != RESULT_OK)
				assert_int_not_equal(replay_check(&left, i), RESULT_OK);
		}
		assert_int_equal(replay_check(&left, (number > top ? number : top) + 1), RESULT_OK);
	}
	assert_int_equal(replay_recover(live), RESULT_OK);
	assert_int_equal(replay_check(live, number), RESULT_EXISTS);
	return states;
}

static void at_every_instruction_of_an_update_nothing_seen_is_taken_again(void **state)
{
	static const int64_t advances[] = {-1000, -64, -1,   1,	   2,	 3,    63,  64,
					   65,	  127, 1000, 1023, 1024, 1025, 5000};
	static const uint64_t tops[] = {4096, 4159, 5001, 0x100000000};

	(void)state;
	live = shared(sizeof(*live));
	for (size_t i = 0; i < sizeof(advances) / sizeof(advances[0]); i++) {
		for (size_t j = 0; j < sizeof(tops) / sizeof(tops[0]); j++) {
			uint64_t number = tops[j] + (uint64_t)advances[i];

			/* updating, bit, sum, updating: four states at the very least */
			assert_true(step_through_update(tops[j], number, (unsigned int)i) >= 4);
		}
	}
	munmap(live, sizeof(*live));
}

static struct state_file file;
static const struct state_identity identity = {0x07000005, 0x12345678, 111, 222};

static void begin_record(void *arg)
{
	(void)arg;
	if (state_record_begin(&file, 5, &identity) != RESULT_OK)
		abort();
}

static void at_every_instruction_of_a_beginning_the_record_is_there_or_not(void **state)
{
	pid_t child;
	uint64_t next;
	bool was_there = false;

	(void)state;
	assert_int_equal(state_file_open(NULL, 64, false, &file), RESULT_OK);
	child = start_traced(begin_record, NULL);
	while (step(child)) {
		enum result result = state_record_resume(&file, 5, &identity, &next);

		assert_true(result == (was_there ? RESULT_OK : RESULT_NOT_FOUND) ||
			    result == RESULT_OK);
		if (result == RESULT_OK) {
			was_there = true;
			assert_int_equal(next, 1);
		}
	}
	assert_true(was_there);
	state_file_close(&file);
}

static _Atomic uint64_t *bound;

static void reserve_numbers(void *arg)
{
	(void)arg;
	state_record_reserve(&file.records[5], 70000, bound);
}

static void at_every_instruction_of_a_reservation_the_record_can_be_resumed(void **state)
{
	pid_t child;
	uint64_t next;

	(void)state;
	bound = shared(sizeof(*bound));
	assert_int_equal(state_file_open(NULL, 64, false, &file), RESULT_OK);
	begin_record(NULL);
	state_record_reserve(&file.records[5], 4464, bound);
	assert_int_equal(*bound, 70000);
	child = start_traced(reserve_numbers, NULL);
	while (step(child)) {
		uint64_t second = file.records[5].reserved[1];

		assert_int_equal(state_record_resume(&file, 5, &identity, &next), RESULT_OK);
		/* No number below *bound may be given out again. */
		assert_true(next >= *bound);
		file.records[5].reserved[1] = second;
	}
	assert_int_equal(*bound, 70000 + STATE_RESERVE_NUMBERS);
	state_file_close(&file);
	munmap((void *)bound, sizeof(*bound));
}

#define PACKETS 4000
#define ROUNDS	60 /* of the first link; a quarter of the others */

/* What the child that is killed tells: written only after the thing has happened. */
struct told {
	_Atomic int is_ready;
	_Atomic uint64_t highest_sent;
	_Atomic uint64_t lowest_sent; /* of this round */
	_Atomic uint32_t position;
	_Atomic uint8_t is_taken[PACKETS];
};

static char path[64];
static struct told *told;
static uint8_t (*packets)[256];
static uint16_t packet_bytes[PACKETS];
static const struct kit_link *crash_link; /* transport mode, of whatever suite */
static void put_gateway_sa(struct kit_ends *ends, bool is_refill)
{
	struct contract_sa sa;

	kit_sa(crash_link, false, &sa);
	sa.is_refill = is_refill;
	assert_int_equal(sa_table_put(ends->gateway, &sa), RESULT_OK);
	ends->handle = SA_HANDLE(sa.index, sa.generation);
}

static bool gateway_takes(struct kit_ends *ends, uint32_t i)
{
	static struct kit_buffer buffer;
	struct esp_open_packet packet;

	kit_buffer_fill(&buffer, packets[i], packet_bytes[i]);
	return kit_gateway_open(ends, &buffer, &packet) == ESP_OPEN_PASS;
}

/* The gateway: opens what comes, sends, until it is killed. */
static void gateway_run(bool is_refill)
{
	static struct kit_buffer buffer;
	struct kit_ends ends;

	kit_ends_make(&ends, path);
	put_gateway_sa(&ends, is_refill);
	told->is_ready = 1;
	for (;;) {
		struct esp_seal_packet out = {.mbuf = &buffer.mbuf, .sa_handle = ends.handle};
		uint32_t i = told->position % PACKETS;
		uint32_t number;

		/* Not in order: 0, 7, 14, ... of each 64, and far jumps between them. */
		i = (i & ~63u) + i * 7 % 64;
		if (i < PACKETS && gateway_takes(&ends, i))
			told->is_taken[i] = 1;
		told->position++;
		kit_buffer_fill(&buffer, KIT_HELLO, KIT_HELLO_BYTES);
		esp_seal_burst(&ends.gateway_seal, &out, 1);
		/* The number's low half, behind the outer header and the SPI: all of it here. */
		memcpy(&number,
		       rte_pktmbuf_mtod_offset(&buffer.mbuf, uint8_t *,
					       crash_link->outer_family == 4 ? 24 : 44),
		       4);
		number = __builtin_bswap32(number);
		if (told->lowest_sent == 0)
			told->lowest_sent = number;
		told->highest_sent = number;
	}
}

static void seal_packets(void)
{
	static struct kit_buffer buffer;
	struct kit_ends ends;

	kit_ends_make(&ends, NULL);
	kit_ends_link(&ends, crash_link);
	for (uint32_t i = 0; i < PACKETS; i++) {
		kit_buffer_fill(&buffer, KIT_HELLO, KIT_HELLO_BYTES);
		assert_int_equal(kit_terminal_seal(&ends, &buffer), DROP_NONE);
		packet_bytes[i] = buffer.mbuf.data_len;
		memcpy(packets[i], rte_pktmbuf_mtod(&buffer.mbuf, void *), packet_bytes[i]);
	}
	kit_ends_free(&ends);
}

static void kill_often(const struct kit_link *link, int rounds)
{
	unsigned int seed = 12345, taken = 0;
	uint64_t highest = 0;
	int fd;

	crash_link = link;
	strcpy(path, "/tmp/sekisho-crash-test-XXXXXX");
	fd = mkstemp(path);
	assert_true(fd >= 0);
	close(fd);
	told = shared(sizeof(*told));
	packets = shared(PACKETS * sizeof(*packets));
	seal_packets();
	for (int round = 0; round < rounds; round++) {
		struct timespec nap = {0, (long)(rand_r(&seed) % 400000)};
		struct kit_ends ends;
		pid_t child;
		int status;

		told->is_ready = 0;
		told->lowest_sent = 0;
		child = fork();
		assert_true(child >= 0);
		if (child == 0)
			gateway_run(round > 0);
		while (!told->is_ready && waitpid(child, &status, WNOHANG) == 0)
			sched_yield();
		assert_true(told->is_ready);
		nanosleep(&nap, NULL);
		assert_int_equal(kill(child, SIGKILL), 0);
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_true(WIFSIGNALED(status));
		/* What it sent lay above all that was sent before, and not too far. */
		if (told->lowest_sent != 0) {
			assert_true(told->lowest_sent > highest);
			assert_true(told->lowest_sent - highest <= STATE_SKIP_NUMBERS);
			highest = told->highest_sent;
		}
		/* Whoever comes next takes nothing that was taken. */
		kit_ends_make(&ends, path);
		put_gateway_sa(&ends, true);
		taken = 0;
		for (uint32_t i = 0; i < PACKETS; i++) {
			if (!told->is_taken[i])
				continue;
			taken++;
			assert_false(gateway_takes(&ends, i));
		}
		kit_ends_free(&ends);
	}
	assert_true(taken > 100);
	print_message("suite %d: %d kills, %u packets taken, numbers up to %llu\n",
		      (int)link->suite, rounds, taken, (unsigned long long)highest);
	unlink(path);
	munmap(packets, PACKETS * sizeof(*packets));
	munmap(told, sizeof(*told));
}

static void killed_at_any_moment_nothing_is_used_or_taken_twice(void **state)
{
	unsigned int suites = 0;

	(void)state;
	for (size_t i = 0; i < kit_link_count; i++) {
		const struct kit_link *link = &kit_links[i];

		if (link->mode != CONTRACT_TRANSPORT || (suites & 1u << link->suite) != 0)
			continue;
		kill_often(link, suites == 0 ? ROUNDS : ROUNDS / 4);
		suites |= 1u << link->suite;
	}
	assert_int_equal(suites, (1u << (ESP_SUITE_MAX + 1)) - 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(at_every_instruction_of_an_update_nothing_seen_is_taken_again),
		cmocka_unit_test(at_every_instruction_of_a_beginning_the_record_is_there_or_not),
		cmocka_unit_test(at_every_instruction_of_a_reservation_the_record_can_be_resumed),
		cmocka_unit_test(killed_at_any_moment_nothing_is_used_or_taken_twice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
