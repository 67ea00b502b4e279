#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "dataplane/configuration.h"

static const char good[] = "contract:\n"
			   "  socket: /run/sekisho/contract\n"
			   "state-file: state\n"
			   "workers: 2\n"
			   "idle-backoff: no\n"
			   "registers-per-second: 7\n"
			   "eal:\n"
			   "  file-prefix: gwa\n"
			   "  hugepages: no\n"
			   "  memory-mb: 128\n"
			   "  cores: [0, 2, 4]\n"
			   "  arguments: [\"--log-level=debug\"]\n"
			   "capacity:\n"
			   "  sas: 1000\n"
			   "  bindings: 2000\n"
			   "ports:\n"
			   "  - vdev: \"net_af_packet0,iface=port0\"\n"
			   "    exception: sk0\n"
			   "    addresses: [2001:db8::60/64, 192.0.2.60/24]\n"
			   "    routers: [2001:db8::1]\n"
			   "  - pci: \"0000:01:00.0\"\n"
			   "    exception: sk1\n"
			   "    mtu: 1400\n"
			   "    path-mtu: 1360\n"
			   "    addresses: [198.51.100.60/24]\n";

struct told {
	char text[4096];
	enum result result;
	struct configuration configuration;
};

/* Read these bytes from a file of their own. */
static void read_text(const char *text, struct told *told)
{
	char path[] = "/tmp/sekisho-configuration-XXXXXX";
	FILE *report = fmemopen(told->text, sizeof(told->text), "w");
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_non_null(report);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	memset(&told->configuration, 0, sizeof(told->configuration));
	told->result = configuration_read(path, report, &told->configuration);
	fclose(report);
	unlink(path);
}

static void a_configuration_is_read_whole(void **state)
{
	struct told told = {0};
	const struct configuration *c = &told.configuration;

	(void)state;
	read_text(good, &told);
	assert_string_equal(told.text, "");
	assert_int_equal(told.result, RESULT_OK);
	assert_string_equal(c->socket_path, "/run/sekisho/contract");
	assert_string_equal(c->state_path, "/tmp/state");
	assert_int_equal(c->workers, 2);
	assert_false(c->is_idle_backed_off);
	assert_int_equal(c->registers_per_second, 7);
	assert_string_equal(c->file_prefix, "gwa");
	assert_false(c->is_huge);
	assert_int_equal(c->memory_mb, 128);
	assert_int_equal(c->core_count, 3);
	assert_int_equal(c->cores[2], 4);
	assert_int_equal(c->argument_count, 1);
	assert_string_equal(c->arguments[0], "--log-level=debug");
	assert_int_equal(c->sa_capacity, 1000);
	assert_int_equal(c->binding_capacity, 2000);
}

static void its_ports_are_read_with_their_addresses(void **state)
{
	struct told told = {0};
	const struct configuration_port *port = told.configuration.ports;

	(void)state;
	read_text(good, &told);
	assert_int_equal(told.configuration.port_count, 2);
	assert_true(port[0].is_vdev);
	assert_string_equal(port[0].device, "net_af_packet0,iface=port0");
	assert_string_equal(port[0].tap, "sk0");
	assert_int_equal(port[0].mtu, 1500);
	assert_int_equal(port[0].address[0].family, 4);
	assert_int_equal(port[0].prefix_bits[0], 24);
	assert_int_equal(port[0].address[1].family, 6);
	assert_int_equal(port[0].prefix_bits[1], 64);
	assert_int_equal(port[0].router[0].family, 0);
	assert_int_equal(port[0].router[1].family, 6);
	assert_false(port[1].is_vdev);
	assert_string_equal(port[1].device, "0000:01:00.0");
	assert_int_equal(port[1].mtu, 1400);
	assert_int_equal(port[0].path_mtu, 1280);
	assert_int_equal(port[1].path_mtu, 1360);
	assert_int_equal(port[1].address[1].family, 0);
}

static void what_is_left_out_has_its_default(void **state)
{
	struct told told = {0};

	(void)state;
	read_text("contract: {socket: /c}\nports:\n"
		  "  - {vdev: net_null0, exception: sk0, addresses: [192.0.2.1/24]}\n",
		  &told);
	assert_string_equal(told.text, "");
	assert_int_equal(told.result, RESULT_OK);
	assert_int_equal(told.configuration.workers, 1);
	assert_true(told.configuration.is_idle_backed_off);
	assert_true(told.configuration.is_huge);
	assert_string_equal(told.configuration.state_path, "");
	assert_int_equal(told.configuration.core_count, 0);
}

#define PORT "contract: {socket: /c}\nports:\n  - {vdev: net_null0, exception: sk0, "

static void every_mistake_is_told_with_its_place(void **state)
{
	static const struct {
		const char *text;
		const char *told;
	} mistakes[] = {
		{"ports: []\n", "contract"},
		{"contract: {socket: /c}\n", "ports"},
		{PORT "addresses: [192.0.2.1/24, 192.0.2.2/24]}\n", "3:"},
		{PORT "addresses: [192.0.2.1/33]}\n", "3:"},
		{PORT "addresses: [192.0.2.1/24], routers: [2001:db8::1]}\n", "without an address"},
		{PORT "addresses: [192.0.2.1/24], routers: [192.0.2.2, 192.0.2.3]}\n",
		 "second router"},
		{PORT "addresses: [192.0.2.1/24], mtu: 9000}\n", "mtu"},
		{PORT "addresses: [192.0.2.1/24], path-mtu: 1279}\n", "path-mtu"},
		{PORT "addresses: [192.0.2.1/24], mtu: 1400, path-mtu: 1401}\n", "path-mtu"},
		{PORT "addresses: [192.0.2.1/24], pci: \"0000:01:00.0\"}\n", "either"},
		{PORT "addresses: [192.0.2.1/24], nonsense: 1}\n", "nonsense"},
		{PORT "addresses: [192.0.2.1/24]}\nworkers: 0\n", "4:"},
		{PORT "addresses: [192.0.2.1/24]}\nworkers: 2\neal: {cores: [0, 1]}\n",
		 "2 workers"},
		{PORT "addresses: [192.0.2.1/24]}\n"
		      "  - {vdev: net_null1, exception: sk0, addresses: [192.0.2.2/24]}\n",
		 "two ports"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
		struct told told = {0};

		read_text(mistakes[i].text, &told);
		assert_int_equal(told.result, RESULT_BAD);
		if (!strstr(told.text, mistakes[i].told))
			fail_msg("mistake %zu: \"%s\" is not told in: %s", i, mistakes[i].told,
				 told.text);
	}
}

static void a_file_that_is_not_there_is_told(void **state)
{
	struct configuration configuration;
	char text[1024] = "";
	FILE *report = fmemopen(text, sizeof(text), "w");

	(void)state;
	assert_int_equal(configuration_read("/nonexistent/x.yaml", report, &configuration),
			 RESULT_IO);
	fclose(report);
	assert_non_null(strstr(text, "/nonexistent/x.yaml"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_configuration_is_read_whole),
		cmocka_unit_test(its_ports_are_read_with_their_addresses),
		cmocka_unit_test(what_is_left_out_has_its_default),
		cmocka_unit_test(every_mistake_is_told_with_its_place),
		cmocka_unit_test(a_file_that_is_not_there_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
