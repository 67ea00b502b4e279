/* sekisho-controlplane: registrar, key exchange, policy, peers and store of one gateway. */

#include <errno.h>
#include <event2/event.h>
#include <getopt.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "controlplane/config.h"
#include "controlplane/ctl/commands.h"
#include "controlplane/ctl/server.h"
#include "controlplane/gateway.h"
#include "controlplane/gateway_certificates.h"
#include "controlplane/log.h"
#include "controlplane/peers/tls.h"
#include "shared/keyexchange/secret_file.h"
#include "shared/process_close.h"
#include "shared/version.h"

struct arguments {
	const char *config_path;
	bool is_check_only;
};

static void usage_show(FILE *to)
{
	fputs("usage: sekisho-controlplane --config FILE [-t]\n"
	      "  --config FILE  read this configuration (sekisho-controlplane(8))\n"
	      "  -t, --check    only check it\n"
	      "  -h, --help     show this\n"
	      "  --version      show the version\n",
	      to);
}

/* False: leave with *status. */
static bool arguments_read(int argc, char **argv, struct arguments *arguments, int *status)
{
	static const struct option options[] = {{"config", required_argument, NULL, 'c'},
						{"check", no_argument, NULL, 't'},
						{"help", no_argument, NULL, 'h'},
						{"version", no_argument, NULL, 'v'},
						{NULL, 0, NULL, 0}};
	int option;

	while ((option = getopt_long(argc, argv, "c:th", options, NULL)) != -1) {
		if (option == 'h') {
			usage_show(stdout);
			*status = EXIT_SUCCESS;
			return false;
		}
		if (option == 'v') {
			puts("sekisho-controlplane " SEKISHO_VERSION);
			*status = EXIT_SUCCESS;
			return false;
		}
		if (option == 'c')
			arguments->config_path = optarg;
		else if (option == 't')
			arguments->is_check_only = true;
		else
			break;
	}
	if (option != -1 || optind != argc || arguments->config_path == NULL) {
		if (option == -1 && optind != argc)
			fprintf(stderr, "sekisho-controlplane: this cannot stand here: %s\n",
				argv[optind]);
		else if (option == -1)
			fputs("sekisho-controlplane: --config FILE is missing\n", stderr);
		usage_show(stderr);
		*status = 2;
		return false;
	}
	return true;
}

/* The same of those that terminals see; gateway_create() reads them again. */
static bool certificates_check(const struct control_config *config)
{
	struct gateway_certificates *certificates = NULL;
	char message[1400] = "there is no memory";

	if (gateway_certificates_create(config, &certificates, message, sizeof(message)) ==
	    RESULT_OK) {
		gateway_certificates_destroy(certificates);
		return true;
	}
	log_say("%s", message);
	return false;
}

/* Certificate, key and CA files must be what TLS can use, before anybody is served. */
static bool tls_check(const struct control_config *config)
{
	const char *ca_file[PEERS_MAX];
	SSL_CTX *context = NULL;
	char why[SECRET_FILE_WHY_BYTES];

	if (config->peer_count == 0)
		return true;
	for (uint32_t i = 0; i < config->peer_count; i++)
		ca_file[i] = config->peer[i].ca_file;
	if (tls_context_create(config->certificate_file, config->key_file, ca_file,
			       config->peer_count, &context, why, sizeof(why)) == RESULT_OK) {
		SSL_CTX_free(context);
		return true;
	}
	log_say("tls: %s", why);
	return false;
}

/* Keys do not go to swap. */
static void memory_lock(void)
{
	const struct rlimit all = {RLIM_INFINITY, RLIM_INFINITY};

	/* Under a limit every later allocation could fail: all of it is locked or none. */
	if (setrlimit(RLIMIT_MEMLOCK, &all) != 0 || mlockall(MCL_CURRENT | MCL_FUTURE) != 0)
		log_say("memory cannot be locked (%s): keys may go to swap", strerror(errno));
}

static void stop(evutil_socket_t signal_number, short what, void *base)
{
	(void)what;
	log_say("stopping (%s)", strsignal((int)signal_number));
	event_base_loopbreak(base);
}

static void files_reopen(evutil_socket_t signal_number, short what, void *gateway)
{
	(void)signal_number, (void)what;
	log_say("opening files anew");
	gateway_files_reopen(gateway);
}

static bool signals_take(struct event_base *base, struct event *events[2])
{
	signal(SIGPIPE, SIG_IGN);
	events[0] = evsignal_new(base, SIGTERM, stop, base);
	events[1] = evsignal_new(base, SIGINT, stop, base);
	return events[0] != NULL && events[1] != NULL && event_add(events[0], NULL) == 0 &&
	       event_add(events[1], NULL) == 0;
}

static int serve(struct event_base *base, struct control_config *config)
{
	struct ctl_server *server = NULL;
	struct gateway *gateway = NULL;
	struct event *hang_up;
	char message[1400];
	enum result result = gateway_create(base, config, &gateway, message, sizeof(message));

	if (result != RESULT_OK) {
		log_say("%s", message);
		return EXIT_FAILURE;
	}
	hang_up = evsignal_new(base, SIGHUP, files_reopen, gateway);
	if (hang_up != NULL)
		event_add(hang_up, NULL);
	result = ctl_server_create(base, &config->admin, ctl_commands_handle, gateway_admin_refused,
				   gateway, &server);
	if (result == RESULT_OK)
		event_base_dispatch(base);
	else
		log_say("the admin socket %s: %s", config->admin.socket,
			result == RESULT_EXISTS ? "another control plane listens there"
						: strerror(errno));
	ctl_server_destroy(server);
	if (hang_up != NULL)
		event_free(hang_up);
	gateway_destroy(gateway);
	return result == RESULT_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int run(struct control_config *config)
{
	struct event_base *base = event_base_new();
	struct event *events[2] = {NULL, NULL};
	int status = EXIT_FAILURE;

	if (base != NULL && signals_take(base, events)) {
		memory_lock();
		status = serve(base, config);
	} else {
		log_say("there is no memory");
	}
	for (int i = 0; i < 2; i++)
		if (events[i] != NULL)
			event_free(events[i]);
	if (base != NULL)
		event_base_free(base);
	return status;
}

int main(int argc, char **argv)
{
	struct arguments arguments = {0};
	struct control_config config;
	int status = EXIT_FAILURE;

	if (!arguments_read(argc, argv, &arguments, &status))
		return status;
	if (!process_close()) {
		log_say("this process cannot be closed to others: %s", strerror(errno));
		return status;
	}
	if (control_config_read(arguments.config_path, stderr, &config) == RESULT_OK &&
	    tls_check(&config) && certificates_check(&config)) {
		if (arguments.is_check_only)
			printf("%s: the configuration is in order\n", arguments.config_path);
		status = arguments.is_check_only ? EXIT_SUCCESS : run(&config);
	}
	control_config_destroy(&config);
	return status;
}
