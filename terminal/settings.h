/* The terminal's configuration file (docs/man/sekisho-terminal.1), read and checked. */
#ifndef SEKISHO_TERMINAL_SETTINGS_H
#define SEKISHO_TERMINAL_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "shared/config/config.h"
#include "shared/keyexchange/suites.h"
#include "shared/keyexchange/trust.h"
#include "shared/limits.h"
#include "shared/result.h"
#include "shared/sip/host.h"
#include "terminal/attach/attach.h"
#include "terminal/ua/series.h"

#define SETTINGS_PASSWORD_BYTES 256
#define SETTINGS_SOCKET_BYTES	108 /* sockaddr_un */

/* What of a call's data channel? */
enum channel_policy {
	CHANNEL_OFF,
	CHANNEL_WANTED,	  /* calls without one are good too */
	CHANNEL_REQUIRED, /* calls without one are refused, or end */
};

struct settings {
	char aor[LIMIT_AOR_BYTES + 1]; /* canonical */
	char subscriber[LIMIT_AOR_BYTES + 1];
	char domain[LIMIT_DOMAIN_BYTES + 1];
	char instance[64]; /* a URN */
	char password[SETTINGS_PASSWORD_BYTES];
	char password_file[CONFIG_PATH_BYTES];	  /* "-": standard input */
	char certificate_file[CONFIG_PATH_BYTES]; /* empty: by password */
	char key_file[CONFIG_PATH_BYTES];
	char trust_anchor_file[CONFIG_PATH_BYTES]; /* empty: the gateway has no certificate */
	char crl_file[CONFIG_PATH_BYTES];	   /* empty: no list is kept */
	char gateway_certificate_file[CONFIG_PATH_BYTES]; /* empty: the gateway shows it */
	struct signer *signer;				  /* NULL: by password */
	struct trust *trust;
	struct certificate *gateway_certificate;
	char control_socket[SETTINGS_SOCKET_BYTES];
	char key_log[CONFIG_PATH_BYTES]; /* empty: none */
	struct sip_address gateways[ATTACH_GATEWAYS];
	unsigned gateway_count;
	struct sip_address own; /* family 0: chosen by the route; the port counts */
	struct suite_list suites;
	struct series_policy policy;
	enum channel_policy channel;
	bool without_offloads; /* of the channel's: the kernel is to do all its work itself */
	uint16_t local_port;   /* for SIP clients of this machine; 0: none */
	bool wants_encap;      /* ESP in UDP 4500 even where nothing is in the way */
	bool is_refusing;
	bool is_auto_answering;
	uint32_t expires_s;
	uint64_t keep_alive_ms;
	uint64_t longest_call_ms;
};

/*
 * Reads the file at path; mistakes are told on report as file:line:column. RESULT_BAD, RESULT_IO,
 * RESULT_MEMORY. Password, certificates and keys are not read yet.
 */
SEKISHO_MUST_USE enum result settings_read(const char *path, FILE *report, struct settings *out);

/*
 * Reads the password: the first line of its file, which only its owner may read, or of standard
 * input. RESULT_IO, RESULT_DENIED, RESULT_BAD, told on report.
 */
SEKISHO_MUST_USE enum result settings_read_password(struct settings *settings, FILE *report);

/*
 * Reads what the terminal proves itself with, password or certificate and key, and whom it believes
 * to be its gateway. RESULT_IO, RESULT_DENIED, RESULT_BAD, RESULT_MEMORY, told on report.
 */
SEKISHO_MUST_USE enum result settings_read_credentials(struct settings *settings, FILE *report);

/*
 * Looks whether all that would be found, and forgets the password again; standard input is not
 * read. The same results.
 */
SEKISHO_MUST_USE enum result settings_check_credentials(struct settings *settings, FILE *report);

/* Wipes the password; it was needed to make an initiator. */
void settings_wipe(struct settings *settings);

/* And what certificates and keys were read. */
void settings_close(struct settings *settings);

#endif
