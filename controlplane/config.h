/* What an operator sets of a control plane (docs/configuration.md), read and checked as a whole. */
#ifndef SEKISHO_CONTROLPLANE_CONFIG_H
#define SEKISHO_CONTROLPLANE_CONFIG_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include "controlplane/config_certificates.h"
#include "controlplane/keyexchange/inner_pool.h"
#include "controlplane/peers/peers.h"
#include "controlplane/policy/compile.h"
#include "shared/config/config.h"
#include "shared/config/flat.h"
#include "shared/contract/contract.h"
#include "shared/keyexchange/suites.h"
#include "shared/statics/static_terminals.h"

#define CONTROL_DOMAINS_MAX 8
#define CONTROL_USERS_MAX   32
/* sun_path of a Unix socket's address, with its terminator. */
#define CONTROL_SOCKET_BYTES 108

/* A connection string of libpq. */
#define CONTROL_CONNINFO_BYTES 1024

/* Who may do what at the admin socket; root and the process' own user may always do everything. */
struct control_admin {
	char socket[CONTROL_SOCKET_BYTES];
	bool has_group;
	gid_t group; /* its members may connect, and read */
	uint32_t administrator_count, reader_count;
	uid_t administrator[CONTROL_USERS_MAX];
	uid_t reader[CONTROL_USERS_MAX];
};

struct control_lifetimes {
	uint32_t soft_s, hard_s;
	uint64_t soft_packets, soft_bytes;
	uint32_t registration_min_s, registration_default_s, registration_max_s;
	uint32_t attach_s; /* an SA without a registration */
};

struct control_rotation {
	uint32_t sk_s, sk_overlap_s;
	uint32_t token_s;
};

/* Texts of a peer, which its peer_config points into; of several gateways the first's are all's. */
struct control_peer {
	char name[LIMIT_DOMAIN_BYTES + 1];
	char gateway[LIMIT_DOMAIN_BYTES + 1];
	char domain[PEER_MAX_DOMAINS][LIMIT_DOMAIN_BYTES + 1];
	char reach[PEER_MAX_DOMAINS][LIMIT_DOMAIN_BYTES + 1];
	char ca_file[CONFIG_PATH_BYTES];
};

typedef char control_domain[LIMIT_DOMAIN_BYTES + 1];

struct control_config {
	char path[CONFIG_PATH_BYTES]; /* the file it was read from */
	struct config_flat flat;      /* and all that stood in it */
	uint8_t gateway_id;
	uint8_t domain_count;
	control_domain domain[CONTROL_DOMAINS_MAX];
	char contract_socket[CONTROL_SOCKET_BYTES];
	struct control_admin admin;
	char store_path[CONFIG_PATH_BYTES];
	char store_postgres[CONTROL_CONNINFO_BYTES]; /* empty: it is SQLite, at store_path */
	char store_password_file[CONFIG_PATH_BYTES];
	char secrets_folder[CONFIG_PATH_BYTES];
	char persistent_secret_file[CONFIG_PATH_BYTES]; /* empty: made and kept in the store */
	char cdr_file[CONFIG_PATH_BYTES]; /* empty: no call detail records */
	char key_log[CONFIG_PATH_BYTES]; /* empty: none, as it must be but in tests */
	struct control_lifetimes lifetimes;
	struct control_rotation rotation;
	struct suite_list suites;
	struct control_certificates certificates;
	struct inner_prefix inner[2]; /* where terminals in a tunnel get their addresses from */
	enum contract_route_security route_security;
	uint8_t route_security_add_level;
	enum contract_insecure insecure_access;
	bool is_identity_always_asserted;
	bool is_legacy_restored;
	uint8_t dscp;
	uint32_t requests_per_second;
	char emergency_peer[LIMIT_DOMAIN_BYTES + 1]; /* its name; empty: nobody answers */
	uint32_t emergency_count;
	char emergency[8][32];
	uint32_t max_dialog_s;
	uint32_t password_iterations;
	uint32_t flood_threshold;
	bool has_statics; /* only with unsafe-static-keys */
	struct static_terminals statics;
	struct policy_settings policy;
	char certificate_file[CONFIG_PATH_BYTES]; /* empty: no peers */
	char key_file[CONFIG_PATH_BYTES];
	char ca_file[CONFIG_PATH_BYTES];
	struct contract_address tls_listen[2];
	uint32_t peer_rekey_s, peer_hard_s, peer_probe_ms;
	uint64_t peer_soft_packets, peer_soft_bytes;
	uint32_t peer_count;
	struct peer_config *peer;
	struct control_peer *peer_text;
};

/*
 * Read the file at path; every mistake is told on report. RESULT_BAD, RESULT_IO, RESULT_MEMORY. Is
 * to be destroyed also then.
 */
SEKISHO_MUST_USE enum result control_config_read(const char *path, FILE *report,
						 struct control_config *config);
void control_config_destroy(struct control_config *config);

/* Is it one of our domains (canonical)? */
bool control_config_has_domain(const struct control_config *config, struct slice domain);
bool control_domains_have(const control_domain *domains, unsigned count, struct slice domain);

#endif
