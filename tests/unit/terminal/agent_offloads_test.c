/* The names of offloads in use, for people and for programs, and the word on those that lack. */
#include "tests/unit/terminal/cmocka_setup.h"

#include <string.h>
#include <unistd.h>

#include "terminal/agent/state.h"
#include "tests/unit/heard.h"

static struct settings settings;
static struct agent agent;

static int make(void **state)
{
	(void)state;
	settings = (struct settings){.channel = CHANNEL_WANTED};
	agent = (struct agent){.settings = &settings, .channel = {.tun = {.name = "sk7"}}};
	return 0;
}

static void expect_text(const char *expected)
{
	json_t *report = offloads_report(&agent), *text = offloads_text(&agent, report);

	assert_string_equal(json_string_value(text), expected);
	json_decref(text);
	json_decref(report);
}

static void each_has_its_name(void **state)
{
	struct tun *tun = &agent.channel.tun;

	(void)state;
	expect_text("offloads of sk7: none; of ESP in UDP: none");
	tun->has_header = true;
	expect_text("offloads of sk7: GRO; of ESP in UDP: none");
	tun->leaves_checksums = tun->leaves_tcp = tun->leaves_udp = true;
	agent.sockets.cuts = true;
	expect_text("offloads of sk7: checksum, TSO, USO, GRO; of ESP in UDP: GSO");
	agent.sockets.joins = true;
	expect_text("offloads of sk7: checksum, TSO, USO, GRO; of ESP in UDP: GSO, GRO");
}

static void a_program_finds_them_one_by_one(void **state)
{
	json_t *report, *names;

	(void)state;
	agent.channel.tun.leaves_tcp = agent.channel.tun.has_header = true;
	agent.sockets.cuts = true;
	report = offloads_report(&agent);
	names = json_object_get(report, "tun");
	assert_int_equal(json_array_size(names), 2);
	assert_string_equal(json_string_value(json_array_get(names, 0)), "TSO");
	assert_string_equal(json_string_value(json_array_get(names, 1)), "GRO");
	names = json_object_get(report, "udp");
	assert_int_equal(json_array_size(names), 1);
	assert_string_equal(json_string_value(json_array_get(names, 0)), "GSO");
	json_decref(report);
}

/* What offloads_tell_lack says on standard error. */
static void expect_said(const char *expected)
{
	char said[256];
	const struct heard heard = heard_begin();

	offloads_tell_lack(&agent);
	heard_end(heard, said, sizeof(said));
	assert_string_equal(said, expected);
}

static void a_kernel_without_them_is_told_of_in_one_sentence(void **state)
{
	struct tun *tun = &agent.channel.tun;

	(void)state;
	expect_said("sk7: this kernel or its port 4500 has no TSO; the data channel is slower\n");
	tun->leaves_tcp = true;
	expect_said("sk7: this kernel or its port 4500 has no USO; the data channel is slower\n");
	tun->leaves_udp = true;
	agent.sockets.cuts = true;
	expect_said("sk7: this kernel or its port 4500 has no GSO or GRO of UDP; the data channel "
		    "is slower\n");
	agent.sockets.joins = true;
	expect_said("");
	tun->leaves_tcp = tun->leaves_udp = false;
	settings.without_offloads = true; /* as the user wants it */
	expect_said("");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(each_has_its_name, make),
		cmocka_unit_test_setup(a_program_finds_them_one_by_one, make),
		cmocka_unit_test_setup(a_kernel_without_them_is_told_of_in_one_sentence, make),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
