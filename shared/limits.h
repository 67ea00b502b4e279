/* Every bound of the system on one page, with unit and reason. */
#ifndef SEKISHO_SHARED_LIMITS_H
#define SEKISHO_SHARED_LIMITS_H

/* SIP (docs/protocol.md 2). Beyond: the answer in brackets. */
#define LIMIT_SIP_MESSAGE_BYTES      16384 /* [513] what UDP carries inside ESP here */
#define LIMIT_SIP_HEADER_LINES       256   /* [400] */
#define LIMIT_SIP_VIA_ENTRIES        64    /* [400] */
#define LIMIT_SIP_METHOD_BYTES       32    /* [400] */
#define LIMIT_ROUTE_SECURITY_ENTRIES 16    /* [400] a request may leave with this many */
#define LIMIT_LEGACY_SERIES_ENTRIES  8     /* [404] towards a leg marked legacy: in sk= */
#define LIMIT_AOR_BYTES              255   /* canonical address of record, "user@host" */
#define LIMIT_DOMAIN_BYTES           253   /* RFC 1035 2.3.4 */
#define LIMIT_CONTACT_BYTES          255   /* a registered Contact URI */

/* Growth of a request at one gateway, Request-URI replacement apart (signalling 8). */
#define LIMIT_REWRITE_GROWTH_BYTES        480
#define LIMIT_REWRITE_GROWTH_LEGACY_BYTES 672 /* the same towards a leg marked legacy */

/* Identities one subscriber may use, and groups one identity may be in. */
#define LIMIT_BINDING_IDENTITIES 8
#define LIMIT_IDENTITY_GROUPS    16

/* ESP (RFC 4303 3.4.3; anchors: wider windows than bitmaps have bitten others). */
#define LIMIT_ESP_WINDOW 1024 /* packets */

/* SPI = generation (8 bits) | index (24 bits): an SA is found by one array read. */
#define LIMIT_SA_INDEX_BITS 24

/* Key exchange: a first REGISTER is at least, every message of it in UDP at most this long. */
#define LIMIT_KEYEXCHANGE_FIRST_BYTES   1200
#define LIMIT_KEYEXCHANGE_MESSAGE_BYTES 1232
#define LIMIT_KEYEXCHANGE_LONG_BYTES    LIMIT_SIP_MESSAGE_BYTES /* over TCP, and inside an SA */
#define LIMIT_SCRAM_ITERATIONS_MIN      4096
#define LIMIT_SCRAM_ITERATIONS_MAX      1000000

#endif
