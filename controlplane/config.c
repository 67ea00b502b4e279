#include "controlplane/config.h"

#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include "controlplane/config_channels.h"
#include "controlplane/config_peers.h"
#include "controlplane/config_places.h"
#include "controlplane/config_policy.h"

#define MINUTE_MS 60000ull
#define HOUR_MS	  (60 * MINUTE_MS)
#define DAY_MS	  (24 * HOUR_MS)

_Static_assert(sizeof(((struct sockaddr_un *)0)->sun_path) == CONTROL_SOCKET_BYTES,
	       "a socket's path is as long as the system lets it be");

static uint32_t seconds_read(struct config_node map, const char *key, uint64_t min_ms,
			     uint64_t max_ms, uint64_t default_ms)
{
	uint64_t ms = default_ms;

	config_duration(map, key, CONFIG_OPTIONAL, min_ms, max_ms, &ms);
	return (uint32_t)(ms / 1000);
}

static uint64_t number_read(struct config_node map, const char *key, uint64_t min, uint64_t max,
			    uint64_t number)
{
	config_integer(map, key, CONFIG_OPTIONAL, min, max, &number);
	return number;
}

static unsigned word_read(struct config_node map, const char *key, const struct config_word *words,
			  size_t count, unsigned word)
{
	config_choice(map, key, CONFIG_OPTIONAL, words, count, &word);
	return word;
}

static void domains_read(struct config_node root, struct control_config *config)
{
	struct config_node list;

	config_list(root, "domains", CONFIG_REQUIRED, 1, CONTROL_DOMAINS_MAX, &list);
	for (size_t i = 0; i < config_count(list); i++)
		if (config_domain(config_item(list, i), NULL, CONFIG_REQUIRED,
				  config->domain[config->domain_count]))
			config->domain_count++;
}

static void lifetimes_read(struct config_node root, struct control_lifetimes *lifetimes)
{
	struct config_node map;

	config_map(root, "lifetimes", CONFIG_OPTIONAL, &map);
	lifetimes->soft_s = seconds_read(map, "soft", 10000, 7 * DAY_MS, 45 * MINUTE_MS);
	lifetimes->hard_s = seconds_read(map, "hard", 20000, 8 * DAY_MS, 60 * MINUTE_MS);
	if (lifetimes->hard_s <= lifetimes->soft_s)
		config_mistake(map, "hard", "\"hard\" must be longer than \"soft\"");
	lifetimes->soft_packets = number_read(map, "packets", 1000, 1ull << 60, 1ull << 32);
	lifetimes->soft_bytes = number_read(map, "bytes", 1000000, 1ull << 62, 1ull << 40);
	lifetimes->attach_s = seconds_read(map, "attach", 5000, 10 * MINUTE_MS, 30000);
}

static void registration_read(struct config_node root, struct control_lifetimes *lifetimes)
{
	struct config_node map;

	config_map(root, "registration", CONFIG_OPTIONAL, &map);
	lifetimes->registration_min_s = seconds_read(map, "min", 10000, DAY_MS, MINUTE_MS);
	lifetimes->registration_default_s = seconds_read(map, "default", 10000, DAY_MS, HOUR_MS);
	lifetimes->registration_max_s = seconds_read(map, "max", 10000, 7 * DAY_MS, DAY_MS);
	if (lifetimes->registration_min_s > lifetimes->registration_default_s ||
	    lifetimes->registration_default_s > lifetimes->registration_max_s)
		config_mistake(map, NULL, "min, default and max must be in this order");
}

static void rotation_read(struct config_node root, struct control_config *config)
{
	struct config_node map;

	config->max_dialog_s =
		seconds_read(root, "max-dialog", 10 * MINUTE_MS, 14 * DAY_MS, DAY_MS);
	config_map(root, "rotation", CONFIG_OPTIONAL, &map);
	config->rotation.sk_s = seconds_read(map, "sk", HOUR_MS, 30 * DAY_MS, 12 * HOUR_MS);
	config->rotation.sk_overlap_s = seconds_read(map, "sk-overlap", HOUR_MS, DAY_MS, HOUR_MS);
	config->rotation.token_s = seconds_read(map, "token", HOUR_MS, 90 * DAY_MS, 7 * DAY_MS);
}

static void rules_read(struct config_node root, struct control_config *config)
{
	static const struct config_word route_security[] = {{"require", CONTRACT_RS_REQUIRE},
							    {"annotate", CONTRACT_RS_ANNOTATE}};
	static const struct config_word insecure[] = {
		{"off", CONTRACT_INSECURE_OFF},
		{"authenticated", CONTRACT_INSECURE_AUTHENTICATED},
		{"any", CONTRACT_INSECURE_ANY}};
	static const struct config_word legacy[] = {{"refuse", 0}, {"restore", 1}};
	static const struct config_word assertion[] = {{"anonymous", 0}, {"always", 1}};

	config->route_security =
		word_read(root, "route-security", route_security, 2, CONTRACT_RS_REQUIRE);
	config->route_security_add_level =
		(uint8_t)number_read(root, "route-security-add-level", 0, 3, 1);
	config->insecure_access =
		word_read(root, "insecure-access", insecure, 3, CONTRACT_INSECURE_OFF);
	config->is_identity_always_asserted = word_read(root, "assert-identity", assertion, 2, 0);
	config->is_legacy_restored = word_read(root, "legacy-callee", legacy, 2, 0);
	config->dscp = (uint8_t)number_read(root, "dscp", 0, 63, 24);
	config->requests_per_second =
		(uint32_t)number_read(root, "requests-per-second", 0, 1000000, 0);
	config->password_iterations =
		(uint32_t)number_read(root, "password-iterations", LIMIT_SCRAM_ITERATIONS_MIN,
				      LIMIT_SCRAM_ITERATIONS_MAX, 16384);
	config->flood_threshold = (uint32_t)number_read(root, "flood-threshold", 0, 10000000, 2000);
}

/* Terminals of a load test, whose keys stand in a file: nobody gets them without having said so. */
static void statics_read(struct config_node root, struct control_config *config, FILE *report)
{
	char path[CONFIG_PATH_BYTES];
	bool is_unsafe = false;

	config_boolean(root, "unsafe-static-keys", CONFIG_OPTIONAL, &is_unsafe);
	if (!config_path(root, "static-terminals", CONFIG_OPTIONAL, path, sizeof(path)))
		return;
	if (!is_unsafe)
		config_mistake(root, "static-terminals",
			       "whoever reads that file has the keys of its terminals: only with "
			       "\"unsafe-static-keys: yes\", and never in service");
	else if (static_terminals_read(path, report, &config->statics) != RESULT_OK)
		config_mistake(root, "static-terminals", "cannot be used");
	else if (!control_config_has_domain(config, slice_make(config->statics.domain,
							       strlen(config->statics.domain))))
		config_mistake(root, "static-terminals", "they are of no domain of ours");
	else if (!config->statics.is_secure && config->insecure_access != CONTRACT_INSECURE_ANY)
		config_mistake(root, "static-terminals",
			       "they speak in the clear: only with \"insecure-access: any\"");
	else
		config->has_statics = true;
}

static enum result tree_read(struct config_node root, FILE *report, struct control_config *config)
{
	uint64_t gateway_id = 0;

	if (config_integer(root, "gateway-id", CONFIG_REQUIRED, 0, 63, &gateway_id))
		config->gateway_id = (uint8_t)gateway_id;
	domains_read(root, config);
	config_places_read(root, config);
	lifetimes_read(root, &config->lifetimes);
	registration_read(root, &config->lifetimes);
	rotation_read(root, config);
	config_channels_read(root, config);
	rules_read(root, config);
	config_certificates_read(root, &config->certificates);
	statics_read(root, config, report);
	config_policy_read(root, &config->policy);
	return control_config_read_peers(root, config);
}

enum result control_config_read(const char *path, FILE *report, struct control_config *config)
{
	struct config *file;
	enum result result;

	memset(config, 0, sizeof(*config));
	snprintf(config->path, sizeof(config->path), "%s", path);
	result = config_open(path, report, &file);
	if (result != RESULT_OK)
		return result;
	result = tree_read(config_root(file), report, config);
	if (result == RESULT_OK)
		result = config_finish(file);
	if (result == RESULT_OK)
		result = config_flat_read(file, &config->flat);
	config_close(file);
	return result;
}

void control_config_destroy(struct control_config *config)
{
	config_flat_destroy(&config->flat);
	secret_wipe(&config->statics.secret);
	free(config->peer);
	free(config->peer_text);
	config->peer = NULL;
	config->peer_text = NULL;
	config->peer_count = 0;
}

bool control_domains_have(const control_domain *domains, unsigned count, struct slice domain)
{
	for (unsigned i = 0; i < count; i++)
		if (slice_is_equal(domain, slice_make(domains[i], strlen(domains[i]))))
			return true;
	return false;
}

bool control_config_has_domain(const struct control_config *config, struct slice domain)
{
	return control_domains_have(config->domain, config->domain_count, domain);
}
