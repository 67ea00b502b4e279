#include "bench/loadgen/options.h"

#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#define SIP_PORT 5060

enum {
	OPTION_TERMINALS = 256,
	OPTION_MAKE,
	OPTION_COUNT,
	OPTION_DOMAIN,
	OPTION_GATEWAY,
	OPTION_FIRST,
	OPTION_SUITE,
	OPTION_NO_WINDOW,
	OPTION_INSECURE,
	OPTION_PCAP,
	OPTION_PCAP_FRAMES,
	OPTION_OWN_MAC,
	OPTION_GATEWAY_MAC,
	OPTION_VDEV,
	OPTION_PCI,
	OPTION_ROUTER,
	OPTION_CORE,
	OPTION_NO_HUGE,
	OPTION_MEMORY,
	OPTION_FRAMES,
	OPTION_PREFIX,
	OPTION_PROXY,
	OPTION_AUTHORITY,
	OPTION_WAIT,
	OPTION_JSON,
	OPTION_HELP,
};

static const struct option long_options[] = {
	{"terminals", required_argument, NULL, OPTION_TERMINALS},
	{"make-terminals", required_argument, NULL, OPTION_MAKE},
	{"count", required_argument, NULL, OPTION_COUNT},
	{"domain", required_argument, NULL, OPTION_DOMAIN},
	{"gateway", required_argument, NULL, OPTION_GATEWAY},
	{"first-address", required_argument, NULL, OPTION_FIRST},
	{"suite", required_argument, NULL, OPTION_SUITE},
	{"no-replay-window", no_argument, NULL, OPTION_NO_WINDOW},
	{"insecure", no_argument, NULL, OPTION_INSECURE},
	{"make-pcap", required_argument, NULL, OPTION_PCAP},
	{"frames", required_argument, NULL, OPTION_PCAP_FRAMES},
	{"own-mac", required_argument, NULL, OPTION_OWN_MAC},
	{"gateway-mac", required_argument, NULL, OPTION_GATEWAY_MAC},
	{"vdev", required_argument, NULL, OPTION_VDEV},
	{"pci", required_argument, NULL, OPTION_PCI},
	{"router", required_argument, NULL, OPTION_ROUTER},
	{"core", required_argument, NULL, OPTION_CORE},
	{"no-huge", no_argument, NULL, OPTION_NO_HUGE},
	{"memory-mb", required_argument, NULL, OPTION_MEMORY},
	{"frames-mb", required_argument, NULL, OPTION_FRAMES},
	{"file-prefix", required_argument, NULL, OPTION_PREFIX},
	{"proxy", required_argument, NULL, OPTION_PROXY},
	{"authority", required_argument, NULL, OPTION_AUTHORITY},
	{"wait-ms", required_argument, NULL, OPTION_WAIT},
	{"json", no_argument, NULL, OPTION_JSON},
	{"help", no_argument, NULL, OPTION_HELP},
	{0},
};

void options_help(FILE *to)
{
	fputs("sekisho-loadgen --terminals FILE --vdev DEVICE|--pci ADDRESS --router ADDRESS "
	      "[JOB...]\n"
	      "    [--core N] [--no-huge] [--memory-mb N] [--frames-mb N] [--file-prefix TEXT]\n"
	      "    [--proxy sekisho|forward|direct] [--authority FOLDER]\n"
	      "    [--wait-ms N] [--json]\n"
	      "sekisho-loadgen --make-terminals FILE --count N --gateway ADDRESS --first-address "
	      "ADDRESS\n"
	      "    [--domain NAME] [--suite NAME] [--no-replay-window] [--insecure]\n"
	      "sekisho-loadgen --make-pcap FILE --terminals FILE [--frames N] [--own-mac MAC]\n"
	      "    [--gateway-mac MAC] [JOB]\n"
	      "A JOB: \"message|call|register [rate=N] [seconds=N] [find=ndr|pdr] [rekeys=N|soft] ...\"\n"
	      "    or \"attach [window=N] ...\", see sekisho-loadgen(1).\n",
	      to);
}

static bool number_read(const char *text, unsigned long least, unsigned long most,
			unsigned long *value)
{
	char *end;

	errno = 0;
	*value = strtoul(text, &end, 10);
	return errno == 0 && end != text && *end == '\0' && text[0] != '-' && *value >= least &&
	       *value <= most;
}

static bool address_read(const char *text, struct contract_address *address)
{
	*address = (struct contract_address){.family = 4, .port = SIP_PORT};
	if (inet_pton(AF_INET, text, address->bytes) == 1)
		return true;
	address->family = 6;
	return inet_pton(AF_INET6, text, address->bytes) == 1;
}

static bool suite_read(const char *text, enum contract_suite *suite)
{
	*suite = strcmp(text, "aes-256-gcm-16") == 0 ? CONTRACT_SUITE_AES_256_GCM_16
						     : CONTRACT_SUITE_AES_128_GCM_16;
	return *suite == CONTRACT_SUITE_AES_256_GCM_16 || strcmp(text, "aes-128-gcm-16") == 0;
}

static bool proxy_read(const char *text, enum check_proxy *proxy)
{
	static const char *const names[] = {
		[CHECK_SEKISHO] = "sekisho", [CHECK_FORWARD] = "forward", [CHECK_DIRECT] = "direct"};

	for (unsigned i = 0; i < 3; i++)
		if (strcmp(names[i], text) == 0) {
			*proxy = (enum check_proxy)i;
			return true;
		}
	return false;
}

/* What static terminals are made of. */
static bool statics_take(int option, const char *value, struct static_terminals *statics)
{
	unsigned long number = 0;
	bool is_right = true;

	switch (option) {
	case OPTION_COUNT:
		is_right = number_read(value, 1, STATIC_TERMINALS_MAX, &number);
		statics->count = (uint32_t)number;
		break;
	case OPTION_DOMAIN:
		is_right = strlen(value) <= STATIC_DOMAIN_BYTES;
		snprintf(statics->domain, sizeof(statics->domain), "%s", value);
		break;
	case OPTION_GATEWAY:
		is_right = address_read(value, &statics->gateway);
		break;
	case OPTION_FIRST:
		is_right = address_read(value, &statics->first);
		break;
	case OPTION_SUITE:
		is_right = suite_read(value, &statics->suite);
		break;
	case OPTION_NO_WINDOW:
		statics->is_replay_checked = false;
		break;
	default:
		statics->is_secure = false;
		break;
	}
	return is_right;
}

static bool wire_take_option(int option, const char *value, struct wire_config *wire)
{
	unsigned long number = 0;
	bool is_right = true;

	switch (option) {
	case OPTION_VDEV:
	case OPTION_PCI:
		wire->device = value;
		wire->is_vdev = option == OPTION_VDEV;
		break;
	case OPTION_ROUTER:
		is_right = address_read(value, &wire->router);
		break;
	case OPTION_CORE:
		is_right = number_read(value, 0, 1023, &number);
		wire->core = (int)number;
		break;
	case OPTION_NO_HUGE:
		wire->is_huge = false;
		break;
	case OPTION_MEMORY:
		is_right = number_read(value, 32, 1u << 20, &number);
		wire->memory_mb = (unsigned)number;
		break;
	default:
		wire->file_prefix = value;
		break;
	}
	return is_right;
}

static bool pcap_take(int option, const char *value, struct options *options)
{
	unsigned long number = 0;
	bool is_right = true;

	switch (option) {
	case OPTION_PCAP:
		options->pcap = value;
		break;
	case OPTION_PCAP_FRAMES:
		is_right = number_read(value, 1, 1u << 24, &number);
		options->pcap_frames = (uint32_t)number;
		break;
	case OPTION_OWN_MAC:
		is_right = rte_ether_unformat_addr(value, &options->pcap_link.own) == 0;
		break;
	default:
		is_right = rte_ether_unformat_addr(value, &options->pcap_link.gateway) == 0;
		break;
	}
	return is_right;
}

static bool option_take(int option, char *value, struct options *options)
{
	unsigned long number = 0;
	bool is_right = true;

	if (option >= OPTION_COUNT && option <= OPTION_INSECURE)
		return statics_take(option, value, &options->statics);
	if (option >= OPTION_PCAP && option <= OPTION_GATEWAY_MAC)
		return pcap_take(option, value, options);
	switch (option) {
	case OPTION_TERMINALS:
	case OPTION_MAKE:
		options->terminals = value;
		options->is_make = option == OPTION_MAKE;
		break;
	case OPTION_FRAMES:
		is_right = number_read(value, 1, 1u << 20, &number);
		options->frames_mb = number;
		break;
	case OPTION_PROXY:
		is_right = proxy_read(value, &options->proxy);
		break;
	case OPTION_AUTHORITY:
		options->authority = value;
		break;
	case OPTION_WAIT:
		is_right = number_read(value, 1, 3600000, &number);
		options->wait_ms = (unsigned)number;
		break;
	case OPTION_JSON:
		options->is_json = true;
		break;
	case OPTION_HELP:
		options->is_help = true;
		break;
	default:
		return wire_take_option(option, value, &options->wire);
	}
	return is_right;
}

static const char *missing(const struct options *options)
{
	if (options->is_help)
		return NULL;
	if (!options->terminals)
		return "--terminals or --make-terminals is missing";
	if (options->is_make)
		return options->statics.count == 0	      ? "--count is missing"
		       : options->statics.gateway.family == 0 ? "--gateway is missing"
		       : options->statics.first.family == 0   ? "--first-address is missing"
							      : NULL;
	if (options->pcap)
		return options->job_count > 1 ? "a capture is of one job" : NULL;
	if (!options->wire.device)
		return "--vdev or --pci is missing";
	return options->wire.router.family == 0 ? "--router is missing" : NULL;
}

enum result options_read(int argc, char *argv[], struct options *options)
{
	const char *complaint;
	int option;

	*options = (struct options){
		.statics = {.suite = CONTRACT_SUITE_AES_128_GCM_16,
			    .is_replay_checked = true,
			    .is_secure = true,
			    .domain = "bench.example"},
		.wire = {.is_huge = true, .memory_mb = 128, .core = -1, .file_prefix = "loadgen"},
		.pcap_frames = 10000,
		.pcap_link = {.own = {{2, 0, 0, 0, 0, 1}}, .gateway = {{2, 0, 0, 0, 0, 2}}},
		.wait_ms = 10000,
		.frames_mb = 1024,
	};
	while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
		if (option == '?')
			return RESULT_BAD;
		if (option_take(option, optarg, options))
			continue;
		fprintf(stderr, "sekisho-loadgen: \"%s\" is not what this option takes\n", optarg);
		return RESULT_BAD;
	}
	options->jobs = argv + optind;
	options->job_count = argc - optind;
	complaint = missing(options);
	if (complaint) {
		fprintf(stderr, "sekisho-loadgen: %s\n", complaint);
		return RESULT_BAD;
	}
	return RESULT_OK;
}
