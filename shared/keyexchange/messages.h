/* What the four messages carry beyond SIP: header parameters and sealed lines, both ways. */
#ifndef SEKISHO_SHARED_KEYEXCHANGE_MESSAGES_H
#define SEKISHO_SHARED_KEYEXCHANGE_MESSAGES_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/keyexchange/certificate.h"
#include "shared/keyexchange/schedule.h"
#include "shared/keyexchange/suites.h"
#include "shared/keyexchange/x25519.h"
#include "shared/result.h"
#include "shared/sip/host.h"
#include "shared/slice.h"
#include "shared/writer.h"

#define KEYEXCHANGE_MECHANISM	     "sekisho-x25519"
#define KEYEXCHANGE_SEALED_TYPE	     "application/sekisho-sealed"
#define KEYEXCHANGE_ANONYMOUS	     "anonymous"	     /* user of who comes by certificate */
#define KEYEXCHANGE_CERTIFICATE_TYPE "application/pkix-cert" /* RFC 2585 4 */
/*
 * Longest certificates that always fit a datagram, whatever the domain (of 40 bytes at most) and the
 * addresses: the gateway's in its bare 401, the terminal's in message 3.
 */
#define KEYEXCHANGE_SHOWN_BYTES	 600
#define KEYEXCHANGE_COOKIE_CHARS     600		     /* longest Security-Cookie */

/* Smallest SPI of a terminal (RFC 4303 2.1 reserves 1 to 255). */
#define KEYEXCHANGE_SPI_MIN 0x100

/* Longest plaintext in messages 3 and 4; of a message 3 with CAs along, over TCP or inside an SA. */
#define KEYEXCHANGE_SEALED_BYTES      1024
#define KEYEXCHANGE_SEALED_LONG_BYTES 14336

/*
 * Writers write a header's value or a body; a full writer shows in it. Parsers are strict: a
 * parameter missing, twice, or of a wrong form is RESULT_BAD. Parameters and lines they do not
 * know are passed over in message 2 and 4 (the gateway may be newer), refused in 1 and 3.
 */

/* Security-Client of message 1. */
struct security_client {
	struct suite_list suites;
	uint8_t share[X25519_SHARE_BYTES];
	uint8_t nonce[SCHEDULE_NONCE_BYTES];
	struct sip_address address; /* own, with port, as the terminal sees it */
	bool wants_encap;	    /* ;encap */
	bool is_by_certificate;	    /* ;certificate: the terminal proves itself by one */
	bool wants_proof;	    /* ;gateway-proof: the gateway is to sign message 2 */
	bool knows_gateway;	    /* ;gateway-proof=HASH: with this certificate */
	uint8_t gateway[KDF_HASH_BYTES];
};

void security_client_write(struct writer *w, const struct security_client *client);
/* RESULT_BAD: *fault says what is wrong, a sentence for the operator; otherwise it is NULL. */
SEKISHO_MUST_USE enum result security_client_parse(struct slice value, struct security_client *out,
						   const char **fault);

/* Security-Server of message 2. */
struct security_server {
	enum suite suite;
	uint8_t share[X25519_SHARE_BYTES];
	uint8_t nonce[SCHEDULE_NONCE_BYTES];
	struct sip_address address; /* the terminal's, as the gateway sees it */
};

void security_server_write(struct writer *w, const struct security_server *server);
SEKISHO_MUST_USE enum result security_server_parse(struct slice value, struct security_server *out);

/* Security-Server of message 4: N4. */
void security_nonce_write(struct writer *w, const uint8_t n4[SCHEDULE_NONCE_BYTES]);
SEKISHO_MUST_USE enum result security_nonce_parse(struct slice value,
						  uint8_t n4[SCHEDULE_NONCE_BYTES]);

/* Authorization and WWW-Authenticate: SCRAM-SHA-256 [realm="...",]data="b64" (RFC 7804 5). */
void scram_authorization_write(struct writer *w, struct slice scram);
void scram_challenge_write(struct writer *w, struct slice realm, struct slice scram);

/* The data of either, decoded into buffer: RESULT_OK with the slice of it, or RESULT_BAD. */
SEKISHO_MUST_USE enum result scram_data_parse(struct slice value, void *buffer, size_t cap,
					      struct slice *out);

/* Gateway-Signature of message 2. */
void security_signature_write(struct writer *w,
			      const uint8_t signature[CERTIFICATE_SIGNATURE_BYTES]);
SEKISHO_MUST_USE enum result
security_signature_parse(struct slice value, uint8_t signature[CERTIFICATE_SIGNATURE_BYTES]);

/* Plaintext of message 3 by password. */
struct sealed_request {
	struct slice scram; /* client-final */
	uint32_t spi;	    /* the terminal receives on it, >= KEYEXCHANGE_SPI_MIN */
};

void sealed_request_write(struct writer *w, const struct sealed_request *request);
SEKISHO_MUST_USE enum result sealed_request_parse(struct slice plain, struct sealed_request *out);

/* Plaintext of message 3 by certificate; the certificate stands behind the lines as it is. */
struct sealed_certificate {
	uint8_t signature[CERTIFICATE_SIGNATURE_BYTES];
	uint32_t spi;
	struct slice certificate; /* DER */
};

void sealed_certificate_write(struct writer *w, const struct sealed_certificate *request);
SEKISHO_MUST_USE enum result sealed_certificate_parse(struct slice plain,
						      struct sealed_certificate *out);

enum keyexchange_mode { KEYEXCHANGE_TRANSPORT = 1, KEYEXCHANGE_UDP_TUNNEL };

/* Plaintext of message 4. */
struct sealed_reply {
	struct slice scram;   /* server-final; empty, and no line, by certificate */
	struct slice gateway; /* its domain */
	uint32_t spi;	      /* the gateway receives on it */
	uint8_t level;	      /* 2 or 3 */
	enum keyexchange_mode mode;
	struct sip_address inner; /* the terminal's inside the SA */
	uint32_t soft_s, hard_s;  /* lifetimes */
	uint64_t packets, bytes;  /* soft limits */
};

void sealed_reply_write(struct writer *w, const struct sealed_reply *reply);
SEKISHO_MUST_USE enum result sealed_reply_parse(struct slice plain, struct sealed_reply *out);

#endif
