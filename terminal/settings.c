#include "terminal/settings.h"

#include <openssl/crypto.h>
#include <openssl/sha.h>
#include <string.h>

#include "shared/sip/uri.h"

/* A dialog that is older is none any more to a gateway (its max-dialog). */
enum { LONGEST_CALL_MS = 24 * 3600 * 1000 };

static struct sip_address from_contract(const struct contract_address *address)
{
	struct sip_address out = {.family = address->family, .port = address->port};

	memcpy(out.bytes, address->bytes, sizeof(out.bytes));
	return out;
}

/* The canonical form of an AOR, which names a user. */
static bool take_aor(struct config_node root, char out[LIMIT_AOR_BYTES + 1])
{
	char text[LIMIT_AOR_BYTES + 1], uri[LIMIT_AOR_BYTES + 5];
	struct sip_uri parsed;
	struct slice aor;
	int len;

	if (!config_text(root, "aor", CONFIG_REQUIRED, text, sizeof(text)))
		return false;
	len = snprintf(uri, sizeof(uri), "sip:%s", text);
	if (len < 0 || (size_t)len >= sizeof(uri) ||
	    sip_uri_parse(slice_make(uri, (size_t)len), &parsed) != RESULT_OK ||
	    parsed.user.len == 0 || parsed.params.len || parsed.headers.len ||
	    sip_uri_aor(&parsed, out, &aor) != RESULT_OK) {
		config_mistake(root, "aor", "not a name like user-a@abc.com");
		return false;
	}
	out[aor.len] = 0;
	return true;
}

static void add_gateway(struct settings *s, struct config_node node, const char *key)
{
	struct contract_address address;

	if (!config_endpoint(node, key, CONFIG_REQUIRED, 5060, &address))
		return;
	if (s->gateway_count && s->gateways[0].family != address.family) {
		config_mistake(node, key, "all gateways must be IPv4 or all IPv6");
		return;
	}
	s->gateways[s->gateway_count++] = from_contract(&address);
}

static void take_gateway(struct config_node root, struct settings *s)
{
	struct config_node gateway, list;

	if (!config_map(root, "gateway", CONFIG_REQUIRED, &gateway))
		return;
	config_domain(gateway, "domain", CONFIG_REQUIRED, s->domain);
	if (!config_has(gateway, "addresses")) {
		add_gateway(s, gateway, "address");
		return;
	}
	config_list(gateway, "addresses", CONFIG_REQUIRED, 1, ATTACH_GATEWAYS, &list);
	for (size_t i = 0; i < config_count(list); i++)
		add_gateway(s, config_item(list, i), NULL);
}

static void take_own(struct config_node root, struct settings *s)
{
	struct contract_address address;
	uint64_t port = 5060;

	if (config_address(root, "address", CONFIG_OPTIONAL, &address)) {
		s->own = from_contract(&address);
		if (s->gateway_count && s->own.family != s->gateways[0].family)
			config_mistake(root, "address", "not of the gateway's IP version");
	}
	config_boolean(root, "encap", CONFIG_OPTIONAL, &s->wants_encap);
	config_integer(root, "port", CONFIG_OPTIONAL, 1, 65535, &port);
	s->own.port = (uint16_t)port;
}

static void take_suites(struct config_node root, struct settings *s)
{
	struct config_node list;

	s->suites = (struct suite_list){{SUITE_AES_128_GCM_16, SUITE_AES_256_GCM_16}, 2};
	if (!config_list(root, "suites", CONFIG_OPTIONAL, 1, SUITE_COUNT, &list))
		return;
	s->suites.count = 0;
	for (size_t i = 0; i < config_count(list); i++) {
		char name[64];
		const struct suite_properties *suite;

		if (!config_text(config_item(list, i), NULL, CONFIG_REQUIRED, name, sizeof(name)))
			continue;
		suite = suite_find_name(slice_make(name, strlen(name)));
		if (suite)
			s->suites.suite[s->suites.count++] = suite->suite;
		else
			config_mistake(config_item(list, i), NULL, "there is no suite \"%s\"",
				       name);
	}
}

static void take_policy(struct config_node root, struct settings *s)
{
	static const struct config_word trusts[] = {{"chain", SERIES_TRUST_CHAIN},
						    {"series", SERIES_TRUST_SERIES}};
	static const struct config_word actions[] = {{"refuse", 1}, {"warn", 0}};
	static const struct config_word channels[] = {
		{"off", CHANNEL_OFF}, {"wanted", CHANNEL_WANTED}, {"required", CHANNEL_REQUIRED}};
	static const struct config_word offloads[] = {{"on", 0}, {"off", 1}};
	unsigned trust = SERIES_TRUST_SERIES, action = 1, channel = CHANNEL_WANTED, offload = 0;
	uint64_t level = SIP_LEVEL_INTEGRITY;

	config_choice(root, "trust", CONFIG_OPTIONAL, trusts, 2, &trust);
	config_choice(root, "on-weak-path", CONFIG_OPTIONAL, actions, 2, &action);
	config_integer(root, "minimum-level", CONFIG_OPTIONAL, 0, 3, &level);
	s->policy = (struct series_policy){(enum series_trust)trust, (uint8_t)level};
	s->is_refusing = action == 1;
	config_choice(root, "channel", CONFIG_OPTIONAL, channels, 3, &channel);
	s->channel = (enum channel_policy)channel;
	config_choice(root, "channel-offload", CONFIG_OPTIONAL, offloads, 2, &offload);
	s->without_offloads = offload == 1;
}

/* The same terminal for the same name on the same machine, whatever its address (RFC 5626 4.1). */
static void derive_instance(struct settings *s)
{
	uint8_t hash[SHA256_DIGEST_LENGTH];
	char text[LIMIT_AOR_BYTES + 128];
	char machine[64] = "";
	FILE *file = fopen("/etc/machine-id", "re");

	if (file) {
		if (!fgets(machine, sizeof(machine), file))
			machine[0] = 0;
		fclose(file);
	}
	snprintf(text, sizeof(text), "%s %s", s->aor, machine);
	SHA256((const uint8_t *)text, strlen(text), hash);
	hash[6] = (uint8_t)((hash[6] & 0x0f) | 0x80); /* UUID version 8, RFC 9562 5.8 */
	hash[8] = (uint8_t)((hash[8] & 0x3f) | 0x80);
	snprintf(s->instance, sizeof(s->instance),
		 "urn:uuid:%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x",
		 hash[0], hash[1], hash[2], hash[3], hash[4], hash[5], hash[6], hash[7], hash[8],
		 hash[9], hash[10], hash[11], hash[12], hash[13], hash[14], hash[15]);
}

/* Where SIP clients of this machine find us; nowhere unless that is asked for. */
static void take_local(struct config_node root, struct settings *s)
{
	struct config_node local;
	uint64_t port = 5060;

	if (!config_map(root, "local", CONFIG_OPTIONAL, &local))
		return;
	config_integer(local, "port", CONFIG_OPTIONAL, 1, 65535, &port);
	s->local_port = (uint16_t)port;
}

static void take_password(struct config_node root, struct settings *s)
{
	if (config_text(root, "password-file", CONFIG_REQUIRED, s->password_file,
			sizeof(s->password_file)) &&
	    strcmp(s->password_file, "-") != 0)
		config_path(root, "password-file", CONFIG_REQUIRED, s->password_file,
			    sizeof(s->password_file));
}

/* By password or by certificate, and how the gateway is known (docs/protocol.md 1.9). */
static void take_proofs(struct config_node root, struct settings *s)
{
	static const struct config_word proofs[] = {{"password", 0}, {"certificate", 1}};
	bool has_certificate = config_path(root, "certificate", CONFIG_OPTIONAL,
					   s->certificate_file, CONFIG_PATH_BYTES);
	unsigned proof = has_certificate;

	if (has_certificate)
		config_path(root, "key", CONFIG_REQUIRED, s->key_file, CONFIG_PATH_BYTES);
	else
		take_password(root, s);
	config_choice(root, "gateway-proof", CONFIG_OPTIONAL, proofs, 2, &proof);
	if (has_certificate && proof == 0)
		config_mistake(root, "gateway-proof",
			       "who comes by certificate meets the gateway by certificate");
	if (proof == 0)
		return;
	config_path(root, "trust-anchor", CONFIG_REQUIRED, s->trust_anchor_file, CONFIG_PATH_BYTES);
	config_path(root, "crl", CONFIG_OPTIONAL, s->crl_file, CONFIG_PATH_BYTES);
	config_path(root, "gateway-certificate", CONFIG_OPTIONAL, s->gateway_certificate_file,
		    CONFIG_PATH_BYTES);
}

static void take_rest(struct config_node root, struct settings *s)
{
	struct config_node control;
	uint64_t expires_ms = 3600 * 1000;

	if (!config_text(root, "subscriber", CONFIG_OPTIONAL, s->subscriber, sizeof(s->subscriber)))
		memcpy(s->subscriber, s->aor, sizeof(s->subscriber));
	take_proofs(root, s);
	if (config_map(root, "control", CONFIG_REQUIRED, &control))
		config_path(control, "socket", CONFIG_REQUIRED, s->control_socket,
			    sizeof(s->control_socket));
	if (!config_text(root, "instance", CONFIG_OPTIONAL, s->instance, sizeof(s->instance)))
		derive_instance(s);
	config_path(root, "key-log", CONFIG_OPTIONAL, s->key_log, sizeof(s->key_log));
	config_boolean(root, "auto-answer", CONFIG_OPTIONAL, &s->is_auto_answering);
	config_duration(root, "expires", CONFIG_OPTIONAL, 60 * 1000, 86400 * 1000, &expires_ms);
	s->expires_s = (uint32_t)(expires_ms / 1000);
	s->keep_alive_ms = 10000;
	config_duration(root, "keep-alive", CONFIG_OPTIONAL, 1000, 600 * 1000, &s->keep_alive_ms);
	s->longest_call_ms = LONGEST_CALL_MS;
	config_duration(root, "longest-call", CONFIG_OPTIONAL, 1000, LONGEST_CALL_MS,
			&s->longest_call_ms);
}

enum result settings_read(const char *path, FILE *report, struct settings *out)
{
	struct settings s = {0};
	struct config *config;
	enum result result = config_open(path, report, &config);

	if (result != RESULT_OK)
		return result;
	take_aor(config_root(config), s.aor);
	take_gateway(config_root(config), &s);
	take_own(config_root(config), &s);
	take_suites(config_root(config), &s);
	take_policy(config_root(config), &s);
	take_local(config_root(config), &s);
	take_rest(config_root(config), &s);
	result = config_finish(config);
	config_close(config);
	if (result == RESULT_OK)
		*out = s;
	return result;
}

void settings_wipe(struct settings *settings)
{
	OPENSSL_cleanse(settings->password, sizeof(settings->password));
}

void settings_close(struct settings *settings)
{
	settings_wipe(settings);
	signer_destroy(settings->signer);
	trust_destroy(settings->trust);
	certificate_destroy(settings->gateway_certificate);
	settings->signer = NULL;
	settings->trust = NULL;
	settings->gateway_certificate = NULL;
}
